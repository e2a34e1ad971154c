//! The native backend: async-tungstenite over our own transport. Nothing is spawned; whoever polls
//! the socket drives it.

mod connection;
mod driver;
mod driving;
mod error;
mod event_sink;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod host;
mod opening;
pub(crate) mod pair;
mod permessage_deflate;
#[cfg(feature = "server")]
pub(crate) mod server;
#[cfg(not(feature = "server"))]
#[path = "native/no_server.rs"]
pub(crate) mod server;
mod timeout;
mod tls;
mod transport;
mod turn;
mod wakers;
mod wire;

use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};

use self::connection::Connection;
use self::driver::{Driver, Phase};
use self::driving::{Driven, Driving, Shared};
use self::event_sink::EventSink;
use self::opening::auth;
use self::opening::client_handshake;
pub(crate) use self::opening::client_handshake::ClientHandshake;
use self::opening::proxy;
use self::opening::redirect;
use self::opening::{Connecting, Start};
use self::tls::Prepared;
use self::transport::{Role, Transport};
use self::turn::Turn;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::negotiated::Negotiated;
use crate::options::limits::Limits;
use crate::options::{Options, check_read_buffer_size};
use crate::platform::{now, unbudgeted};
use crate::prepared_message::PreparedMessage;
use crate::request::Request;
use crate::session::{Session, check_ping};
use crate::trace::Span;

/// Prepares TLS once for all sockets with these options, and checks what only this platform can.
pub(crate) fn prepare(options: &Options) -> Result<Option<Arc<dyn Any + Send + Sync>>, Error> {
    proxy::check(options.get_proxy())?;
    let required = proxy::required(options.get_proxy());
    options.check_missing(required.difference(Handle::FEATURES))?;
    if proxy::is_https(options.get_proxy()) {
        tls::check_library(options)?;
    }
    Ok(Some(Arc::new(Prepared::new(options)?)))
}

