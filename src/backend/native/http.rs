//! HTTP/1.1 (RFC 9112) on a stream: heads, and the bodies of refusals.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::clock::within;
use super::link::io_error;
use crate::{Error, ErrorKind, Headers, Response};

/// The largest head, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// The largest number of header lines.
pub(super) const MAX_HEADERS: usize = 128;

const CHUNK: usize = 4 * 1024;

/// Longer than any status line that makes sense.
const BEGINNING: usize = 512;

/// More interim answers than this are no answer.
const MAX_INTERIM: usize = 16;

/// The largest part of a body that is kept.
const MAX_BODY: usize = 16 * 1024;

/// A longer body is not read to its end so that the connection can be used again.
const MAX_DRAINED: usize = 1024 * 1024;

/// How long a body is waited for.
const BODY_TIME: Duration = Duration::from_millis(500);

/// An answer whose body may still be on its way.
pub(super) struct Answer {
    /// Without its body.
    pub(super) response: Response,
    /// What came behind the head.
    pub(super) rest: Vec<u8>,
    is_http_1_1: bool,
}

/// An answer with the first part of its body.
pub(super) struct Finished {
    pub(super) response: Response,
    /// Whether another request may follow on the same connection.
    pub(super) is_reusable: bool,
}

/// Where a body ends (RFC 9112 §6.3).
enum Framing {
    Length(usize),
    Chunked,
    ToTheEnd,
}

/// Sends a request without a body.
pub(super) async fn send(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    head: &str,
) -> Result<(), Error> {
    stream.write_all(head.as_bytes()).await.map_err(io_error)?;
    stream.flush().await.map_err(io_error)
}

/// Reads the answer behind interim ones, which only announce it (RFC 9110 §15.2).
pub(super) async fn receive(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<Answer, Error> {
    let mut rest = Vec::new();
    for _ in 0..=MAX_INTERIM {
        let (response, is_http_1_1) = read_head(stream, &mut rest, parse_response).await?;
        if !matches!(response.status, 100 | 102..=199) {
            return Ok(Answer {
                response,
                rest,
                is_http_1_1,
            });
        }
    }
    Err(Error::new(
        ErrorKind::Handshake,
        "the server sent interim answers without end",
    ))
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        matches!(self.response.status, 200..=299)
    }

    /// Reads the body, as far as it comes soon.
    pub(super) async fn finish(self, stream: &mut (impl AsyncRead + Unpin + ?Sized)) -> Finished {
        let Answer {
            mut response,
            rest: mut body,
            is_http_1_1,
        } = self;
        let framing = Framing::of(&response.headers);
        let is_whole = within(Some(BODY_TIME), "", async {
            while body.len() < framing.wanted() {
                if let Some(end) = framing.end(&body) {
                    return Ok(end == body.len());
                }
                if !matches!(read_more(stream, &mut body).await, Ok(1..)) {
                    break;
                }
            }
            Ok(framing.end(&body) == Some(body.len()))
        })
        .await
        .unwrap_or(false);
        if let Some(end) = framing.end(&body) {
            body.truncate(end);
        }
        if let Framing::Chunked = framing {
            body = unchunk(&body);
        }
        body.truncate(MAX_BODY);
        let closes = response.headers.has_token("Connection", "close");
        response.body = body.into();
        Finished {
            response,
            is_reusable: is_whole && is_http_1_1 && !closes,
        }
    }
}

impl Framing {
    fn of(headers: &Headers) -> Framing {
        if headers.has_token("Transfer-Encoding", "chunked") {
            return Framing::Chunked;
        }
        match headers.get("Content-Length").map(str::parse) {
            Some(Ok(length)) => Framing::Length(length),
            _ => Framing::ToTheEnd,
        }
    }

    /// How much of the body is worth reading.
    fn wanted(&self) -> usize {
        match *self {
            Framing::Length(length) if length <= MAX_DRAINED => length,
            Framing::Chunked => MAX_DRAINED,
            Framing::Length(_) | Framing::ToTheEnd => MAX_BODY,
        }
    }

    /// The size of the whole body, if that has arrived.
    fn end(&self, body: &[u8]) -> Option<usize> {
        match *self {
            Framing::Length(length) => (body.len() >= length).then_some(length),
            Framing::Chunked => chunked_end(body),
            Framing::ToTheEnd => None,
        }
    }
}

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
async fn read_more(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
) -> io::Result<usize> {
    let mut chunk = [0; CHUNK];
    let read = stream.read(&mut chunk).await?;
    buffer.extend_from_slice(&chunk[..read]);
    Ok(read)
}

/// The size of a chunked body with its trailers, if all of it has arrived (RFC 9112 §7.1).
fn chunked_end(body: &[u8]) -> Option<usize> {
    let mut position = 0;
    loop {
        let rest = body.get(position..)?;
        let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(rest)
        else {
            return None;
        };
        if length == 0 {
            break position += start;
        }
        position = position.checked_add(start + usize::try_from(length).ok()? + 2)?;
    }
    loop {
        let line = body.get(position..)?.iter().position(|&b| b == b'\n')?;
        let is_last = matches!(&body[position..position + line], b"" | b"\r");
        position += line + 1;
        if is_last {
            return Some(position);
        }
    }
}

/// The payload of a chunked body, as far as it has come (RFC 9112 §7.1).
fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    while let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(body) {
        let rest = &body[start..];
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        payload.extend_from_slice(&rest[..length.min(rest.len())]);
        match rest
            .get(length..)
            .and_then(|rest| rest.strip_prefix(b"\r\n"))
        {
            Some(rest) if length > 0 => body = rest,
            _ => break,
        }
    }
    payload
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

/// A response without its body, and whether it is HTTP/1.1.
pub(super) fn parse_response(bytes: &[u8]) -> Parsed<(Response, bool)> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut lines);
    let httparse::Status::Complete(size) = head.parse(bytes)? else {
        return Ok(None);
    };
    let is_http_1_1 = head.version == Some(1);
    let response = Response {
        status: head.code.unwrap_or_default(),
        reason: head.reason.unwrap_or_default().to_owned(),
        headers: headers(head.headers),
        body: Bytes::new(),
    };
    // Another protocol was not to be switched to before HTTP/1.1 (RFC 9110 §7.8).
    if response.status == 101 && !is_http_1_1 {
        return Err(httparse::Error::Version);
    }
    Ok(Some(((response, is_http_1_1), size)))
}

fn malformed(error: httparse::Error) -> Error {
    let text = match error {
        httparse::Error::TooManyHeaders => "over 128 header lines",
        httparse::Error::Status | httparse::Error::Version => "not an HTTP/1 status line",
        _ => "malformed HTTP",
    };
    Error::new(ErrorKind::Handshake, text).with_source(error)
}
