//! The native backend: async-tungstenite over our own transport. Nothing is spawned; whoever polls
//! the socket drives it.

mod connection;
mod driver;
mod error;
mod event_sink;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod host;
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

use self::connection::Connection;
use self::driver::{Driver, Phase};
use self::event_sink::EventSink;
use self::opening::endpoint::Endpoint;
use self::opening::own_headers;
use self::opening::proxy;
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
    proxy::check(options.proxy.as_ref())?;
    Ok(Some(Arc::new(Prepared::new(options)?)))
}

/// What a [`Socket`](crate::Socket) holds natively: a driver behind a lock, and whom to wake.
pub(crate) struct Handle {
    driver: Mutex<Driver>,
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
        sink: Arc<EventSink>,
    ) -> Handle {
        let connection = Connection::new(transport, early, role, deflate, &options, sink);
        let phase = Phase::Open(Box::new(connection));
        let socket = Handle::from_parts(Session::accepted(), phase, options);
        socket.lock().info = info;
        socket
    }

    fn from_parts(session: Session, phase: Phase, options: Options) -> Handle {
        let wakers = Arc::<Wakers>::default();
        Handle {
            driver: Mutex::new(Driver {
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
    fn lock(&self) -> MutexGuard<'_, Driver> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, mut request: Request, stream: Option<Box<dyn Transport>>) -> Result<(), Error> {
        let mut driver = self.lock();
        let target = request.check()?;
        request.check_subprotocols()?;
        driver.options.check_features(request.required(&target))?;
        let url = Endpoint::new(&target)?;
        own_headers::to_ascii(&mut request)?;
        driver.leave();
        driver.session.open();
        driver.info = Info {
            request_url: url.to_string(),
            resource_name: url.target.clone(),
            origin: request
                .headers()
                .get("Origin")
                .or(request.origin_header())
                .map(str::to_owned),
            peer_name: url.host.to_lookup().into_owned(),
            ..Info::default()
        };
        let options = Options::clone(&driver.options);
        driver.phase = Phase::Connecting(Connecting::new(Start {
            url,
            request,
            options,
            stream,
        }));
        self.notify(driver);
        Ok(())
    }

    /// Queues a message, or a part of one that is or is not the last.
    fn queue(&self, message: Message, part: Option<bool>) -> Result<usize, Error> {
        let mut guard = self.lock();
        let driver = &mut *guard;
        let length = message.len();
        let connection = driver.sendable(length)?;
        match part {
            None if connection.wire().encoder.has_open_message() => {
                return Err(Error::wrong_state("a message is being sent in parts"));
            }
            None => connection.send(message),
            Some(is_last) => connection.send_part(message, is_last)?,
        }
        driver.write_above_high_water();
        if driver.parked {
            self.notify(guard);
        }
        Ok(length)
    }

    /// Lets the waiting tasks see what has changed.
    fn notify(&self, mut driver: MutexGuard<'_, Driver>) {
        let parked = mem::take(&mut driver.parked);
        let flushed = driver.flushing && driver.is_flushed();
        driver.flushing &= !flushed;
        drop(driver);
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
        let mut driver = self.lock();
        match driver.session.state() {
            State::Connected => {
                driver.session.begin_close(close);
            }
            State::Connecting => driver.abort(),
            State::Closing | State::Unconnected => return Ok(()),
        }
        self.notify(driver);
        Ok(())
    }

    pub(crate) fn abort(&self) {
        let mut driver = self.lock();
        driver.abort();
        self.notify(driver);
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
        let driver = &mut *guard;
        driver.sendable(payload.len())?.ping(payload.clone());
        driver.session.ping(payload, now());
        self.notify(guard);
        Ok(())
    }

    pub(crate) fn try_flush(&self) -> Result<bool, Error> {
        let mut driver = self.lock();
        let mut written = 0;
        let result = driver.poll_write(&mut written);
        self.notify(driver);
        match result {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(written > 0),
        }
    }

    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut driver = self.lock();
        self.wakers.flush.register(cx.waker());
        let result = driver.poll_write(&mut 0);
        driver.flushing = result.is_pending();
        self.notify(driver);
        result
    }

    pub(crate) fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut driver = self.lock();
        let event = driver.poll_event(&self.wakers, cx);
        if driver.flushing && driver.is_flushed() {
            driver.flushing = false;
            drop(driver);
            self.wakers.flush.wake();
        }
        event
    }

    pub(crate) fn bytes_to_write(&self) -> usize {
        match &self.lock().phase {
            Phase::Open(connection) => connection.wire().encoder.len(),
            _ => 0,
        }
    }

    pub(crate) fn messages_written(&self) -> u64 {
        self.lock().session.messages_written()
    }

    pub(crate) fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        let mut driver = self.lock();
        Arc::make_mut(&mut driver.options).read_buffer_size = bytes;
        if let Phase::Open(connection) = &mut driver.phase {
            connection.wire_mut().decoder.set_read_buffer_size(bytes);
        }
        Ok(())
    }

    pub(crate) fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        let mut driver = self.lock();
        Arc::make_mut(&mut driver.options).limits = limits;
        if let Phase::Open(connection) = &mut driver.phase {
            let wire = connection.wire_mut();
            wire.decoder.set_limits(limits);
            wire.encoder.set_frame_size(limits.max_outgoing_frame());
        }
        Ok(())
    }

    pub(crate) fn set_mask_generator(
        &self,
        generator: Option<Arc<dyn MaskGenerator>>,
    ) -> Result<(), Error> {
        let mut driver = self.lock();
        Arc::make_mut(&mut driver.options).mask_generator = generator.clone();
        if let Phase::Open(connection) = &mut driver.phase {
            connection.wire_mut().encoder.set_generator(generator);
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
