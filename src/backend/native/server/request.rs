//! A client's opening handshake (RFC 6455 §4.2), read and answered.

use std::future::Future;
use std::mem;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_tungstenite::tungstenite::handshake::derive_accept_key;
use futures::{AsyncRead, AsyncWrite, FutureExt};

use super::refusal::{answer_lines, linger, tell_refusal, write_refusal, write_refusal_with};
use super::registry::{GivenUp, Seat};
use crate::backend::native::Handle;
use crate::backend::native::event_sink::EventSink;
use crate::backend::native::host::Host;
use crate::backend::native::opening::http1::{self, Parsed};
use crate::backend::native::permessage_deflate;
use crate::backend::native::timeout::timeout;
use crate::backend::native::tls::Prepared;
use crate::backend::native::tls::library::Peer;
use crate::backend::native::transport::{Role, Transport};
use crate::error::{Error, ErrorKind};
use crate::grammar::is_token;
use crate::headers::Headers;
use crate::info::{Facts, Info};
use crate::options::Options;
use crate::platform::native::runtime::TcpStream;
use crate::platform::unbudgeted;
use crate::tls::info::TlsInfo;
use crate::url::Authority;

/// A handshake that was read. Dropping it refuses with status 403 as far as that can be written at
/// once.
pub(crate) struct UpgradeRequest {
    /// Gone when it was answered.
    transport: Option<Box<dyn Transport>>,
    early: Vec<u8>,
    key: String,
    info: Info,
    options: Options,
    sink: Arc<EventSink>,
    /// The application's lines of the answer.
    answer: Headers,
    /// Its place among the connections of a listener.
    seat: Option<Seat>,
}

impl UpgradeRequest {
    pub(crate) fn seated(mut self, seat: Seat) -> UpgradeRequest {
        self.seat = Some(seat);
        self
    }

    /// Adds a line to the answer, whichever it will be.
    pub(crate) fn header(&mut self, name: String, value: String) {
        self.answer.push(name, value);
    }

    pub(crate) fn info(&self) -> &Info {
        &self.info
    }

    /// The subprotocols that the client offers.
    pub(crate) fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.info.headers().tokens("Sec-WebSocket-Protocol")
    }

    /// Answers 101.
    pub(crate) async fn accept(mut self, subprotocol: Option<&str>) -> Result<Handle, Error> {
        if let Some(name) = subprotocol
            && !self.subprotocols().any(|offered| offered == name)
        {
            return Err(Error::invalid_input(format!(
                "the client did not offer the subprotocol {name:?}"
            )));
        }
        let lines = answer_lines(&self.answer)?;
        if self.seat.as_ref().is_some_and(Seat::is_ending) {
            // Boxed, since it is large and rare. The client is refused in any case.
            let _ = Box::pin(self.refuse(503)).await;
            return Err(GivenUp::Ending.into());
        }
        let mut head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n",
            derive_accept_key(self.key.as_bytes())
        );
        if let Some(name) = subprotocol {
            head.push_str(&format!("Sec-WebSocket-Protocol: {name}\r\n"));
        }
        let compression = self.options.get_compression();
        let chosen = compression.and_then(|c| permessage_deflate::choose(self.info.headers(), c));
        let deflate = chosen.map(|(deflate, answer)| {
            head.push_str(&format!("Sec-WebSocket-Extensions: {answer}\r\n"));
            self.info.facts_mut().extensions = answer;
            deflate
        });
        head.push_str(&lines);
        head.push_str("\r\n");
        let mut transport = self.transport.take().expect("it is answered once");
        let limit = self.options.get_timeouts().get_handshake();
        let write = http1::send(&mut *transport, &head);
        timeout(limit, "answering the handshake took too long", write).await?;
        self.info.facts_mut().subprotocol = subprotocol.map(str::to_owned);
        let socket = Handle::established(
            transport,
            mem::take(&mut self.early),
            Role::Server,
            deflate,
            mem::take(&mut self.info),
            self.options.clone(),
            self.sink.clone(),
        );
        if let Some(seat) = self.seat.take() {
            socket.sit(seat);
        }
        Ok(socket)
    }

    /// Answers with a status of 400 to 599 and ends the connection.
    pub(crate) async fn refuse(mut self, status: u16) -> Result<(), Error> {
        if !(400..=599).contains(&status) {
            return Err(Error::invalid_input("a refusal has a status of 400 to 599"));
        }
        let lines = answer_lines(&self.answer)?;
        let mut transport = self.transport.take().expect("it is answered once");
        let limit = self.options.get_timeouts().get_handshake();
        let write = write_refusal_with(&mut *transport, status, &lines);
        timeout(limit, "answering the handshake took too long", write).await?;
        linger(&mut *transport).await;
        Ok(())
    }
}

