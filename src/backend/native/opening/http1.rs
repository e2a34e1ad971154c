//! HTTP/1.1 (RFC 9112) on a stream: heads, and the bodies of refusals.

mod body;

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use self::body::{Framing, MAX_BODY};
use crate::backend::native::error::io_error;
use crate::backend::native::timeout::timeout;
use crate::error::{Error, ErrorKind};
use crate::headers::{Headers, text};
use crate::response::Response;
use crate::trace;

/// The largest head, in bytes.
pub(crate) const MAX_HEAD: usize = 64 * 1024;

/// The largest number of header lines.
pub(crate) const MAX_HEADERS: usize = 128;

const CHUNK: usize = 4 * 1024;

/// Longer than any status line that makes sense.
const BEGINNING: usize = 512;

/// More interim answers than this are no answer.
const MAX_INTERIM: usize = 16;

/// How long a body is waited for, and an answer to what could not be written.
const BODY_TIME: Duration = Duration::from_millis(500);

/// An answer whose body may still be on its way.
pub(crate) struct PendingResponse {
    /// Without its body.
    pub(crate) response: Response,
    /// Bytes that followed the head.
    pub(crate) rest: Vec<u8>,
    is_http_1_1: bool,
}

/// An answer with the first part of its body.
pub(crate) struct Finished {
    pub(crate) response: Response,
    /// Whether another request may follow on the same connection.
    pub(crate) is_reusable: bool,
}

/// Sends a request without a body.
pub(crate) async fn send(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    head: &str,
) -> Result<(), Error> {
    stream.write_all(head.as_bytes()).await.map_err(io_error)?;
    stream.flush().await.map_err(io_error)?;
    trace::http_sent(head.len());
    Ok(())
}

/// Reads the answer to what was [sent](send). A server may refuse, and go, before it has read all of
/// it (RFC 9112 §9.5).
pub(crate) async fn receive_after(
    sent: Result<(), Error>,
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<PendingResponse, Error> {
    let Err(error) = sent else {
        return receive(stream).await;
    };
    let received = timeout(Some(BODY_TIME), "", receive(stream)).await;
    received.map_err(|_| error)
}

/// The bytes of an answer. Everything in it was checked.
#[cfg(feature = "server")]
pub(crate) fn encode(response: &Response) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, response.reason);
    push_lines(&mut head, &response.headers);
    head
}

