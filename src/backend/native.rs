//! The native backend: async-tungstenite over our own transport. Nothing is spawned; whoever polls
//! the socket drives it.

mod clock;
mod connect;
mod extensions;
mod handshake;
mod http;
mod link;
mod runtime;
mod server;
mod tls;
mod url;
mod wakers;
mod wire;

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::FutureExt;

use self::clock::Clock;
use self::connect::{Connecting, Established};
use self::extensions::Deflate;
use self::link::{Link, Step, io_error};
use self::url::Url;
use self::wakers::Wakers;
use self::wire::{Role, Transport};
use crate::options::check_read_buffer_size;
use crate::session::Session;
use crate::{
    Close, CloseCode, Error, ErrorKind, Event, Features, Info, Limits, MaskGenerator, Message,
    Options, Request, State, WebSocket,
};

pub use self::server::{Accepting, Incoming, Listener};

/// What a socket must be so that its futures can move between threads: `Send`.
///
/// # Platform-specific
///
/// In a browser everything is `MaybeSend`.
pub trait MaybeSend: Send {}

impl<T: Send + ?Sized> MaybeSend for T {}

/// The longest payload of a ping (RFC 6455 §5.5).
const MAX_PING: usize = 125;

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

struct Core {
    session: Session,
    phase: Phase,
    options: Arc<Options>,
    info: Info,
    clock: Clock,
    /// The waker that the transport gets.
    waker: Waker,
    /// A task waits for events.
    parked: bool,
    /// A task waits for the queue to be written.
    flushing: bool,
}

enum Phase {
    Idle,
    Connecting(Connecting),
    Linked(Box<Link>),
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

    /// What only this platform can tell of options whose features it has.
    pub(crate) fn check(options: &Options) -> Result<(), Error> {
        tls::check(&options.tls)
    }

    /// The server's side of a connection whose handshake is done.
    fn accepted(
        transport: Box<dyn Transport>,
        early: Vec<u8>,
        deflate: Option<Deflate>,
        info: Info,
        options: Options,
    ) -> Socket {
        let link = Link::new(transport, early, Role::Server, deflate, &options);
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
                clock: Clock::new(),
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

    /// Queues a message, or a part of one that is or is not the last.
    fn queue(&self, message: Message, part: Option<bool>) -> Result<usize, Error> {
        let mut guard = self.lock();
        let core = &mut *guard;
        core.session.check_sendable()?;
        let link = core.phase.link_mut()?;
        let outgoing = &link.wire().outgoing;
        let length = message.len();
        if let Some(bound) = core.options.write_queue
            && !outgoing.is_empty()
            && outgoing.len() + outgoing.wire_size(length) > bound
        {
            return Err(ErrorKind::QueueFull.into());
        }
        match part {
            None if outgoing.has_open_message() => {
                return Err(Error::wrong_state("a message is being sent in parts"));
            }
            None => link.send(message),
            Some(is_last) => link.send_part(message, is_last),
        }
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
        let mut core = self.lock();
        let target = request.check()?;
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
        core.phase = Phase::Connecting(Connecting::new(url, request, options));
        self.notify(core);
        Ok(())
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
        if payload.len() > MAX_PING {
            return Err(Error::invalid_input(
                "the payload of a ping is over 125 bytes (RFC 6455 §5.5)",
            ));
        }
        let mut guard = self.lock();
        let core = &mut *guard;
        core.session.check_sendable()?;
        core.phase.link_mut()?.ping(payload.clone());
        core.session.ping(payload, core.clock.now());
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

impl Core {
    fn poll_event(&mut self, wakers: &Wakers, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.parked = false;
        loop {
            if let Some(event) = self.session.next_event() {
                return Poll::Ready(Some(event));
            }
            let step = match &mut self.phase {
                Phase::Idle => return Poll::Ready(None),
                Phase::Connecting(connecting) => {
                    wakers.events.register(cx.waker());
                    let mut cx = Context::from_waker(&self.waker);
                    let result = connecting.poll_unpin(&mut cx);
                    self.session.bytes_written(connecting.take_written());
                    match result {
                        Poll::Ready(result) => {
                            self.connected(result);
                            Step::Progress
                        }
                        Poll::Pending if self.session.has_events() => Step::Progress,
                        Poll::Pending => Step::Pending,
                    }
                }
                Phase::Linked(link) => {
                    link.keep_time(&self.session, &self.options);
                    if self.session.take_farewell() {
                        link.farewell(self.session.closed());
                    }
                    if link.decode(&mut self.session, &self.clock) {
                        continue;
                    }
                    wakers.events.register(cx.waker());
                    link.exchange(&mut self.session, &mut Context::from_waker(&self.waker))
                }
            };
            match step {
                Step::Progress => {}
                Step::Over => self.phase = Phase::Idle,
                Step::Pending => {
                    self.parked = true;
                    return Poll::Pending;
                }
            }
        }
    }

    /// An attempt to connect ended.
    fn connected(&mut self, result: Result<Established, Error>) {
        match result {
            Ok(established) => {
                let opened = established.opened;
                self.info.subprotocol = opened.subprotocol;
                self.info.extensions = opened.extensions;
                self.info.headers = opened.headers;
                self.info.local_address = established.local_address;
                self.info.peer_address = established.peer_address;
                let link = Link::new(
                    established.transport,
                    opened.early,
                    Role::Client,
                    opened.deflate,
                    &self.options,
                );
                self.phase = Phase::Linked(Box::new(link));
                self.session.connected();
            }
            Err(error) => {
                self.phase = Phase::Idle;
                self.session.failed(error);
            }
        }
    }

    /// Writes what is queued, without reading.
    fn poll_write(&mut self, written: &mut usize) -> Poll<Result<(), Error>> {
        let Phase::Linked(link) = &mut self.phase else {
            return Poll::Ready(Ok(()));
        };
        self.session.end_last_words();
        if self.session.take_farewell() {
            link.farewell(self.session.closed());
        }
        let mut cx = Context::from_waker(&self.waker);
        link.poll_write(&mut self.session, &mut cx, written)
            .map_err(io_error)
    }

    fn is_flushed(&self) -> bool {
        match &self.phase {
            Phase::Linked(link) => link.wire().outgoing.is_empty(),
            _ => true,
        }
    }

    fn abort(&mut self) {
        if self.session.abort() {
            self.phase = Phase::Idle;
        }
    }

    /// Leaves the connection, or the attempt at one, without waiting for anybody: for a socket
    /// that is dropped or opened anew.
    fn leave(&mut self) {
        match self.session.state() {
            State::Unconnected => {}
            State::Connecting => self.abort(),
            State::Connected | State::Closing => {
                let close = Close::new(CloseCode::GOING_AWAY, "Connection closed");
                self.session.begin_close(close);
                // Whatever cannot be written at once is lost, and so is an error.
                let _ = self.poll_write(&mut 0);
                if let Phase::Linked(link) = &mut self.phase {
                    let mut cx = Context::from_waker(Waker::noop());
                    let _ = link.wire_mut().poll_shutdown(&mut cx);
                }
                self.session.finished();
                self.phase = Phase::Idle;
            }
        }
    }
}

impl Phase {
    fn link_mut(&mut self) -> Result<&mut Link, Error> {
        match self {
            Phase::Linked(link) => Ok(link),
            _ => Err(ErrorKind::WrongState.into()),
        }
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