impl Drop for UpgradeRequest {
    fn drop(&mut self) {
        if let Some(mut transport) = self.transport.take() {
            let _ = unbudgeted(|| write_refusal(&mut *transport, 403).now_or_never());
        }
    }
}

struct Head {
    method: String,
    target: String,
    headers: Headers,
}

/// The future of a client's opening handshake, after that of TLS where the options want it.
pub(crate) struct Reading(Pin<Box<dyn Future<Output = Result<UpgradeRequest, Error>> + Send>>);

impl Reading {
    pub(crate) fn new<S>(stream: S, options: Options) -> Result<Reading, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        check_options(&options)?;
        Ok(Reading(Box::pin(read(
            Box::new(stream),
            (None, None),
            options,
        ))))
    }

    pub(super) fn from_future(
        reading: impl Future<Output = Result<UpgradeRequest, Error>> + Send + 'static,
    ) -> Reading {
        Reading(Box::pin(reading))
    }

    /// Of a connection that was accepted with these options, which were checked.
    pub(crate) fn tcp(stream: TcpStream, options: Options) -> Reading {
        let addresses = (stream.local_address(), stream.peer_address());
        Reading(Box::pin(read(Box::new(stream), addresses, options)))
    }
}

impl Future for Reading {
    type Output = Result<UpgradeRequest, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx)
    }
}

/// Checks whether the TLS of built options can be that of a server, if they want it.
pub(crate) fn check_options(options: &Options) -> Result<(), Error> {
    let prepared = Prepared::of(options);
    if prepared.is_server() {
        prepared.check_server()?;
    }
    Ok(())
}

async fn read(
    mut transport: Box<dyn Transport>,
    addresses: (Option<SocketAddr>, Option<SocketAddr>),
    options: Options,
) -> Result<UpgradeRequest, Error> {
    let sink = Arc::<EventSink>::default();
    let mut tls = None;
    let prepared = Prepared::of(&options);
    if prepared.is_server() {
        let peer = Peer::client(options.get_timeouts().get_tls(), sink.clone());
        let secured = prepared.accept(transport, &peer).await?;
        transport = secured.transport;
        tls = Some(secured.info);
    }
    let limit = options.get_timeouts().get_handshake();
    let read = read_head(transport, addresses, tls, options, sink);
    timeout(limit, "the opening handshake took too long", read).await
}

async fn read_head(
    mut transport: Box<dyn Transport>,
    (local_address, peer_address): (Option<SocketAddr>, Option<SocketAddr>),
    tls: Option<TlsInfo>,
    options: Options,
    sink: Arc<EventSink>,
) -> Result<UpgradeRequest, Error> {
    let mut early = Vec::new();
    let head = match http1::read_head(&mut *transport, &mut early, parse).await {
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
    if head.headers.has_token("Expect", "100-continue") {
        // In front of the 101, whatever becomes of it (RFC 9110 §7.8).
        http1::send(&mut *transport, "HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    Ok(UpgradeRequest {
        info: Info::from(Facts {
            request_url: format!("{scheme}://{host}{resource_name}"),
            resource_name,
            origin: head.headers.get("Origin").map(str::to_owned),
            local_address,
            peer_address,
            headers: head.headers,
            tls,
            ..Facts::default()
        }),
        transport: Some(transport),
        early,
        key,
        options,
        sink,
        answer: Headers::default(),
        seat: None,
    })
}

fn parse(bytes: &[u8]) -> Parsed<Head> {
    let mut lines = [httparse::EMPTY_HEADER; http1::MAX_HEADERS];
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
        headers: http1::headers(head.headers),
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
    if !is_host(host) || !authority.is_none_or(is_host) {
        return Err((400, "the host of the request is none (RFC 9112 §3.2)"));
    }
    if has_content(headers) {
        return Err((400, "the request has content"));
    }
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

/// Whether this is a host, with or without a port: ASCII, without a user (RFC 9110 §4.2.4) and
/// without a zone (RFC 6874 §4). It may not be empty, since it becomes part of a URL (RFC 9110
/// §4.2.1).
fn is_host(authority: &str) -> bool {
    let is_plain = authority.is_ascii() && !authority.contains(['@', '%']);
    is_plain && Authority::parse(authority).is_ok_and(|parts| Host::parse(parts.host).is_ok())
}

/// Whether something other than frames may follow the head, which would be read as such (RFC 9112
/// §6.3). Some clients say that there is none.
fn has_content(headers: &Headers) -> bool {
    let is_nothing = |length: &str| length.parse() == Ok(0_u8);
    headers.get("Transfer-Encoding").is_some() || !headers.get_all("Content-Length").all(is_nothing)
}

/// Path and query of a request's target, and the authority that an absolute one has in place of
/// `Host` (RFC 9112 §3.2).
fn split_target(target: &str) -> Option<(Option<&str>, String)> {
    // A fragment stays with the client (RFC 9112 §3.2.1).
    if target.contains('#') {
        return None;
    }
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

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