/// Appends header lines, and the empty one behind them.
pub(crate) fn push_lines(head: &mut String, headers: &Headers) {
    for (name, value) in headers.iter() {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
}

/// Reads the answer behind interim ones, which only announce it (RFC 9110 §15.2).
pub(crate) async fn receive(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<PendingResponse, Error> {
    let mut rest = Vec::new();
    for _ in 0..=MAX_INTERIM {
        let (response, is_http_1_1) = read_head(stream, &mut rest, parse_response).await?;
        trace::http_answered(response.status);
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
    #[cfg(feature = "proxy")]
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

/// A parsed head and its size.
pub(crate) type Parsed<T> = Result<Option<(T, usize)>, httparse::Error>;

/// Reads into `buffer` until `parse` finds a head, which is cut off; what came behind it stays.
pub(crate) async fn read_head<T>(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
    parse: impl Fn(&[u8]) -> Parsed<T>,
) -> Result<T, Error> {
    // How much was there when it was last parsed, and looked through for the end.
    let (mut parsed, mut searched) = (0, 0_usize);
    // Empty lines in front of the first are none of it (RFC 9112 §2.2).
    let mut start = 0;
    loop {
        let line_ends = buffer[start..].iter().take_while(|b| b"\r\n".contains(b));
        start += line_ends.count();
        // Garbage is noticed at the beginning, and before it has become twice as much.
        let is_grown = parsed < BEGINNING || buffer.len() >= 2 * parsed;
        if is_grown || has_end(&buffer[start..], searched.saturating_sub(start)) {
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
        searched = buffer.len();
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

/// Returns whether an empty line ends in what follows `from`.
fn has_end(head: &[u8], from: usize) -> bool {
    let is_end = |at: usize| matches!(&head[..at], [.., b'\n'] | [.., b'\n', b'\r']);
    (from..head.len()).any(|at| head[at] == b'\n' && is_end(at))
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

/// Header lines as text.
pub(crate) fn headers(lines: &[httparse::Header<'_>]) -> Headers {
    let lines = lines.iter().map(|line| {
        let value = text(&unfold(line.value))
            .trim_matches([' ', '\t'])
            .to_owned();
        (line.name, value)
    });
    lines.collect()
}

/// A value with a blank in place of each fold, which is a line's end with the white space around it
/// (RFC 9112 §5.2).
fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return value.into();
    }
    let lines = value.split(|&byte| byte == b'\n');
    let lines: Vec<_> = lines.map(<[u8]>::trim_ascii).collect();
    lines.join(&b' ').into()
}

/// Status code and reason phrase, which is often empty.
pub(crate) fn status(response: &Response) -> String {
    let text = format!("{} {}", response.status, response.reason);
    text.trim_end().to_owned()
}

/// A response without its body, and whether it is HTTP/1.1.
pub(crate) fn parse_response(bytes: &[u8]) -> Parsed<(Response, bool)> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut lines);
    let mut config = httparse::ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    let httparse::Status::Complete(size) = config.parse_response(&mut head, bytes)? else {
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
    use futures::FutureExt;
    use futures::io::Cursor;

    use super::*;

    /// How often a head is parsed that arrives byte by byte, and what is left behind it.
    fn parses(bytes: &[u8]) -> (usize, Result<usize, ErrorKind>) {
        struct Drip<'a>(&'a [u8]);

        impl AsyncRead for Drip<'_> {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                out: &mut [u8],
            ) -> std::task::Poll<io::Result<usize>> {
                let Some((first, rest)) = self.0.split_first() else {
                    return std::task::Poll::Ready(Ok(0));
                };
                out[0] = *first;
                self.0 = rest;
                std::task::Poll::Ready(Ok(1))
            }
        }

        let count = std::cell::Cell::new(0);
        let mut drip = Drip(bytes);
        let mut buffer = Vec::new();
        let parse = |bytes: &[u8]| {
            count.set(count.get() + 1);
            parse_response(bytes)
        };
        let head = read_head(&mut drip, &mut buffer, parse).now_or_never();
        let head = head.expect("it never waits");
        let left = head.map(|_| drip.0.len() + buffer.len());
        (count.get(), left.map_err(|error| error.kind()))
    }

    /// The beginning aside, it is parsed when it has doubled, and at its end.
    #[test]
    fn a_head_in_pieces_is_not_parsed_for_each() {
        const MOST: usize = BEGINNING + 10;
        let start = "HTTP/1.1 200 OK\n";
        let many = format!("{start}{}\nrest", "A: b\n".repeat(MAX_HEADERS));
        let long = format!("{start}{}\r\nrest", "Abc: d\n".repeat(100));
        let folded = format!("{start}A: b{}\n\nrest", "\n c".repeat(10_000));
        for head in [&many, &long, &folded] {
            let (count, left) = parses(head.as_bytes());
            assert_eq!(left, Ok("rest".len()));
            assert!(count <= MOST, "{count}");
        }
        for endless in [
            "\n".repeat(MAX_HEAD),
            "\r\n".repeat(MAX_HEAD / 2),
            format!("{start}{}", "A: b\n".repeat(MAX_HEAD)),
            format!("{start}A: b{}", "\n c".repeat(MAX_HEAD)),
            format!("{start}A: {}", "\t".repeat(MAX_HEAD)),
        ] {
            let (count, left) = parses(endless.as_bytes());
            assert_eq!(left, Err(ErrorKind::Handshake));
            assert!(count <= MOST, "{count}");
        }
    }

    #[test]
    fn empty_lines_in_front_are_skipped() {
        let head = b"\r\n\n\r\nHTTP/1.1 200 OK\r\n\r\nrest";
        assert_eq!(parses(head).1, Ok(4));
        let mut buffer = Vec::new();
        let mut stream = Cursor::new(&head[..]);
        let head = read_head(&mut stream, &mut buffer, parse_response);
        assert!(head.now_or_never().expect("it never waits").is_ok());
        assert_eq!(buffer, b"rest");
    }

    #[test]
    fn a_fold_is_a_blank() {
        for (value, unfolded) in [
            (&b"one"[..], &b"one"[..]),
            (b"one\r\n two", b"one two"),
            (b"one \t\r\n\t \ttwo\n three", b"one two three"),
            (b"\r\n one", b" one"),
            (b"a  b\tc\r\n d", b"a  b\tc d"),
        ] {
            assert_eq!(&*unfold(value), unfolded);
        }
    }

    #[test]
    fn a_status_without_a_phrase_has_no_blank_behind_it() {
        for (line, shown) in [
            ("404 Not Found", "404 Not Found"),
            ("404 ", "404"),
            ("404", "404"),
        ] {
            let head = format!("HTTP/1.1 {line}\r\n\r\n");
            let ((response, _), _) = parse_response(head.as_bytes()).unwrap().unwrap();
            assert_eq!(status(&response), shown);
        }
    }
}
