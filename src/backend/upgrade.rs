//! Opening handshakes that a framework or HTTP client reads and writes, and the socket that
//! follows.

use std::fmt;

use futures::{AsyncRead, AsyncWrite};

#[cfg(feature = "http")]
mod from_http;

use super::{Socket, imp};
use crate::error::Error;
use crate::grammar::without_secrets;
use crate::headers::Headers;
use crate::info::Info;
use crate::negotiated::Negotiated;
use crate::options::Options;
use crate::platform::MaybeSend;
use crate::request::Request;
use crate::response::Response;
use crate::role::Role;

impl Socket {
    /// Wraps a stream whose opening handshake is done, by a web framework that has upgraded it or
    /// by an HTTP client. The socket is connected from the start and emits no event for it. A
    /// server's is bounded where the options [leave it
    /// open](crate::Listener#what-a-client-may-take).
    ///
    /// TLS of the options is not used: it was underneath, if there was any.
    /// [`FromTokio`](crate::FromTokio) takes streams of tokio's traits.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    ///
    /// # Platform-specific
    ///
    /// Browsers connect by themselves: [`Features::OWN_STREAM`](crate::Features::OWN_STREAM).
    pub fn upgraded<S>(stream: S, negotiated: Negotiated, options: Options) -> Result<Socket, Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        let options = match negotiated.role() {
            Role::Client => options,
            Role::Server => options.of_accepted(),
        };
        imp::Handle::upgraded(stream, negotiated, options.build()?).map(Socket)
    }
}

/// A client's opening handshake that a web server has read (RFC 6455 §4.2), and its answer, as
/// plain data. It keeps the same rules as a [`Listener`](crate::Listener).
///
/// ```
/// use qwebsocket::{Headers, Options, ServerHandshake};
///
/// let headers = Headers::from_iter([
///     ("Host", "server.example"),
///     ("Upgrade", "websocket"),
///     ("Connection", "Upgrade"),
///     ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
///     ("Sec-WebSocket-Protocol", "chat"),
///     ("Sec-WebSocket-Version", "13"),
/// ]);
/// # if qwebsocket::Socket::FEATURES.contains(qwebsocket::Features::SERVER) {
/// let handshake = ServerHandshake::new("GET", "/room", headers)?;
/// let (answer, negotiated) = handshake.accept(Some("chat"), &Options::new())?;
/// assert_eq!(answer.status(), 101);
/// assert_eq!(
///     answer.headers().get("Sec-WebSocket-Accept"),
///     Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
/// );
/// assert_eq!(negotiated.info().resource_name(), "/room");
/// # }
/// # Ok::<(), qwebsocket::Error>(())
/// ```
///
/// With the crate feature `http` it is made from a `&http::Request<B>`; [`Response`] and [`Error`]
/// become an `http::Response<B>`, so that `?` in a handler refuses. In axum:
///
/// ```ignore
/// async fn ws(mut request: Request) -> Result<Response, Response> {
///     let (answer, negotiated) = ServerHandshake::try_from(&request)?.accept(None, &options())?;
///     let upgraded = hyper::upgrade::on(&mut request);
///     tokio::spawn(async move {
///         let stream = FromTokio(TokioIo::new(upgraded.await?));
///         echo(Socket::upgraded(stream, negotiated, options())?).await
///     });
///     Ok(answer.into())
/// }
/// ```
///
/// # Platform-specific
///
/// A browser cannot serve: [`Features::SERVER`](crate::Features::SERVER). Natively it needs the
/// crate feature `server`, which is on by default.
#[must_use = "a handshake does nothing until it is answered"]
pub struct ServerHandshake(imp::server::ServerHandshake);

impl ServerHandshake {
    /// Checks a request by its method, its target, which is a path or an `http` URL (RFC 9112
    /// §3.2), and its headers.
    ///
    /// # Errors
    ///
    /// [`Handshake`](crate::ErrorKind::Handshake) for what is no opening handshake; its
    /// [`response`](Error::response) is the answer for the client, with status 400, 405 or 426.
    pub fn new(
        method: &str,
        target: &str,
        headers: impl Into<Headers>,
    ) -> Result<ServerHandshake, Error> {
        imp::server::ServerHandshake::new(method, target, headers.into()).map(ServerHandshake)
    }

