//! HTTP/1.1 (RFC 9112) on a stream: heads, and the bodies of refusals.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::backend::native::error::io_error;
use crate::backend::native::timeout::timeout;
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::response::Response;

/// The largest head, in bytes.
pub(crate) const MAX_HEAD: usize = 64 * 1024;

/// The largest number of header lines.
pub(crate) const MAX_HEADERS: usize = 128;

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
pub(crate) struct PendingResponse {
    /// Without its body.
    pub(crate) response: Response,
    /// What came behind the head.
    pub(crate) rest: Vec<u8>,
    is_http_1_1: bool,
}

/// An answer with the first part of its body.
pub(crate) struct Finished {
    pub(crate) response: Response,
    /// Whether another request may follow on the same connection.
    pub(crate) is_reusable: bool,
}

/// Where a body ends (RFC 9112 §6.3).
enum Framing {
    Length(usize),
    Chunked(Chunks),
    ToTheEnd,
}

/// Sends a request without a body.
pub(crate) async fn send(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    head: &str,
) -> Result<(), Error> {
    stream.write_all(head.as_bytes()).await.map_err(io_error)?;
    stream.flush().await.map_err(io_error)
}

/// Reads the answer behind interim ones, which only announce it (RFC 9110 §15.2).
pub(crate) async fn receive(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<PendingResponse, Error> {
    let mut rest = Vec::new();
    for _ in 0..=MAX_INTERIM {
        let (response, is_http_1_1) = read_head(stream, &mut rest, parse_response).await?;
        if !matches!(response.status, 100 | 102..=199) {
            return Ok(PendingResponse {
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

impl PendingResponse {
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.response.status, 200..=299)
    }

    /// Reads the body, as far as it comes soon.
    pub(crate) async fn finish(self, stream: &mut (impl AsyncRead + Unpin + ?Sized)) -> Finished {
        let PendingResponse {
            mut response,
            rest: mut body,
            is_http_1_1,
        } = self;
        let mut framing = Framing::of(&response);
        let is_whole = timeout(Some(BODY_TIME), "", async {
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
        if let Framing::Chunked(chunks) = framing {
            body = chunks.payload;
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
    fn of(response: &Response) -> Framing {
        if matches!(response.status, 204 | 304) {
            return Framing::Length(0);
        }
        if let Some(last) = response.headers.tokens("Transfer-Encoding").last() {
            return match last.eq_ignore_ascii_case("chunked") {
                true => Framing::Chunked(Chunks::default()),
                false => Framing::ToTheEnd,
            };
        }
        let mut lengths = response.headers.tokens("Content-Length");
        match lengths.next() {
            Some(length)
                if length.bytes().all(|b| b.is_ascii_digit()) && lengths.all(|l| l == length) =>
            {
                length.parse().map_or(Framing::ToTheEnd, Framing::Length)
            }
            // None, or nobody knows which one counts.
            _ => Framing::ToTheEnd,
        }
    }

    /// How much of the body is worth reading.
    fn wanted(&self) -> usize {
        match *self {
            Framing::Length(length) if length <= MAX_DRAINED => length,
            Framing::Chunked(_) => MAX_DRAINED,
            Framing::Length(_) | Framing::ToTheEnd => MAX_BODY,
        }
    }

    /// The size of the whole body, if that has arrived.
    fn end(&mut self, body: &[u8]) -> Option<usize> {
        match self {
            Framing::Length(length) => (body.len() >= *length).then_some(*length),
            Framing::Chunked(chunks) => chunks.read(body),
            Framing::ToTheEnd => None,
        }
    }
}

/// A parsed head and its size.
pub(crate) type Parsed<T> = Result<Option<(T, usize)>, httparse::Error>;

/// Reads into `buffer` until `parse` finds a head, which is cut off; what came behind it stays.
pub(crate) async fn read_head<T>(
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

/// A chunked body that arrives (RFC 9112 §7.1).
#[derive(Default)]
struct Chunks {
    payload: Vec<u8>,
    /// How much of the body was read.
    position: usize,
    next: Next,
}

/// What comes next in a chunked body.
#[derive(Clone, Copy, Default)]
enum Next {
    #[default]
    Size,
    /// So many bytes of a chunk.
    Data(u64),
    LineEnd,
    Trailers,
    /// It is whole.
    Nothing,
    /// It is malformed.
    Garbage,
}

impl Chunks {
    /// Reads on in the body as far as it has come; its size once it is whole.
    fn read(&mut self, body: &[u8]) -> Option<usize> {
        loop {
            let rest = &body[self.position..];
            let (read, next) = match self.next {
                Next::Size => match httparse::parse_chunk_size(rest) {
                    Ok(httparse::Status::Complete((size, 0))) => (size, Next::Trailers),
                    Ok(httparse::Status::Complete((size, length))) => (size, Next::Data(length)),
                    Ok(httparse::Status::Partial) => return None,
                    Err(_) => (0, Next::Garbage),
                },
                Next::Data(0) => (0, Next::LineEnd),
                Next::Data(_) if rest.is_empty() => return None,
                Next::Data(left) => {
                    let length = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    let room = MAX_BODY - self.payload.len();
                    self.payload.extend_from_slice(&rest[..length.min(room)]);
                    (length, Next::Data(left - length as u64))
                }
                Next::LineEnd if rest.starts_with(b"\r\n") => (2, Next::Size),
                Next::LineEnd if b"\r\n".starts_with(rest) => return None,
                Next::LineEnd => (0, Next::Garbage),
                Next::Trailers => {
                    let line = rest.iter().position(|&byte| byte == b'\n')?;
                    let is_last = matches!(&rest[..line], b"" | b"\r");
                    let next = if is_last {
                        Next::Nothing
                    } else {
                        Next::Trailers
                    };
                    (line + 1, next)
                }
                Next::Nothing => return Some(self.position),
                Next::Garbage => return None,
            };
            self.position += read;
            self.next = next;
        }
    }
}

/// Header lines as text; bytes that are not UTF-8 are taken as Latin-1 (RFC 9110 §5.5).
pub(crate) fn headers(lines: &[httparse::Header<'_>]) -> Headers {
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
pub(crate) fn parse_response(bytes: &[u8]) -> Parsed<(Response, bool)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a body piece by piece: its size, once it is whole, and its payload.
    fn read(body: &[u8], piece: usize) -> (Option<usize>, Vec<u8>) {
        let mut chunks = Chunks::default();
        for end in (0..body.len()).step_by(piece) {
            chunks.read(&body[..end]);
        }
        let size = chunks.read(body);
        assert_eq!(chunks.read(body), size);
        (size, chunks.payload)
    }

    #[test]
    fn the_headers_tell_where_a_body_ends() {
        let framing = |head: &str| {
            let head = format!("HTTP/1.1 {head}\r\n\r\n");
            let ((response, _), _) = parse_response(head.as_bytes()).unwrap().unwrap();
            match Framing::of(&response) {
                Framing::Length(length) => Some(Some(length)),
                Framing::Chunked(_) => Some(None),
                Framing::ToTheEnd => None,
            }
        };
        const CHUNKED: Option<Option<usize>> = Some(None);
        for (head, expected) in [
            ("401 A\r\nContent-Length: 5", Some(Some(5))),
            ("401 A\r\nContent-Length: 5, 5", Some(Some(5))),
            (
                "401 A\r\nContent-Length: 5\r\nContent-Length: 5",
                Some(Some(5)),
            ),
            ("401 A\r\nContent-Length: 0\r\nContent-Length: 40", None),
            ("401 A\r\nContent-Length: +5", None),
            ("401 A\r\nContent-Length: 99999999999999999999999", None),
            ("401 A", None),
            (
                "401 A\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
                CHUNKED,
            ),
            ("401 A\r\nTransfer-Encoding: gzip, Chunked", CHUNKED),
            ("401 A\r\nTransfer-Encoding: chunked, gzip", None),
            (
                "401 A\r\nTransfer-Encoding: gzip\r\nContent-Length: 0",
                None,
            ),
            ("204 A", Some(Some(0))),
            ("304 A\r\nContent-Length: 5", Some(Some(0))),
        ] {
            assert_eq!(framing(head), expected, "{head}");
        }
    }

    #[test]
    fn a_chunked_body_is_the_same_in_all_pieces() {
        let body = b"5\r\n0\r\n\r\n\r\n4;a=b\r\nmore\r\n0\r\nX: y\r\n\r\n";
        let behind = [&body[..], b"HTTP/1.1"].concat();
        for piece in 1..=body.len() {
            let expected = (Some(body.len()), b"0\r\n\r\nmore".to_vec());
            assert_eq!(read(body, piece), expected, "{piece}");
            assert_eq!(read(&behind, piece), expected, "{piece}");
            assert_eq!(read(&body[..body.len() - 1], piece).0, None, "{piece}");
        }
    }

    #[test]
    fn a_malformed_one_has_no_end() {
        for bad in [
            &b"4\r\nmore0\r\n\r\n"[..],
            b"4\r\nmore\n0\r\n\r\n",
            b"x\r\n0\r\n\r\n",
            b"fffffffffffffffffff\r\n0\r\n\r\n",
        ] {
            for piece in 1..=bad.len() {
                assert_eq!(read(bad, piece).0, None, "{bad:?} by {piece}");
            }
        }
    }

    #[test]
    fn only_a_part_of_a_long_one_is_kept() {
        let body = ["8000\r\n", &"x".repeat(0x8000), "\r\n0\r\n\r\n"].concat();
        let (size, payload) = read(body.as_bytes(), 1000);
        assert_eq!((size, payload.len()), (Some(body.len()), MAX_BODY));
    }
}
