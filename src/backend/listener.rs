//! The server's side, as applications hold it.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite, FutureExt, Stream};

use super::{Socket, imp};
use crate::error::Error;
use crate::grammar::without_secrets;
use crate::headers::Headers;
use crate::options::Options;
use crate::options::listener::{ListenAddress, ListenerOptions};
use crate::tls::info::TlsInfo;

impl Socket {
    /// The server's side of a connection over any stream: a Unix socket, a tunnel, TLS that is
    /// already there. With an [identity](crate::TlsConfig::identity) for TLS, that comes first. What
    /// the options [leave open](Listener#what-a-client-may-take) is bounded.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    ///
    /// # Platform-specific
    ///
    /// A browser cannot serve: [`Features::SERVER`](crate::Features::SERVER). Natively it needs the
    /// crate feature `server`, which is on by default.
    pub fn accept<S>(stream: S, options: Options) -> Result<Accepting, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let options = options.of_accepted().build()?;
        imp::server::Reading::new(stream, options).map(Accepting)
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
///                 // Fails when 16 MiB wait for a client that does not read: its end.
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
/// # What a client may take
///
/// Clients are strangers. So the sockets that are accepted are bounded where the application has
/// decided nothing, while those of clients are as in Qt:
///
/// - a [message](crate::Limits::incoming_message) that arrives has up to 16 MiB, inflated, and so
///   has a [frame](crate::Limits::incoming_frame) without [`Options::messages`];
/// - up to 16 MiB wait [to be written](Options::write_queue). A client that sends and does not read
///   makes `send` fail with [`QueueFull`](crate::ErrorKind::QueueFull). Then end it, or wait for
///   [`flush`](crate::WebSocketExt::flush), for as long as you like, and read nothing meanwhile;
/// - an opening handshake has its [time](crate::Timeouts::handshake), and is one of up to 1024
///   [unfinished](ListenerOptions::handshakes) ones.
///
/// Not bounded by default: how many [connections](ListenerOptions::connections) there are, how long
/// one is [idle](Options::keep_alive), and which [origins](ListenerOptions::origins) may connect.
/// Read there what foreign pages can do to a server that trusts cookies or listens on `localhost`.
///
/// # Platform-specific
///
/// A browser cannot listen: [`Features::SERVER`](crate::Features::SERVER). Natively it needs the
/// crate feature `server`, which is on by default.
pub struct Listener(imp::server::Acceptor);

impl Listener {
    /// Listens at an address with a port, such as `"127.0.0.1:9000"` or `"localhost:9000"`, or at
    /// whatever else is a [`ListenAddress`]: a [`SocketAddr`], a
    /// [`TcpListener`](std::net::TcpListener).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no address,
    /// [`HostNotFound`](crate::ErrorKind::HostNotFound) for a name that does not resolve,
    /// [`Connection`](crate::ErrorKind::Connection) when the system refuses.
    pub async fn bind(address: impl Into<ListenAddress>) -> Result<Listener, Error> {
        Listener::bind_with(address, ListenerOptions::new()).await
    }

    /// [`bind`](Self::bind), with [`ListenerOptions`], or with the [`Options`] of the sockets that
    /// will be accepted. With an [identity](crate::TlsConfig::identity) for TLS, it listens for
    /// `wss`.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind) and [`Options::build`];
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no origin, and for room for
    /// nobody.
    pub async fn bind_with(
        address: impl Into<ListenAddress>,
        options: impl Into<ListenerOptions>,
    ) -> Result<Listener, Error> {
        let mut options = options.into();
        options.socket = options.socket.of_accepted().build()?;
        let acceptor = imp::server::Acceptor::bind(address.into(), options).await?;
        Ok(Listener(acceptor))
    }

    /// The address, with the port that was chosen.
    pub fn local_address(&self) -> SocketAddr {
        self.0.local_address()
    }