/// The native contents of a [`Socket`](crate::Socket).
pub(crate) struct Handle(Arc<Shared>);

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
        .union(Features::PARTS)
        .union(Features::OWN_STREAM)
        .union(auth::FEATURES)
        .union(permessage_deflate::FEATURES)
        .union(proxy::FEATURES)
        .union(redirect::FEATURES)
        .union(server::FEATURES)
        .union(tls::FEATURES);

    /// Without a connection; `options` are built, or the default ones.
    pub(crate) fn new(options: Options) -> Handle {
        let (session, info) = (Session::default(), Info::default());
        Handle::over(Driver::new(session, Phase::Idle, info, options))
    }

    /// A connection whose opening handshake is done.
    pub(crate) fn established(
        transport: Box<dyn Transport>,
        negotiated: Negotiated,
        options: Options,
        sink: Arc<EventSink>,
    ) -> Handle {
        let Negotiated {
            role,
            deflate,
            info,
            early,
        } = negotiated;
        let span = sink.span.clone();
        let connection = Connection::new(transport, early, role, deflate, &options, sink);
        let phase = Phase::Open(Box::new(connection));
        // Only TCP of ours has addresses.
        let is_own_stream = info.local_address().is_none() && info.peer_address().is_none();
        let mut driver = Driver::new(Session::accepted(), phase, info, options);
        driver.span = span;
        driver.calls_unlocked = is_own_stream;
        Handle::over(driver)
    }

    /// A connection over the application's own stream, whose opening handshake somebody else has
    /// done; `options` are built.
    pub(crate) fn upgraded<S>(
        stream: S,
        negotiated: Negotiated,
        options: Options,
    ) -> Result<Handle, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let span = Span::connection(negotiated.role(), || negotiated.info().peer_name());
        let sink = Arc::new(EventSink::new(span));
        let handle = Handle::established(Box::new(stream), negotiated, options, sink);
        handle.lock().calls_unlocked = true;
        Ok(handle)
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

    fn over(driver: Driver) -> Handle {
        Handle(Arc::new(Shared::new(driver)))
    }

    fn lock(&self) -> Driving<'_> {
        self.0.lock()
    }

    fn start(&self, mut request: Request, stream: Option<Box<dyn Transport>>) -> Result<(), Error> {
        let options = self.options();
        let url = client_handshake::check(&mut request, &options)?;
        let asks_proxy = stream.is_none();
        if url.secure || (asks_proxy && proxy::is_https(options.get_proxy())) {
            tls::check_library(&options)?;
        }
        let span = Span::connection(Role::Client, || url.authority());
        let mut driver = self.lock();
        driver.leave();
        let info = Info::from(client_handshake::facts(&url, &request));
        driver.calls_unlocked = stream.is_some();
        let options = driver.options.clone();
        let attempt = Connecting::new(Start {
            url,
            request,
            options,
            stream,
        });
        driver.connecting(attempt, info, span);
        driver.wake_events();
        Ok(())
    }

    /// Queues what has a payload of this length, and writes it if it is to go at once and nothing is
    /// in front of it.
    fn queue(
        &self,
        length: usize,
        at_once: bool,
        push: impl FnOnce(&mut Connection) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let mut driver = self.lock();
        driver.prepare_mask();
        let connection = driver.sendable(length)?;
        let encoder = &connection.wire().encoder;
        let is_first = at_once && encoder.is_empty();
        // A message that finds the queue empty waits as a whole, however long it is, as in Qt.
        let writes = encoder.is_above_high_water();
        push(connection)?;
        if is_first && driver.write_first() {
            return Ok(length);
        }
        if writes {
            // An error is met again by whoever polls.
            let _ = driver.write();
        }
        driver.wake_events();
        Ok(length)
    }

    pub(crate) fn close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        self.0.close(close);
        Ok(())
    }

    pub(crate) fn abort(&self) {
        self.0.abort();
    }

    pub(crate) fn send(&self, message: Message) -> Result<usize, Error> {
        self.queue(message.len(), false, |connection| {
            check_whole(connection)?;
            connection.send(message);
            Ok(())
        })
    }

    pub(crate) fn send_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.queue_prepared(prepared, false)
    }

    pub(crate) fn write_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.queue_prepared(prepared, true)
    }

    fn queue_prepared(&self, prepared: &PreparedMessage, at_once: bool) -> Result<usize, Error> {
        self.queue(prepared.message().len(), at_once, |connection| {
            check_whole(connection)?;
            connection.send_prepared(prepared);
            Ok(())
        })
    }

    pub(crate) fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.queue(part.len(), false, |connection| {
            connection.send_part(part, is_last)
        })
    }

    pub(crate) fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        let mut driver = self.lock();
        driver.prepare_mask();
        driver.sendable(payload.len())?.ping(payload.clone());
        driver.session.ping(payload, now());
        driver.wake_events();
        Ok(())
    }

    pub(crate) fn try_flush(&self) -> Result<bool, Error> {
        let mut driver = self.lock();
        driver.queue_close();
        let (written, result) = driver.write();
        driver.wake_events();
        result.map(|()| written > 0)
    }

    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let flushes = &self.0.wakers.flushes;
        loop {
            let seen = flushes.begin();
            let mut driver = self.lock();
            match driver.flush() {
                Driven::Ready(result) => return Poll::Ready(result),
                Driven::Yield => {
                    drop(driver);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Driven::Pending => driver.is_flushed_for = true,
            }
            drop(driver);
            if flushes.wait(cx.waker(), seen) {
                return Poll::Pending;
            }
        }
    }

    pub(crate) fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let events = &self.0.wakers.events;
        loop {
            let seen = events.begin();
            let mut driver = self.lock();
            match driver.next_event(true) {
                Driven::Ready(event) => return Poll::Ready(event),
                Driven::Yield => {
                    drop(driver);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Driven::Pending => driver.is_awaited = true,
            }
            drop(driver);
            if events.wait(cx.waker(), seen) {
                return Poll::Pending;
            }
        }
    }

    pub(crate) fn try_next_event(&self) -> Option<Event> {
        let mut driver = self.lock();
        driver.turn = Turn::of_a_call();
        match unbudgeted(|| driver.next_event(false)) {
            Driven::Ready(event) => event,
            Driven::Pending | Driven::Yield => None,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lock().session.is_over()
    }

    pub(crate) fn bytes_to_write(&self) -> usize {
        self.lock()
            .connection_mut()
            .map_or(0, |connection| connection.wire().encoder.len())
    }

    pub(crate) fn messages_written(&self) -> u64 {
        let mut driver = self.lock();
        driver.report_written();
        driver.session.messages_written()
    }

    pub(crate) fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        let mut driver = self.lock();
        driver.options.set_read_buffer_size(bytes);
        if let Some(connection) = driver.connection_mut() {
            connection.wire_mut().decoder.set_read_buffer_size(bytes);
        }
        Ok(())
    }

    pub(crate) fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        let mut driver = self.lock();
        let messages = driver.options.get_messages();
        let limits = match driver.connection_mut().map(|c| c.role()) {
            Some(Role::Server) => limits.of_accepted(messages),
            _ => limits,
        };
        driver.options.set_limits(limits);
        if let Some(connection) = driver.connection_mut() {
            let wire = connection.wire_mut();
            wire.decoder.set_limits(limits);
            wire.encoder.set_frame_size(limits.get_outgoing_frame());
        }
        Ok(())
    }

    pub(crate) fn set_mask_generator(
        &self,
        generator: Option<Arc<dyn MaskGenerator>>,
    ) -> Result<(), Error> {
        // The last one is dropped when nothing is locked.
        let mut stale = Vec::new();
        let mut driver = self.lock();
        stale.extend(driver.options.set_mask_generator(generator.clone()));
        if let Some(connection) = driver.connection_mut() {
            let encoder = &mut connection.wire_mut().encoder;
            stale.extend(encoder.set_generator(generator));
        }
        drop(driver);
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

    pub(crate) fn peer_close(&self) -> Option<Close> {
        self.lock().session.peer_close().cloned()
    }

    pub(crate) fn options(&self) -> Options {
        self.lock().options.clone()
    }
}

/// Checks that a whole message may be queued.
fn check_whole(connection: &Connection) -> Result<(), Error> {
    match connection.wire().encoder.has_open_message() {
        true => Err(Error::wrong_state("a message is being sent in parts")),
        false => Ok(()),
    }
}

impl Default for Handle {
    fn default() -> Handle {
        Handle::new(Options::new())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.lock().leave();
    }
}