    /// Refuses pages of other origins than these; see
    /// [`ListenerOptions::origins`](crate::ListenerOptions::origins).
    ///
    /// # Errors
    ///
    /// [`Handshake`](crate::ErrorKind::Handshake) with the answer for the client, of status 403;
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no origin.
    pub fn origins<I>(self, allowed: I) -> Result<ServerHandshake, Error>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let allowed: Vec<_> = allowed.into_iter().map(Into::into).collect();
        self.0.check_origin(&allowed)?;
        Ok(self)
    }

    /// Details of the request: resource name, origin, headers.
    pub fn info(&self) -> &Info {
        self.0.info()
    }

    /// The subprotocols that the client offers, in its order of preference.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.0.subprotocols()
    }

    /// Adds a line to the answer, as [`Incoming::header`](crate::Incoming::header).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> ServerHandshake {
        self.0.header(name.into(), value.into());
        self
    }

    /// Returns the 101 with this subprotocol or none, and with the compression that the options and the
    /// client agree on; and what [`Socket::upgraded`] is to know of it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a subprotocol that was not offered, for
    /// a [header](Self::header) that holds a control character or is the handshake's own, and for
    /// a [`Compression`](crate::Compression) out of its range.
    pub fn accept(
        mut self,
        subprotocol: Option<&str>,
        options: &Options,
    ) -> Result<(Response, Negotiated), Error> {
        let compression = options.get_compression();
        if let Some(compression) = compression {
            compression.check()?;
        }
        self.0.accept(subprotocol, compression)
    }

    /// Returns the answer with a status of 400 to 599.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for another status, and for a header as in
    /// [`accept`](Self::accept).
    pub fn refuse(mut self, status: u16) -> Result<Response, Error> {
        self.0.refuse(status)
    }
}

impl fmt::Debug for ServerHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandshake")
            .field("info", self.info())
            .finish_non_exhaustive()
    }
}

/// An opening handshake that an HTTP client sends (RFC 6455 §4.1), and the check of the answer, as
/// plain data. It keeps the same rules as [`open`](crate::WebSocket::open), and neither authenticates
/// nor follows redirects: that is the HTTP client's.
///
/// With the crate feature `http` it becomes an `http::Request<B>`, and
/// [`finish`](Self::finish) takes an `&http::Response<B>`.
///
/// ```ignore
/// let handshake = ClientHandshake::new("ws://server.example/room", &options)?;
/// let mut response = sender.send_request((&handshake).into()).await?;
/// let negotiated = handshake.finish(&response)?;
/// let stream = FromTokio(TokioIo::new(hyper::upgrade::on(&mut response).await?));
/// let socket = Socket::upgraded(stream, negotiated, options)?;
/// ```
///
/// # Platform-specific
///
/// Browsers connect by themselves: [`Features::OWN_STREAM`](crate::Features::OWN_STREAM).
#[must_use = "a handshake does nothing until it is sent"]
pub struct ClientHandshake(imp::ClientHandshake);

impl ClientHandshake {
    /// The handshake of a request, with a key of its own and the offer of the options'
    /// [compression](Options::compression).
    ///
    /// # Errors
    ///
    /// As [`open`](crate::WebSocket::open), and [`Options::build`] for a compression out of its
    /// range.
    pub fn new(request: impl Into<Request>, options: &Options) -> Result<ClientHandshake, Error> {
        if let Some(compression) = options.get_compression() {
            compression.check()?;
        }
        imp::ClientHandshake::new(request.into(), options).map(ClientHandshake)
    }

    /// The `ws` or `wss` URL, without credentials.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Path and query, which is the target of the `GET` that is to be sent.
    pub fn resource_name(&self) -> &str {
        self.0.target()
    }

    /// All header lines that are to be sent, `Host` included.
    pub fn headers(&self) -> &Headers {
        self.0.headers()
    }

    /// Checks the answer; what it agrees on is what [`Socket::upgraded`] is to know.
    ///
    /// # Errors
    ///
    /// [`Handshake`](crate::ErrorKind::Handshake), with the answer, for any that is no 101 or breaks
    /// a rule.
    pub fn finish(self, answer: impl Into<Response>) -> Result<Negotiated, Error> {
        self.0.finish(answer.into())
    }
}

impl fmt::Debug for ClientHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHandshake")
            .field("url", &without_secrets(&self.url()))
            .finish_non_exhaustive()
    }
}
