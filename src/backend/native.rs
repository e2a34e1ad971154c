//! The native backend: async-tungstenite over our own transport. Nothing is spawned; whoever polls
//! the socket drives it.

mod connection;
mod driver;
mod error;
mod event_sink;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod opening;
mod permessage_deflate;
pub(crate) mod server;
mod timeout;
mod tls;
mod transport;
mod wakers;
mod wire;

use std::any::Any;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};

use self::connection::Link;
use self::driver::{Core, Phase};
use self::event_sink::Told;
use self::opening::endpoint::Url;
use self::opening::{Connecting, Start};
use self::permessage_deflate::Deflate;
use self::tls::Prepared;
use self::transport::{Role, Transport};
use self::wakers::Wakers;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::Options;
use crate::options::check_read_buffer_size;
use crate::options::limits::Limits;
use crate::platform::now;
use crate::request::Request;
use crate::session::{Session, check_ping};

/// What is made of options once: TLS. Also checks what only this platform can.
pub(crate) fn prepare(options: &Options) -> Result<Option<Arc<dyn Any + Send + Sync>>, Error> {
    Ok(Some(Arc::new(Prepared::new(options)?)))
}

/// What a [`Socket`](crate::Socket) holds natively: a driver behind a lock, and whom to wake.
pub(crate) struct Handle {
    core: Mutex<Core>,
    wakers: Arc<Wakers>,
}

impl Handle {
    pub(crate) const FEATURES: Features = Features::PING
        .union(Features::FRAMES)
        .union(Features::OUTGOING_FRAME)
        .union(Features::INCOMING_FRAME)
        .union(Features::MASKS)
        .union(Features::HEADERS)
        .union(Features::ORIGIN)
        .union(Features::CLOSE_CODES)
        .union(Features::READ_BUFFER)
        .union(Features::ADDRESSES)
        .union(Features::SERVER)
        .union(Features::PARTS)
        .union(Features::COMPRESSION)
        .union(Features::AUTHENTICATION)
        .union(Features::PROXY)
        .union(Features::REDIRECTS)
        .union(Features::OWN_STREAM)
        .union(tls::FEATURES);

    /// Without a connection; `options` are built, or the default ones.
    pub(crate) fn new(options: Options) -> Handle {
        Handle::from_parts(Session::default(), Phase::Idle, options)
    }

    /// A connection whose opening handshake is done.
    pub(crate) fn established(
        transport: Box<dyn Transport>,
        early: Vec<u8>,
        role: Role,
        deflate: Option<Deflate>,
        info: Info,
        options: Options,
        told: Arc<Told>,
    ) -> Handle {
        let link = Link::new(transport, early, role, deflate, &options, told);
        let phase = Phase::Linked(Box::new(link));
        let socket = Handle::from_parts(Session::accepted(), phase, options);
        socket.lock().info = info;
        socket
    }

    fn from_parts(session: Session, phase: Phase, options: Options) -> Handle {
        let wakers = Arc::<Wakers>::default();
        Handle {
            core: Mutex::new(Core {
                session,
                phase,
                options: Arc::new(options),
                info: Info::default(),
                waker: wakers.waker(),
                parked: false,
                flushing: false,
            }),
            wakers,
        }
    }

    pub(crate) fn open(&self, request: Request) -> Result<(), Error> {
        self.start(request, None)
    }

    pub(crate) fn open_over<S>(&self, stream: S, request: Request) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.start(request, Some(Box::new(stream)))
    }

    /// No invariant of the core is broken when user code below it panics: a mask generator, a
    /// transport.
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, request: Request, stream: Option<Box<dyn Transport>>) -> Result<(), Error> {
        let mut core = self.lock();
        let target = request.check()?;
        request.check_subprotocols()?;
        core.options.check_features(request.required(&target))?;
        let url = Url::new(&target)?;
        core.leave();
        core.session.open();
        core.info = Info {
            request_url: url.to_string(),
            resource_name: url.target.clone(),
            origin: request
                .headers()
                .get("Origin")
                .or(request.origin_header())
                .map(str::to_owned),
            peer_name: url.host.clone(),
            ..Info::default()
        };
        let options = Options::clone(&core.options);
        core.phase = Phase::Connecting(Connecting::new(Start {
            url,
            request,
            options,
            stream,
        }));
        self.notify(core);
        Ok(())
    }

    /// Queues a message, or a part of one that is or is not the last.
    fn queue(&self, message: Message, part: Option<bool>) -> Result<usize, Error> {
        let mut guard = self.lock();
        let core = &mut *guard;
        let length = message.len();
        let link = core.sendable(length)?;
        match part {
            None if link.wire().outgoing.has_open_message() => {
                return Err(Error::wrong_state("a message is being sent in parts"));
            }
            None => link.send(message),
            Some(is_last) => link.send_part(message, is_last)?,
        }
        core.write_ripe();
        if core.parked {
            self.notify(guard);
        }
        Ok(length)
    }

    /// Lets the waiting tasks see what has changed.
    fn notify(&self, mut core: MutexGuard<'_, Core>) {
        let parked = mem::take(&mut core.parked);
        let flushed = core.flushing && core.is_flushed();
        core.flushing &= !flushed;
        drop(core);
        if parked {
            self.wakers.events.wake();
        }
        if flushed {
            self.wakers.flush.wake();
        }
    }
}

