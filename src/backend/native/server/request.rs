//! The server's side: listening, the opening handshake (RFC 6455 §4.2), refusing.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_tungstenite::tungstenite::handshake::derive_accept_key;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, FutureExt, Stream};

use super::Socket;
use super::clock::within;
use super::extensions;
use super::http::{self, Parsed};
use super::link::io_error;
use super::runtime::{self, TcpListener, TcpStream};
use super::tls::Peer;
use super::told::Told;
use super::wire::Transport;
use crate::headers::{Headers, is_token};
use crate::{Error, ErrorKind, Info, Options, TlsInfo};

/// How long accepting rests when something else is wrong than a connection: what frees descriptors
/// gets its turn.
const PAUSE: Duration = Duration::from_millis(100);

/// How long, and for how many reads, a refused client is listened to.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_READS: usize = 64;

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
/// A browser cannot listen: [`Features::SERVER`](crate::Features::SERVER).
pub struct Listener {
    local_address: SocketAddr,
    options: Options,
    accepting: Pin<Box<dyn Stream<Item = io::Result<TcpStream>> + Send>>,
}

impl Listener {
    /// Listens at an IP address with a port, such as `127.0.0.1:9000` or `[::1]:9000`; port 0 is
    /// any free one. Names are not resolved.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no address,
    /// [`Connection`](ErrorKind::Connection) when the system refuses.
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
        let options = built(options)?;
        let address: SocketAddr = address.parse().map_err(|error| {
            Error::invalid_input(format!("{address:?} is not an address with a port"))
                .with_source(error)
        })?;
        let refused = |error: io::Error| {
            Error::new(ErrorKind::Connection, format!("cannot listen at {address}"))
                .with_source(error)
        };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let local_address = listener.local_address().map_err(refused)?;
        let accepting =
            futures::stream::unfold((listener, false), |(listener, pauses)| async move {
                if pauses {
                    runtime::sleep(PAUSE).await;
                }
                let stream = listener.accept().await;
                let pauses = stream.as_ref().is_err_and(is_general);
                Some((stream, (listener, pauses)))
            });
        Ok(Listener {
            local_address,
            options,
            accepting: Box::pin(accepting),
        })
    }

    /// The address, with the port that was chosen.
    pub fn local_address(&self) -> SocketAddr {
        self.local_address
    }
}

/// Never ends. An error concerns one connection, or tells that descriptors ran out; then the next
/// connection is accepted after 100 ms. Go on in both cases.
impl Stream for Listener {
    type Item = Result<Accepting, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = std::task::ready!(self.accepting.as_mut().poll_next(cx));
        Poll::Ready(accepted.map(|result| match result {
            Ok(stream) => {
                let addresses = (stream.local_address(), stream.peer_address());
                Ok(Accepting::new(
                    Box::new(stream),
                    addresses,
                    self.options.clone(),
                ))
            }
            Err(error) => Err(io_error(error)),
        }))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("local_address", &self.local_address)
            .finish_non_exhaustive()
    }
}

impl Socket {
    /// The server's side of a connection over any stream: a Unix socket, a tunnel, TLS that is
    /// already there. With an [identity](crate::TlsConfig::identity) for TLS, that comes first.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    ///
    /// # Platform-specific
    ///
    /// A browser cannot serve: [`Features::SERVER`](crate::Features::SERVER).
    pub fn accept<S>(stream: S, options: Options) -> Result<Accepting, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let options = built(options)?;
        Ok(Accepting::new(Box::new(stream), (None, None), options))
    }
}

/// A connection whose opening handshake is being read; a future of [`Incoming`].
///
/// It has the time of [`Timeouts::handshake`](crate::Timeouts::handshake), and that of
/// [`Timeouts::tls`](crate::Timeouts::tls) for TLS. What is not an opening
/// handshake is refused with status 400, 405 or 426 and ends in an error.
#[must_use = "futures do nothing unless polled"]
pub struct Accepting(Pin<Box<dyn Future<Output = Result<Incoming, Error>> + Send>>);

impl Accepting {
    fn new(
        transport: Box<dyn Transport>,
        addresses: (Option<SocketAddr>, Option<SocketAddr>),
        options: Options,
    ) -> Accepting {
        Accepting(Box::pin(accept(transport, addresses, options)))
    }
}

impl Future for Accepting {
    type Output = Result<Incoming, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx)
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
pub struct Incoming {
    /// Gone when it was answered.
    transport: Option<Box<dyn Transport>>,
    early: Vec<u8>,
    key: String,
    info: Info,
    options: Options,
    told: Arc<Told>,
}

impl Incoming {
    /// Path and query that the client asks for.
    pub fn resource_name(&self) -> &str {
        &self.info.resource_name
    }

    /// The headers of the request.
    pub fn headers(&self) -> &Headers {
        &self.info.headers
    }

