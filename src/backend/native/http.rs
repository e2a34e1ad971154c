//! Heads of HTTP/1.1 messages (RFC 9112), read from a stream.

use std::io;

use futures::{AsyncRead, AsyncReadExt};

use super::link::io_error;
use crate::{Error, ErrorKind, Headers};

/// The largest head, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// The largest number of header lines.
pub(super) const MAX_HEADERS: usize = 128;

const CHUNK: usize = 4 * 1024;

/// Longer than any status line that makes sense.
const BEGINNING: usize = 512;

/// A parsed head and its size.
pub(super) type Parsed<T> = Result<Option<(T, usize)>, httparse::Error>;

/// Reads into `buffer` until `parse` finds a head, which is cut off; what came behind it stays.
pub(super) async fn read_head<T>(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
    parse: impl Fn(&[u8]) -> Parsed<T>,
) -> Result<T, Error> {
    // How much was there when it was last parsed.
    let mut parsed = 0;
    loop {
        // The beginning is parsed each time, so that garbage is noticed without a line's end.
        if parsed < BEGINNING || buffer[parsed..].contains(&b'\n') {
            parsed = buffer.len();
            match parse(buffer) {
                Ok(Some((head, size))) => {
                    buffer.drain(..size);
                    return Ok(head);
                }
                Ok(None) => {}
                Err(error) => return Err(malformed(error)),
            }
        }
        if buffer.len() >= MAX_HEAD {
            return Err(Error::new(
                ErrorKind::Handshake,
                "the HTTP head is over 64 KiB",
            ));
        }
        if read_more(stream, buffer).await.map_err(io_error)? == 0 {
            return Err(match parse(buffer) {
                Err(error) => malformed(error),
                Ok(_) => ErrorKind::RemoteClosed.into(),
            });
        }
    }
}

/// Appends what arrives next; 0 at the end of the stream.
pub(super) async fn read_more(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
) -> io::Result<usize> {
    let mut chunk = [0; CHUNK];
    let read = stream.read(&mut chunk).await?;
    buffer.extend_from_slice(&chunk[..read]);
    Ok(read)
}

/// The payload of a chunked body, as far as it has come, and whether its end is there (RFC 9112
/// §7.1).
pub(super) fn unchunk(mut body: &[u8]) -> (Vec<u8>, bool) {
    let mut payload = Vec::new();
    while let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(body) {
        if length == 0 {
            return (payload, true);
        }
        let rest = &body[start..];
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        payload.extend_from_slice(&rest[..length.min(rest.len())]);
        match rest
            .get(length..)
            .and_then(|rest| rest.strip_prefix(b"\r\n"))
        {
            Some(rest) => body = rest,
            None => break,
        }
    }
    (payload, false)
}

/// Header lines as text; bytes that are not UTF-8 are taken as Latin-1 (RFC 9110 §5.5).
pub(super) fn headers(lines: &[httparse::Header<'_>]) -> Headers {
    let mut headers = Headers::default();
    for line in lines {
        let value = match std::str::from_utf8(line.value) {
            Ok(value) => value.trim_matches([' ', '\t']).to_owned(),
            Err(_) => line.value.iter().map(|&byte| char::from(byte)).collect(),
        };
        headers.push(line.name, value);
    }
    headers
}

fn malformed(error: httparse::Error) -> Error {
    let text = match error {
        httparse::Error::TooManyHeaders => "over 128 header lines",
        httparse::Error::Status | httparse::Error::Version => "not an HTTP/1 status line",
        _ => "malformed HTTP",
    };
    Error::new(ErrorKind::Handshake, text).with_source(error)
}
