//! The client's opening handshake (RFC 6455 §4.1), over a stream that is there.

use async_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use futures::{AsyncRead, AsyncWrite};

use super::endpoint::Endpoint;
use super::http1;
use super::http1::Finished;
use crate::backend::native::event_sink::EventSink;
use crate::backend::native::permessage_deflate;
use crate::backend::native::permessage_deflate::Deflate;
use crate::compression::Compression;
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::request::Request;
use crate::response::Response;
use crate::trace;

/// The parameters of an opening handshake.
pub(crate) struct Handshake<'a> {
    pub(crate) url: &'a Endpoint,
    pub(crate) request: &'a Request,
    pub(crate) compression: Option<&'a Compression>,
}

/// The outcome of an opening handshake.
pub(crate) enum HandshakeOutcome {
    Opened(Box<Opened>),
    /// Something else than a 101.
    Other(Finished),
}

/// A handshake that succeeded.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) headers: Headers,
    pub(crate) subprotocol: Option<String>,
    pub(crate) extensions: String,
    pub(crate) deflate: Option<Deflate>,
    /// Bytes that followed the answer.
    pub(crate) early: Vec<u8>,
}

impl Handshake<'_> {
    /// Sends the request and reads the answer.
    pub(crate) async fn exchange(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin + ?Sized),
        authorization: Option<&str>,
        sink: &EventSink,
    ) -> Result<HandshakeOutcome, Error> {
        let key = generate_key();
        let head = self.encode(&key, authorization);
        let sent = http1::send(stream, &head).await;
        if sent.is_ok() {
            sink.wrote(head.len());
        }
        let answer = http1::receive_after(sent, stream).await?;
        if answer.response.status != 101 {
            return Ok(HandshakeOutcome::Other(answer.finish(stream).await));
        }
        let opened = self.opened(answer.response, &key, answer.rest)?;
        trace::opened(&opened.extensions);
        Ok(HandshakeOutcome::Opened(Box::new(opened)))
    }

    /// Checks a 101, and returns what it agrees on, with the bytes that followed it.
    pub(crate) fn opened(
        &self,
        response: Response,
        key: &str,
        early: Vec<u8>,
    ) -> Result<Opened, Error> {
        let (subprotocol, deflate) = check(&response, self.request, self.compression, key)
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

    /// The request's bytes. Everything in it was checked.
    fn encode(&self, key: &str, authorization: Option<&str>) -> String {
        let mut head = format!("GET {} HTTP/1.1\r\n", self.url.target);
        http1::push_lines(&mut head, &self.lines(key, authorization));
        head
    }

    /// The request's header lines.
    pub(crate) fn lines(&self, key: &str, authorization: Option<&str>) -> Headers {
        let Handshake {
            url,
            request,
            compression,
        } = *self;
        let own = request.headers();
        let authority = url.authority();
        let host = own.get("Host").unwrap_or(&authority);
        let mut lines = Headers::default();
        let mut line = |name: &str, value: &str| lines.push(name, value);
        line("Host", host);
        line("Upgrade", "websocket");
        line("Connection", "Upgrade");
        line("Sec-WebSocket-Key", key);
        if let Some(origin) = request.get_origin()
            && own.get("Origin").is_none()
        {
            line("Origin", origin);
        }
        line("Sec-WebSocket-Version", "13");
        if !request.subprotocols().is_empty() {
            line("Sec-WebSocket-Protocol", &request.subprotocols().join(", "));
        }
        if let Some(compression) = compression {
            line(
                "Sec-WebSocket-Extensions",
                &permessage_deflate::offer(compression),
            );
        }
        if let Some(authorization) = authorization {
            line("Authorization", authorization);
        }
        for (name, value) in own.iter() {
            let is_ours = name.eq_ignore_ascii_case("Host")
                || (authorization.is_some() && name.eq_ignore_ascii_case("Authorization"));
            if !is_ours {
                line(name, value);
            }
        }
        lines
    }
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
    // Old servers have the header in any case.
    let subprotocol = subprotocol.filter(|name| !name.is_empty());
    if let Some(name) = subprotocol
        && !request.subprotocols().iter().any(|offered| offered == name)
    {
        return Err(format!(
            "the server chose the subprotocol {name:?}, which was not offered"
        ));
    }
    let deflate = permessage_deflate::agreed(headers, compression)?;
    Ok((subprotocol.map(str::to_owned), deflate))
}

/// The error of an answer that is no 101.
pub(crate) fn refused(response: Response) -> Error {
    let text = format!(
        "the server answered {} instead of 101 Switching Protocols",
        http1::status(&response)
    );
    Error::new(ErrorKind::Handshake, text).with_response(response)
}

#[cfg(test)]
#[path = "handshake_tests.rs"]
mod tests;
