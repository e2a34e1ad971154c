//! A client that is refused, and let read why.

use std::time::Duration;

use futures::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::backend::native::error::io_error;
use crate::backend::native::opening::http1;
use crate::backend::native::timeout::timeout;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::request::check_lines;
use crate::response::Response;

/// How long, and for how many reads, a refused client is listened to.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_READS: usize = 64;

/// Why a client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) why: &'static str,
}

impl Refused {
    /// An error with the answer that the client is to get.
    pub(crate) fn into_error(self) -> Error {
        let answer = refusal(self.status, Headers::default());
        Error::new(ErrorKind::Handshake, self.why).with_response(answer)
    }
}

pub(crate) async fn write_refusal(
    transport: &mut (impl AsyncWrite + Unpin + ?Sized),
    status: u16,
) -> Result<(), Error> {
    write_answer(transport, &refusal(status, Headers::default())).await
}

/// Writes the answer of a refusal, and ends our direction.
pub(crate) async fn write_answer(
    transport: &mut (impl AsyncWrite + Unpin + ?Sized),
    answer: &Response,
) -> Result<(), Error> {
    http1::send(transport, &http1::encode(answer)).await?;
    transport.close().await.map_err(io_error)
}

/// The answer that refuses, with the application's own lines.
pub(crate) fn refusal(status: u16, own: Headers) -> Response {
    let mut headers = Headers::default();
    // These two belong to 426 (RFC 9110 §15.5.22, RFC 6455 §4.4) and do no harm elsewhere.
    headers.push("Upgrade", "websocket");
    headers.push("Sec-WebSocket-Version", "13");
    if status == 405 {
        // RFC 9110 §15.5.6 wants it.
        headers.push("Allow", "GET");
    }
    headers.push("Connection", "Upgrade, close");
    headers.push("Content-Length", "0");
    headers.append(own);
    answer(status, headers)
}

/// An answer without content, and with the phrase that its status has.
pub(crate) fn answer(status: u16, headers: Headers) -> Response {
    Response {
        reason: http_reason(status).to_owned(),
        ..Response::new(status, headers)
    }
}

/// Refuses a client that still listens; our own error says why in any case.
pub(crate) async fn tell_refusal(transport: &mut dyn Transport, status: u16) {
    if write_refusal(transport, status).await.is_ok() {
        linger(transport).await;
    }
}

/// Lets a refused client read the answer: closing while bytes of it are unread would reset the
/// connection and take the answer along (RFC 9112 §9.6).
pub(crate) async fn linger(transport: &mut dyn Transport) {
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
    let _ = timeout(Some(LINGER), "", drain).await;
}

/// Checks that an answer may have these lines of the application.
pub(crate) fn check_answer(headers: &Headers) -> Result<(), Error> {
    check_lines(headers)?;
    // There is one already.
    match headers.get("Content-Length") {
        Some(_) => {
            let why = " belongs to the answer";
            Err(Error::invalid_name("the header ", "Content-Length", why))
        }
        None => Ok(()),
    }
}

fn http_reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("")
}
