//! The opening handshake (RFC 6455 §4), for whoever is measured or measures without one of its own.

use anyhow::{Context, Result};
use async_tungstenite::tungstenite::handshake::derive_accept_key;

pub fn request(port: u16, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// The answer to a whole request.
pub fn response(request: &[u8]) -> Result<String> {
    let request = std::str::from_utf8(request)?;
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Sec-WebSocket-Key")
            .then_some(value)
    });
    let key = key.context("the request has no key")?.trim();
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    ))
}

/// The path of a whole request.
pub fn path(request: &[u8]) -> Result<&str> {
    let request = std::str::from_utf8(request)?;
    request.split(' ').nth(1).context("the request has no path")
}

/// Whether a request or a response has its end: nobody here sends more before the peer has answered.
pub fn is_whole(head: &[u8]) -> bool {
    head.ends_with(b"\r\n\r\n")
}
