//! The top: what applications hold, over the backend of this platform.
//!
//! # Contract
//!
//! A backend exports, with the same signatures on every platform:
//!
//! - `Handle`, which has each method of [`WebSocket`](crate::WebSocket) and
//!   - `const FEATURES: Features`,
//!   - `new(Options) -> Handle`, from options that are built or the default ones,
//!   - `is_over() -> bool`, whether no event will come before the next `open`,
//!   - `open_over(stream, Request) -> Result<(), Error>`;
//! - `prepare(&Options) -> Result<Option<Arc<dyn Any + Send + Sync>>, Error>`: what is made of
//!   options once. It also checks what only this platform can;
//! - `server`, the server's side:
//!   - `Acceptor`, with `bind(&str, &Options)`, `local_address` and `poll_accept`,
//!   - `Reading`, the future of a handshake, with `new(stream, Options)`,
//!   - `UpgradeRequest`, with `info`, `subprotocols`, `accept` and `refuse`.
//!
//! It keeps the order of events by feeding a [`Session`](crate::session::Session) and adds no event
//! of its own. What it cannot do it leaves out of `FEATURES` and answers with
//! [`Unsupported`](crate::ErrorKind::Unsupported).
//!
//! Beside `platform.rs` this is the only file that names the platform.

mod connect;
#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod web;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite, FutureExt, Stream};

#[cfg(not(target_family = "wasm"))]
use self::native as imp;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use self::web as imp;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::grammar::without_secrets;
use crate::headers::Headers;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::platform::MaybeSend;
use crate::request::Request;
use crate::socket::WebSocket;
use crate::tls::info::TlsInfo;

/// The [`WebSocket`] of this platform.
///
/// Dropping it while connected sends a close frame with code 1001, as far as it can be written at
/// once, and ends the connection.
///
/// # Platform-specific
///
/// Natively `Send` and `Sync`; in a browser neither, and dropping closes with code 1000, since a
/// browser may not send 1001. [`open`](WebSocket::open) does the same to the connection before.
pub struct Socket(imp::Handle);

impl Socket {
    /// What works on this platform with the features that are compiled in.
    pub const FEATURES: Features = imp::Handle::FEATURES;

    /// A socket with default options.
    pub fn new() -> Socket {
        Socket(imp::Handle::new(Options::new()))
    }

    /// A socket with these options.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    pub fn with_options(options: Options) -> Result<Socket, Error> {
        Ok(Socket(imp::Handle::new(options.build()?)))
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
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        self.0.open_over(stream, request.into())
    }

    /// The server's side of a connection over any stream: a Unix socket, a tunnel, TLS that is
    /// already there. With an [identity](crate::TlsConfig::identity) for TLS, that comes first.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    ///
    /// # Platform-specific
    ///
    /// A browser cannot serve: [`Features::SERVER`].
    pub fn accept<S>(stream: S, options: Options) -> Result<Accepting, Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        imp::server::Reading::new(stream, options.build()?).map(Accepting)
    }
}

impl Socket {
    fn is_over(&self) -> bool {
        self.0.is_over()
    }
}

impl WebSocket for Socket {
    fn open(&self, request: Request) -> Result<(), Error> {
        self.0.open(request)
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        self.0.close(close)
    }

    fn abort(&self) {
        self.0.abort();
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        self.0.send(message)
    }

    fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.0.send_part(part, is_last)
    }

    fn ping(&self, payload: Bytes) -> Result<(), Error> {
        self.0.ping(payload)
    }

    fn try_flush(&self) -> Result<bool, Error> {
        self.0.try_flush()
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_flush(cx)
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_event(cx)
    }

    fn try_next_event(&self) -> Option<Event> {
        self.0.try_next_event()
    }

    fn bytes_to_write(&self) -> usize {
        self.0.bytes_to_write()
    }

    fn messages_written(&self) -> u64 {
        self.0.messages_written()
    }

    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        self.0.set_read_buffer_size(bytes)
    }

    fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        self.0.set_limits(limits)
    }

    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        self.0.set_mask_generator(generator)
    }

    fn state(&self) -> State {
        self.0.state()
    }

    fn info(&self) -> Info {
        self.0.info()
    }

    fn last_error(&self) -> Option<Error> {
        self.0.last_error()
    }

    fn closed(&self) -> Option<Close> {
        self.0.closed()
    }

    fn peer_close(&self) -> Option<Close> {
        self.0.peer_close()
    }

    fn options(&self) -> Options {
        self.0.options()
    }

    fn features(&self) -> Features {
        Socket::FEATURES
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("state", &self.state())
            .field("url", &without_secrets(self.info().request_url()))
            .finish_non_exhaustive()
    }
}