    /// The subprotocols that the client offers; the first it likes best.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.info.headers.tokens("Sec-WebSocket-Protocol")
    }

    /// The `Origin` of the request. A server that trusts cookies checks it (RFC 6455 §10.2).
    pub fn origin(&self) -> Option<&str> {
        self.info.origin.as_deref()
    }

    /// What TLS agreed on, with the client's certificate if it has shown one; `None` without TLS.
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.info.tls.as_ref()
    }

    /// The client's address, if the stream is TCP that a [`Listener`] accepted.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.info.peer_address
    }

    /// Answers 101 with this subprotocol or none. The socket is connected; it tells no event of
    /// it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a subprotocol that was not offered; then the
    /// client is refused with status 403. Or the error of writing.
    pub async fn accept(mut self, subprotocol: Option<&str>) -> Result<Socket, Error> {
        if let Some(name) = subprotocol
            && !self.subprotocols().any(|offered| offered == name)
        {
            return Err(Error::invalid_input(format!(
                "the client did not offer the subprotocol {name:?}"
            )));
        }
        let mut head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            derive_accept_key(self.key.as_bytes())
        );
        if let Some(name) = subprotocol {
            head.push_str(&format!("Sec-WebSocket-Protocol: {name}\r\n"));
        }
        let compression = self.options.compression.as_ref();
        let chosen = compression.and_then(|c| extensions::choose(&self.info.headers, c));
        let deflate = chosen.map(|(deflate, answer)| {
            head.push_str(&format!("Sec-WebSocket-Extensions: {answer}\r\n"));
            self.info.extensions = answer;
            deflate
        });
        head.push_str("\r\n");
        let mut transport = self.transport.take().expect("it is answered once");
        let limit = self.options.timeouts.handshake_limit();
        let write = http::send(&mut *transport, &head);
        within(limit, "answering the handshake took too long", write).await?;
        self.info.subprotocol = subprotocol.map(str::to_owned);
        Ok(Socket::accepted(
            transport,
            std::mem::take(&mut self.early),
            deflate,
            std::mem::take(&mut self.info),
            std::mem::take(&mut self.options),
            self.told.clone(),
        ))
    }

    /// Answers with a status of 400 to 599 and ends the connection.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another status; then the client is refused
    /// with 403. Or the error of writing.
    pub async fn refuse(mut self, status: u16) -> Result<(), Error> {
        if !(400..=599).contains(&status) {
            return Err(Error::invalid_input("a refusal has a status of 400 to 599"));
        }
        let mut transport = self.transport.take().expect("it is answered once");
        let limit = self.options.timeouts.handshake_limit();
        let write = write_refusal(&mut *transport, status);
        within(limit, "answering the handshake took too long", write).await?;
        linger(&mut *transport).await;
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if let Some(mut transport) = self.transport.take() {
            let _ = write_refusal(&mut *transport, 403).now_or_never();
        }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("resource_name", &self.info.resource_name)
            .field("headers", &self.info.headers)
            .finish_non_exhaustive()
    }
}

struct Head {
    method: String,
    target: String,
    headers: Headers,
}

/// Options whose TLS can be that of a server, if they want it.
fn built(options: Options) -> Result<Options, Error> {
    let options = options.build()?;
    match &options.prepared {
        Some(prepared) if prepared.is_server() => prepared.check_server()?,
        _ => {}
    }
    Ok(options)
}

async fn accept(
    mut transport: Box<dyn Transport>,
    addresses: (Option<SocketAddr>, Option<SocketAddr>),
    options: Options,
) -> Result<Incoming, Error> {
    let told = Arc::<Told>::default();
    let mut tls = None;
    if let Some(prepared) = options.prepared.as_ref().filter(|p| p.is_server()) {
        let peer = Peer::client(options.timeouts.tls_limit(), told.clone());
        let secured = prepared.accept(transport, &peer).await?;
        transport = secured.transport;
        tls = Some(secured.info);
    }
    let limit = options.timeouts.handshake_limit();
    let read = read_request(transport, addresses, tls, options, told);
    within(limit, "the opening handshake took too long", read).await
}

async fn read_request(
    mut transport: Box<dyn Transport>,
    (local_address, peer_address): (Option<SocketAddr>, Option<SocketAddr>),
    tls: Option<TlsInfo>,
    options: Options,
    told: Arc<Told>,
) -> Result<Incoming, Error> {
    let mut early = Vec::new();
    let head = match http::read_head(&mut *transport, &mut early, parse).await {
        Ok(head) => head,
        Err(error) => {
            if error.kind() == ErrorKind::Handshake {
                tell_refusal(&mut *transport, 400).await;
            }
            return Err(error);
        }
    };
    let Asked {
        key,
        host,
        resource_name,
    } = match check(&head) {
        Ok(asked) => asked,
        Err((status, why)) => {
            tell_refusal(&mut *transport, status).await;
            return Err(Error::new(ErrorKind::Handshake, why));
        }
    };
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    Ok(Incoming {
        info: Info {
            request_url: format!("{scheme}://{host}{resource_name}"),
            resource_name,
            origin: head.headers.get("Origin").map(str::to_owned),
            local_address,
            peer_address,
            headers: head.headers,
            tls,
            ..Info::default()
        },
        transport: Some(transport),
        early,
        key,
        options,
        told,
    })
}