    /// Shuts the server down: accepts no more connections, ends unfinished handshakes, refuses
    /// those that an [`Incoming`] holds with status 503 once they are accepted, and closes each
    /// socket with code 1001. Then waits up to `limit` for the sockets to disconnect, for which
    /// their tasks have to keep polling them, and aborts the rest. Tasks that wait for any of these
    /// get an error or an event.
    ///
    /// A client that does not answer keeps its socket open for the time limit of the [closing
    /// handshake](crate::Timeouts::close), 3 s by default; with a `limit` above that, only slow
    /// readers and sockets that are not polled are aborted.
    ///
    /// Dropping the future aborts no socket; before it is first polled, nothing happens.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use futures::StreamExt;
    /// use qwebsocket::{Accepting, Listener};
    ///
    /// # async fn example() -> Result<(), qwebsocket::Error> {
    /// # async fn signal() {}
    /// # fn spawn_client(_: Accepting) {}
    /// let mut listener = Listener::bind("127.0.0.1:9000").await?;
    /// let mut accepting = listener.by_ref().take_until(Box::pin(signal()));
    /// while let Some(client) = accepting.next().await {
    ///     if let Ok(client) = client {
    ///         spawn_client(client);
    ///     }
    /// }
    /// let ended = listener.shutdown(Duration::from_secs(10)).await;
    /// println!("{} closed, {} aborted", ended.closed, ended.aborted);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn shutdown(self, limit: Duration) -> Shutdown {
        let (closed, aborted) = self.0.shut_down(limit).await;
        Shutdown { closed, aborted }
    }
}

/// Never ends. An error concerns one connection, or means that the process is out of descriptors, in
/// which case the next connection is accepted after 100 ms. Continue in both cases.
impl Stream for Listener {
    type Item = Result<Accepting, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = ready!(self.0.poll_accept(cx));
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

/// The outcome of [`Listener::shutdown`]: how its sockets ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shutdown {
    /// Sockets that disconnected within the limit, with or without an answer of the client.
    pub closed: usize,
    /// Sockets that were still connected at the limit.
    pub aborted: usize,
}

/// A connection whose opening handshake is being read; a future of [`Incoming`].
///
/// It has the time of [`Timeouts::handshake`](crate::Timeouts::handshake), and that of
/// [`Timeouts::tls`](crate::Timeouts::tls) for TLS. What is not an opening
/// handshake is refused with status 400, 405 or 426 and ends in an error, and so does what comes from
/// a page of an [origin](ListenerOptions::origins) that is not allowed, with 403, or
/// [gives way](ListenerOptions::handshakes).
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
        self.0.handshake().info().resource_name()
    }

    /// The headers of the request.
    pub fn headers(&self) -> &Headers {
        self.0.handshake().info().headers()
    }

    /// The subprotocols that the client offers, in its order of preference.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.0.handshake().subprotocols()
    }

    /// The `Origin` of the request. A server that trusts cookies checks it (RFC 6455 §10.2), or has
    /// [`ListenerOptions::origins`] do it, where the reason stands.
    pub fn origin(&self) -> Option<&str> {
        self.0.handshake().info().origin()
    }

    /// The TLS parameters that were negotiated, with the client's certificate if it sent one;
    /// `None` without TLS.
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.0.handshake().info().tls()
    }

    /// The client's address, if the stream is TCP that a [`Listener`] accepted.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.0.handshake().info().peer_address()
    }

    /// Adds a line to the answer, whether that accepts or refuses: `Set-Cookie`, or
    /// `WWW-Authenticate` with status 401. The same name may come more than once.
    ///
    /// ```no_run
    /// # async fn example(incoming: qwebsocket::Incoming) -> Result<(), qwebsocket::Error> {
    /// let socket = incoming
    ///     .header("Set-Cookie", "session=42; Secure; HttpOnly; SameSite=Strict")
    ///     .accept(None)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Incoming {
        self.0.handshake_mut().header(name.into(), value.into());
        self
    }

    /// Answers 101 with this subprotocol or none. The socket is connected from the start and emits
    /// no event for it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a subprotocol that was not offered, and for
    /// a [header](Self::header) that holds a control character or is the handshake's own; then the
    /// client is refused with status 403. [`WrongState`](crate::ErrorKind::WrongState) when the
    /// listener is [shutting down](Listener::shutdown); then with 503. Or the error of writing.
    pub async fn accept(self, subprotocol: Option<&str>) -> Result<Socket, Error> {
        // Boxed, so that a task that serves the connection does not keep the handshake's room.
        Box::pin(self.0.accept(subprotocol)).await.map(Socket)
    }

    /// Answers with a status of 400 to 599 and ends the connection.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for another status, and for a header as in
    /// [`accept`](Self::accept); then the client is refused with 403. Or the error of writing.
    pub async fn refuse(self, status: u16) -> Result<(), Error> {
        Box::pin(self.0.refuse(status)).await
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