/// Accepts TCP connections, as a `Stream` of opening handshakes: Qt's `QWebSocketServer`.
///
/// ```no_run
/// # async fn example() -> Result<(), qwebsocket::Error> {
/// use futures::StreamExt;
/// use qwebsocket::{Event, Listener, WebSocket, WebSocketExt};
///
/// let mut listener = Listener::bind("127.0.0.1:9000").await?;
/// while let Some(accepting) = listener.next().await {
///     // Each in a task of its own, so that a slow client holds up nobody.
///     let echo = async {
///         let socket = accepting?.await?.accept(None).await?;
///         while let Some(event) = socket.next_event().await {
///             if let Event::Message(message) = event {
///                 socket.send(message)?;
///             }
///         }
///         Ok::<(), qwebsocket::Error>(())
///     };
/// #   let _ = echo;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Platform-specific
///
/// A browser cannot listen: [`Features::SERVER`].
pub struct Listener {
    acceptor: imp::server::Acceptor,
    options: Options,
}

impl Listener {
    /// Listens at an IP address with a port, such as `127.0.0.1:9000` or `[::1]:9000`; port 0 is
    /// any free one. An IPv6 address may have a zone, by number or name: `[fe80::1%eth0]:9000`.
    /// Names are not resolved.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no address,
    /// [`Connection`](crate::ErrorKind::Connection) when the system refuses.
    pub async fn bind(address: &str) -> Result<Listener, Error> {
        Listener::bind_with(address, Options::new()).await
    }

    /// [`bind`](Self::bind), with the options of the sockets that will be accepted. With an
    /// [identity](crate::TlsConfig::identity) for TLS, it listens for `wss`.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind) and [`Options::build`].
    pub async fn bind_with(address: &str, options: Options) -> Result<Listener, Error> {
        let options = options.build()?;
        let acceptor = imp::server::Acceptor::bind(address, &options).await?;
        Ok(Listener { acceptor, options })
    }

    /// The address, with the port that was chosen.
    pub fn local_address(&self) -> SocketAddr {
        self.acceptor.local_address()
    }
}

/// Never ends. An error concerns one connection, or tells that descriptors ran out; then the next
/// connection is accepted after 100 ms. Go on in both cases.
impl Stream for Listener {
    type Item = Result<Accepting, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Listener { acceptor, options } = &mut *self;
        let accepted = ready!(acceptor.poll_accept(cx, options));
        Poll::Ready(Some(accepted.map(Accepting)))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("local_address", &self.local_address())
            .finish_non_exhaustive()
    }
}

/// A connection whose opening handshake is being read; a future of [`Incoming`].
///
/// It has the time of [`Timeouts::handshake`](crate::Timeouts::handshake), and that of
/// [`Timeouts::tls`](crate::Timeouts::tls) for TLS. What is not an opening
/// handshake is refused with status 400, 405 or 426 and ends in an error.
#[must_use = "futures do nothing unless polled"]
pub struct Accepting(imp::server::Reading);

impl Future for Accepting {
    type Output = Result<Incoming, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx).map_ok(Incoming)
    }
}

impl fmt::Debug for Accepting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepting").finish_non_exhaustive()
    }
}

/// A client's opening handshake, to be accepted or refused. Dropping it refuses with status 403 as
/// far as that can be written at once.
#[must_use = "dropping refuses"]
pub struct Incoming(imp::server::UpgradeRequest);

impl Incoming {
    /// Path and query that the client asks for.
    pub fn resource_name(&self) -> &str {
        self.0.info().resource_name()
    }

    /// The headers of the request.
    pub fn headers(&self) -> &Headers {
        self.0.info().headers()
    }

    /// The subprotocols that the client offers, in its order of preference.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.0.subprotocols()
    }

    /// The `Origin` of the request. A server that trusts cookies checks it (RFC 6455 §10.2).
    pub fn origin(&self) -> Option<&str> {
        self.0.info().origin()
    }

    /// What TLS agreed on, with the client's certificate if it has shown one; `None` without TLS.
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.0.info().tls()
    }

    /// The client's address, if the stream is TCP that a [`Listener`] accepted.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.0.info().peer_address()
    }

    /// Answers 101 with this subprotocol or none. The socket is connected; it tells no event of
    /// it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a subprotocol that was not offered; then
    /// the client is refused with status 403. Or the error of writing.
    pub async fn accept(self, subprotocol: Option<&str>) -> Result<Socket, Error> {
        self.0.accept(subprotocol).await.map(Socket)
    }

    /// Answers with a status of 400 to 599 and ends the connection.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for another status; then the client is
    /// refused with 403. Or the error of writing.
    pub async fn refuse(self, status: u16) -> Result<(), Error> {
        self.0.refuse(status).await
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("resource_name", &without_secrets(self.resource_name()))
            .field("headers", self.headers())
            .finish_non_exhaustive()
    }
}
