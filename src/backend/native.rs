//! The native backend: async-tungstenite over our own transport. Nothing is spawned; whoever polls
//! the socket drives it.

mod auth;
mod clock;
mod connect;
mod core;
mod dial;
mod extensions;
mod handshake;
mod hints;
mod http;
mod link;
mod proxy;
mod pulse;
mod redirect;
mod runtime;
mod server;
mod tls;
mod told;
mod url;
#[cfg(test)]
mod virtual_time;
mod wakers;
mod wire;

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use bytestring::ByteString;
use futures::{AsyncRead, AsyncWrite};

use self::connect::{Connecting, Start};
use self::core::{Core, Phase};
use self::extensions::Deflate;
use self::link::Link;
use self::told::Told;
use self::url::Url;
use self::wakers::Wakers;
use self::wire::{Role, Transport};
use crate::options::check_read_buffer_size;
use crate::session::{Session, check_ping};
use crate::{
    Close, Error, Event, Features, Info, Limits, MaskGenerator, Message, Options, Request, State,
    WebSocket,
};

pub(crate) use self::clock::now;
pub(crate) use self::hints::Hints;
pub(crate) use self::runtime::{Sleep, sleep};
pub use self::server::{Accepting, Incoming, Listener};
pub(crate) use self::tls::{Prepared, certificate_from_der, certificate_from_pem};
#[cfg(fuzzing)]
pub use self::wire::fuzzing;

pub(crate) const SHOWS_ANSWERS: bool = true;

/// What a socket must be so that its futures can move between threads: `Send`.
///
/// # Platform-specific
///
/// In a browser everything is `MaybeSend`.
pub trait MaybeSend: Send {}

impl<T: Send + ?Sized> MaybeSend for T {}

pub(crate) fn share_text(text: String) -> ByteString {
    text.into()
}

pub(crate) fn share_bytes(data: Vec<u8>) -> Bytes {
    data.into()
}

/// A number that nobody can guess.
pub(crate) fn random() -> u64 {
    rand::random()
}

/// The [`WebSocket`] of this platform.
///
/// Dropping it while connected sends a close frame with code 1001, as far as it can be written at
/// once, and ends the connection.
///
/// # Platform-specific
///
/// Natively `Send` and `Sync`; in a browser neither, and dropping closes with code 1000, since a
/// browser may not send 1001.
pub struct Socket {
    core: Mutex<Core>,
    wakers: Arc<Wakers>,
}

impl Socket {
    /// What works on this platform with the features that are compiled in.
    pub const FEATURES: Features = Features::PING
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

    /// A socket with default options.
    pub fn new() -> Socket {
        Socket::from_parts(Session::default(), Phase::Idle, Options::new())
    }

    /// A socket with these options.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    pub fn with_options(options: Options) -> Result<Socket, Error> {
        let options = options.build()?;
        Ok(Socket::from_parts(Session::default(), Phase::Idle, options))
    }

    /// Opens a connection over a stream of the application's own, such as a Unix socket or a tunnel
    /// that is there already, instead of TCP; the rest is as for [`open`](WebSocket::open). With
    /// `wss` TLS runs over it. No proxy is asked, there are no addresses, and what would need
    /// another connection, some redirects and ways of authentication, fails.
    ///
    /// # Errors
    ///
    /// As [`open`](WebSocket::open).
    ///
    /// # Platform-specific
    ///
    /// Browsers connect by themselves: [`Features::OWN_STREAM`].
    pub fn open_over<S>(&self, stream: S, request: impl Into<Request>) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.start(request.into(), Some(Box::new(stream)))
    }

    /// The server's side of a connection whose handshake is done.
    fn accepted(
        transport: Box<dyn Transport>,
        early: Vec<u8>,
        deflate: Option<Deflate>,
        info: Info,
        options: Options,
        told: Arc<Told>,
    ) -> Socket {
        let link = Link::new(transport, early, Role::Server, deflate, &options, told);
        let phase = Phase::Linked(Box::new(link));
        let socket = Socket::from_parts(Session::accepted(), phase, options);
        socket.lock().info = info;
        socket
    }

    fn from_parts(session: Session, phase: Phase, options: Options) -> Socket {
        let wakers = Arc::<Wakers>::default();
        Socket {
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

impl WebSocket for Socket {
    fn open(&self, request: Request) -> Result<(), Error> {
        self.start(request, None)
    }

    fn close(&self, close: Close) -> Result<(), Error> {
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

    fn abort(&self) {
        let mut core = self.lock();
        core.abort();
        self.notify(core);
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        self.queue(message, None)
    }

    fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.queue(part, Some(is_last))
    }

    fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        let mut guard = self.lock();
        let core = &mut *guard;
        core.sendable(payload.len())?.ping(payload.clone());
        core.session.ping(payload, now());
        self.notify(guard);
        Ok(())
    }

    fn try_flush(&self) -> Result<bool, Error> {
        let mut core = self.lock();
        let mut written = 0;
        let result = core.poll_write(&mut written);
        self.notify(core);
        match result {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(written > 0),
        }
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut core = self.lock();
        self.wakers.flush.register(cx.waker());
        let result = core.poll_write(&mut 0);
        core.flushing = result.is_pending();
        self.notify(core);
        result
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut core = self.lock();
        let event = core.poll_event(&self.wakers, cx);
        if core.flushing && core.is_flushed() {
            core.flushing = false;
            drop(core);
            self.wakers.flush.wake();
        }
        event
    }

    fn bytes_to_write(&self) -> usize {
        match &self.lock().phase {
            Phase::Linked(link) => link.wire().outgoing.len(),
            _ => 0,
        }
    }

    fn messages_written(&self) -> u64 {
        self.lock().session.messages_written()
    }

    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        let mut core = self.lock();
        Arc::make_mut(&mut core.options).read_buffer_size = bytes;
        if let Phase::Linked(link) = &mut core.phase {
            link.wire_mut().incoming.set_read_buffer_size(bytes);
        }
        Ok(())
    }

    fn set_limits(&self, limits: Limits) -> Result<(), Error> {
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

    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        let mut core = self.lock();
        Arc::make_mut(&mut core.options).mask_generator = generator.clone();
        if let Phase::Linked(link) = &mut core.phase {
            link.wire_mut().outgoing.set_generator(generator);
        }
        Ok(())
    }

    fn state(&self) -> State {
        self.lock().session.state()
    }

    fn info(&self) -> Info {
        self.lock().info.clone()
    }

    fn last_error(&self) -> Option<Error> {
        self.lock().session.error().cloned()
    }

    fn closed(&self) -> Option<Close> {
        self.lock().session.closed().cloned()
    }

    fn options(&self) -> Arc<Options> {
        self.lock().options.clone()
    }

    fn features(&self) -> Features {
        Socket::FEATURES
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.lock().leave();
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let core = self.lock();
        f.debug_struct("Socket")
            .field("state", &core.session.state())
            .field("url", &core.info.request_url)
            .finish_non_exhaustive()
    }
}
