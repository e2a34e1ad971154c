//! A client that is refused, and let read why.

use std::time::Duration;

use futures::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::backend::native::error::io_error;
use crate::backend::native::opening::http1;
use crate::backend::native::timeout::timeout;
use crate::backend::native::transport::Transport;
use crate::error::Error;
use crate::headers::Headers;
use crate::request::check_lines;

/// How long, and for how many reads, a refused client is listened to.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_READS: usize = 64;

pub(crate) async fn write_refusal(
    transport: &mut (impl AsyncWrite + Unpin + ?Sized),
    status: u16,
) -> Result<(), Error> {
    write_refusal_with(transport, status, "").await
}

/// With the application's own lines.
pub(crate) async fn write_refusal_with(
    transport: &mut (impl AsyncWrite + Unpin + ?Sized),
    status: u16,
    lines: &str,
) -> Result<(), Error> {
    let reason = http_reason(status);
    // RFC 9110 §15.5.6 wants it.
    let allow = if status == 405 { "Allow: GET\r\n" } else { "" };
    // The first two belong to 426 (RFC 9110 §15.5.22, RFC 6455 §4.4) and do no harm elsewhere.
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         {allow}Connection: Upgrade, close\r\nContent-Length: 0\r\n{lines}\r\n"
    );
    http1::send(transport, &answer).await?;
    transport.close().await.map_err(io_error)
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

/// The application's lines of an answer, as they are sent.
pub(crate) fn answer_lines(headers: &Headers) -> Result<String, Error> {
    check_lines(headers)?;
    let mut lines = String::new();
    for (name, value) in headers.iter() {
        // There is one already.
        if name.eq_ignore_ascii_case("Content-Length") {
            let why = " belongs to the answer";
            return Err(Error::invalid_name("the header ", name, why));
        }
        lines.extend([name, ": ", value, "\r\n"]);
    }
    Ok(lines)
}

fn http_reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("")
}