fn parse(bytes: &[u8]) -> Parsed<Head> {
    let mut lines = [httparse::EMPTY_HEADER; http::MAX_HEADERS];
    let mut head = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(size) = head.parse(bytes)? else {
        return Ok(None);
    };
    if head.version != Some(1) {
        return Err(httparse::Error::Version);
    }
    let head = Head {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        headers: http::headers(head.headers),
    };
    Ok(Some((head, size)))
}

/// What an opening handshake asks for.
#[derive(Debug)]
struct Asked {
    key: String,
    host: String,
    resource_name: String,
}

/// The rules of RFC 6455 §4.2.1; a refusal is a status with what is wrong.
fn check(head: &Head) -> Result<Asked, (u16, &'static str)> {
    let headers = &head.headers;
    if head.method != "GET" {
        return Err((405, "the method is not GET"));
    }
    let mut hosts = headers.get_all("Host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err((400, "the request has not one Host (RFC 9112 §3.2)"));
    };
    let Some((authority, resource_name)) = split_target(&head.target) else {
        return Err((400, "the target of the request is not a resource"));
    };
    if !headers.has_token("Upgrade", "websocket") || !headers.has_token("Connection", "Upgrade") {
        return Err((426, "the request does not ask for a WebSocket"));
    }
    if headers.get("Sec-WebSocket-Version") != Some("13") {
        return Err((426, "the version of the protocol is not 13"));
    }
    if !headers.tokens("Sec-WebSocket-Protocol").all(is_token) {
        return Err((400, "a subprotocol is not a token"));
    }
    let mut keys = headers.get_all("Sec-WebSocket-Key");
    match (keys.next(), keys.next()) {
        (Some(key), None) if is_key(key) => Ok(Asked {
            key: key.to_owned(),
            host: authority.unwrap_or(host).to_owned(),
            resource_name,
        }),
        _ => Err((400, "Sec-WebSocket-Key is not a key")),
    }
}

/// Path and query of a request's target, and the authority that an absolute one has in place of
/// `Host` (RFC 9112 §3.2).
fn split_target(target: &str) -> Option<(Option<&str>, String)> {
    if target.starts_with('/') {
        return Some((None, target.to_owned()));
    }
    let (scheme, rest) = target.split_once("://")?;
    if !["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, resource) = rest.split_at(end);
    let root = if resource.starts_with('/') { "" } else { "/" };
    (!authority.is_empty()).then(|| (Some(authority), format!("{root}{resource}")))
}

/// Whether this is the Base64 form of 16 bytes.
fn is_key(key: &str) -> bool {
    key.len() == 24
        && key.ends_with("==")
        && key[..22]
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

async fn write_refusal(
    transport: &mut (impl AsyncWrite + Unpin + ?Sized),
    status: u16,
) -> Result<(), Error> {
    let reason = http_reason(status);
    // RFC 9110 §15.5.6 wants it.
    let allow = if status == 405 { "Allow: GET\r\n" } else { "" };
    // The first two belong to 426 (RFC 9110 §15.5.22, RFC 6455 §4.4) and do no harm elsewhere.
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         {allow}Connection: Upgrade, close\r\nContent-Length: 0\r\n\r\n"
    );
    http::send(transport, &answer).await?;
    transport.close().await.map_err(io_error)
}

/// Refuses a client that still listens; our own error says why in any case.
async fn tell_refusal(transport: &mut dyn Transport, status: u16) {
    if write_refusal(transport, status).await.is_ok() {
        linger(transport).await;
    }
}

/// Lets a refused client read the answer: closing while bytes of it are unread would reset the
/// connection and take the answer along (RFC 9112 §9.6).
async fn linger(transport: &mut dyn Transport) {
    let mut dropped = [0; 4096];
    let drain = async {
        for _ in 0..LINGER_READS {
            if !matches!(transport.read(&mut dropped).await, Ok(1..)) {
                break;
            }
        }
        Ok(())
    };
    // It has had its time.
    let _ = within(Some(LINGER), "", drain).await;
}

/// Whether an error of accepting is about more than one connection.
fn is_general(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidInput, NotConnected};

    let of_one = [
        ConnectionAborted,
        ConnectionReset,
        InvalidInput,
        NotConnected,
    ];
    !of_one.contains(&error.kind())
}

fn http_reason(status: u16) -> &'static str {
    ::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("")
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
