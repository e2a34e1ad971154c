//! The client's opening handshake (RFC 6455 §4.1), over a stream that is there.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::connect::within;
use super::extensions::{self, Deflate};
use super::http::{self, Parsed};
use super::link::io_error;
use super::url::Url;
use crate::{Compression, Error, ErrorKind, Headers, Request, Response};

/// More interim answers than this are no answer.
const MAX_INTERIM: usize = 16;

/// The largest part of a refusal's body that is kept.
const MAX_BODY: usize = 16 * 1024;

/// How long a refusal's body is waited for.
const BODY_TIME: Duration = Duration::from_millis(500);

/// A handshake that succeeded.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) headers: Headers,
    pub(super) subprotocol: Option<String>,
    pub(super) extensions: String,
    pub(super) deflate: Option<Deflate>,
    /// What came behind the answer.
    pub(super) early: Vec<u8>,
}

/// Sends the request, whose bytes are added to `written`, and reads the answer.
pub(super) async fn shake_hands(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin + ?Sized),
    url: &Url,
    request: &Request,
    compression: Option<&Compression>,
    written: &AtomicUsize,
) -> Result<Opened, Error> {
    let key = generate_key();
    let head = encode(url, request, compression, &key);
    stream.write_all(head.as_bytes()).await.map_err(io_error)?;
    stream.flush().await.map_err(io_error)?;
    written.fetch_add(head.len(), Ordering::Relaxed);
    let mut early = Vec::new();
    let response = read_response(stream, &mut early).await?;
    if response.status != 101 {
        return Err(refused(stream, response, early).await);
    }
    let (subprotocol, deflate) = check(&response, request, compression, &key)
        .map_err(|why| Error::new(ErrorKind::Handshake, why).with_response(response.clone()))?;
    let extensions: Vec<_> = response
        .headers
        .get_all("Sec-WebSocket-Extensions")
        .collect();
    Ok(Opened {
        subprotocol,
        extensions: extensions.join(", "),
        deflate,
        headers: response.headers,
        early,
    })
}

/// Reads the answer behind interim ones, which only announce it (RFC 9110 §15.2).
async fn read_response(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    early: &mut Vec<u8>,
) -> Result<Response, Error> {
    for _ in 0..=MAX_INTERIM {
        let response = http::read_head(stream, early, parse).await?;
        if !matches!(response.status, 100 | 102..=199) {
            return Ok(response);
        }
    }
    Err(Error::new(
        ErrorKind::Handshake,
        "the server sent interim answers without end",
    ))
}

/// The request's bytes. Everything in it was checked.
fn encode(url: &Url, request: &Request, compression: Option<&Compression>, key: &str) -> String {
    let own = request.headers();
    let host = own.get("Host").unwrap_or(&url.authority);
    let mut head = format!("GET {} HTTP/1.1\r\n", url.target);
    let mut line = |name: &str, value: &str| {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    };
    line("Host", host);
    line("Upgrade", "websocket");
    line("Connection", "Upgrade");
    line("Sec-WebSocket-Key", key);
    if let Some(origin) = request.origin_header()
        && own.get("Origin").is_none()
    {
        line("Origin", origin);
    }
    line("Sec-WebSocket-Version", "13");
    if !request.subprotocols().is_empty() {
        line("Sec-WebSocket-Protocol", &request.subprotocols().join(", "));
    }
    if let Some(compression) = compression {
        line("Sec-WebSocket-Extensions", &extensions::offer(compression));
    }
    for (name, value) in own.iter() {
        if !name.eq_ignore_ascii_case("Host") {
            line(name, value);
        }
    }
    head.push_str("\r\n");
    head
}

fn parse(bytes: &[u8]) -> Parsed<Response> {
    let mut lines = [httparse::EMPTY_HEADER; http::MAX_HEADERS];
    let mut head = httparse::Response::new(&mut lines);
    let httparse::Status::Complete(size) = head.parse(bytes)? else {
        return Ok(None);
    };
    if head.version != Some(1) {
        return Err(httparse::Error::Version);
    }
    let response = Response {
        status: head.code.unwrap_or_default(),
        reason: head.reason.unwrap_or_default().to_owned(),
        headers: http::headers(head.headers),
        body: Bytes::new(),
    };
    Ok(Some((response, size)))
}

/// Checks a 101 (RFC 6455 §4.1, "If the response lacks…"): the subprotocol and the compression that
/// the server chose, or what is wrong.
fn check(
    response: &Response,
    request: &Request,
    compression: Option<&Compression>,
    key: &str,
) -> Result<(Option<String>, Option<Deflate>), String> {
    let headers = &response.headers;
    if !headers.has_token("Upgrade", "websocket") {
        return Err("the answer has no \"Upgrade: websocket\"".into());
    }
    if !headers.has_token("Connection", "Upgrade") {
        return Err("the answer has no \"Connection: Upgrade\"".into());
    }
    let mut accepts = headers.get_all("Sec-WebSocket-Accept");
    match (accepts.next(), accepts.next()) {
        (Some(accept), None) if accept == derive_accept_key(key.as_bytes()) => {}
        (Some(_), None) => return Err("Sec-WebSocket-Accept does not match our key".into()),
        (Some(_), Some(_)) => return Err("the answer has two Sec-WebSocket-Accept".into()),
        (None, _) => return Err("the answer has no Sec-WebSocket-Accept".into()),
    }
    let mut subprotocols = headers.get_all("Sec-WebSocket-Protocol");
    let subprotocol = subprotocols.next();
    if subprotocols.next().is_some() {
        return Err("the answer has two Sec-WebSocket-Protocol".into());
    }
    if let Some(name) = subprotocol
        && !request.subprotocols().iter().any(|offered| offered == name)
    {
        return Err(format!(
            "the server chose the subprotocol {name:?}, which was not offered"
        ));
    }
    let deflate = extensions::agreed(headers, compression)?;
    Ok((subprotocol.map(str::to_owned), deflate))
}

/// The error of an answer that is no 101, with the first part of its body.
async fn refused(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    mut response: Response,
    mut body: Vec<u8>,
) -> Error {
    let headers = &response.headers;
    let is_chunked = headers.has_token("Transfer-Encoding", "chunked");
    let length = match headers.get("Content-Length") {
        Some(length) if !is_chunked => length.parse().unwrap_or(0),
        _ => MAX_BODY,
    };
    let wanted = length.min(MAX_BODY);
    // A body that breaks off or is slow is kept as far as it came.
    let _ = within(Some(BODY_TIME), "", async {
        while body.len() < wanted && !(is_chunked && http::unchunk(&body).1) {
            if !matches!(http::read_more(stream, &mut body).await, Ok(1..)) {
                break;
            }
        }
        Ok(())
    })
    .await;
    body.truncate(wanted);
    if is_chunked {
        (body, _) = http::unchunk(&body);
    }
    response.body = body.into();
    let text = format!(
        "the server answered {} {} instead of 101 Switching Protocols",
        response.status, response.reason
    );
    Error::new(ErrorKind::Handshake, text).with_response(response)
}

#[cfg(test)]
#[path = "handshake_tests.rs"]
mod tests;