impl Handle {
    pub(crate) fn close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        let mut core = self.lock();
        match core.session.state() {
            State::Connected => {
                core.session.begin_close(close);
            }
            State::Connecting => core.abort(),
            State::Closing | State::Unconnected => return Ok(()),
        }
        self.notify(core);
        Ok(())
    }

    pub(crate) fn abort(&self) {
        let mut core = self.lock();
        core.abort();
        self.notify(core);
    }

    pub(crate) fn send(&self, message: Message) -> Result<usize, Error> {
        self.queue(message, None)
    }

    pub(crate) fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.queue(part, Some(is_last))
    }

    pub(crate) fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        let mut guard = self.lock();
        let core = &mut *guard;
        core.sendable(payload.len())?.ping(payload.clone());
        core.session.ping(payload, now());
        self.notify(guard);
        Ok(())
    }

    pub(crate) fn try_flush(&self) -> Result<bool, Error> {
        let mut core = self.lock();
        let mut written = 0;
        let result = core.poll_write(&mut written);
        self.notify(core);
        match result {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(written > 0),
        }
    }

    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut core = self.lock();
        self.wakers.flush.register(cx.waker());
        let result = core.poll_write(&mut 0);
        core.flushing = result.is_pending();
        self.notify(core);
        result
    }

    pub(crate) fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut core = self.lock();
        let event = core.poll_event(&self.wakers, cx);
        if core.flushing && core.is_flushed() {
            core.flushing = false;
            drop(core);
            self.wakers.flush.wake();
        }
        event
    }

    pub(crate) fn bytes_to_write(&self) -> usize {
        match &self.lock().phase {
            Phase::Linked(link) => link.wire().outgoing.len(),
            _ => 0,
        }
    }

    pub(crate) fn messages_written(&self) -> u64 {
        self.lock().session.messages_written()
    }

    pub(crate) fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        let mut core = self.lock();
        Arc::make_mut(&mut core.options).read_buffer_size = bytes;
        if let Phase::Linked(link) = &mut core.phase {
            link.wire_mut().incoming.set_read_buffer_size(bytes);
        }
        Ok(())
    }

    pub(crate) fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        let mut core = self.lock();
        Arc::make_mut(&mut core.options).limits = limits;
        if let Phase::Linked(link) = &mut core.phase {
            let wire = link.wire_mut();
            wire.incoming.set_limits(limits);
            wire.outgoing.set_frame_size(limits.max_outgoing_frame());
        }
        Ok(())
    }

    pub(crate) fn set_mask_generator(
        &self,
        generator: Option<Arc<dyn MaskGenerator>>,
    ) -> Result<(), Error> {
        let mut core = self.lock();
        Arc::make_mut(&mut core.options).mask_generator = generator.clone();
        if let Phase::Linked(link) = &mut core.phase {
            link.wire_mut().outgoing.set_generator(generator);
        }
        Ok(())
    }

    pub(crate) fn state(&self) -> State {
        self.lock().session.state()
    }

    pub(crate) fn info(&self) -> Info {
        self.lock().info.clone()
    }

    pub(crate) fn last_error(&self) -> Option<Error> {
        self.lock().session.error().cloned()
    }

    pub(crate) fn closed(&self) -> Option<Close> {
        self.lock().session.closed().cloned()
    }

    pub(crate) fn options(&self) -> Arc<Options> {
        self.lock().options.clone()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.lock().leave();
    }
}
