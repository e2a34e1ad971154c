//! The bodies of answers (RFC 9112 §6).

use crate::response::Response;

/// The largest part of a body that is kept.
pub(super) const MAX_BODY: usize = 16 * 1024;

/// A longer body is not read to its end so that the connection can be used again.
const MAX_DRAINED: usize = 1024 * 1024;

/// Where a body ends (RFC 9112 §6.3).
pub(super) enum Framing {
    Length(usize),
    Chunked(Chunks),
    ToTheEnd,
}

impl Framing {
    pub(super) fn of(response: &Response) -> Framing {
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
    pub(super) fn wanted(&self) -> usize {
        match *self {
            Framing::Length(length) if length <= MAX_DRAINED => length,
            Framing::Chunked(_) => MAX_DRAINED,
            Framing::Length(_) | Framing::ToTheEnd => MAX_BODY,
        }
    }

    /// The size of the whole body, if that has arrived.
    pub(super) fn end(&mut self, body: &[u8]) -> Option<usize> {
        match self {
            Framing::Length(length) => (body.len() >= *length).then_some(*length),
            Framing::Chunked(chunks) => chunks.read(body),
            Framing::ToTheEnd => None,
        }
    }
}

/// A chunked body that arrives (RFC 9112 §7.1).
#[derive(Default)]
pub(super) struct Chunks {
    pub(super) payload: Vec<u8>,
    /// How much of the body was read.
    position: usize,
    /// How much of it was searched for the end of a line.
    searched: usize,
    next: Next,
}

/// The next element of a chunked body.
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
                Next::Size => match httparse::parse_chunk_size(self.line(body)?) {
                    Ok(httparse::Status::Complete((size, 0))) => (size, Next::Trailers),
                    Ok(httparse::Status::Complete((size, length))) => (size, Next::Data(length)),
                    Ok(httparse::Status::Partial) | Err(_) => (0, Next::Garbage),
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
                Next::Trailers => match self.line(body)? {
                    line @ (b"\n" | b"\r\n") => (line.len(), Next::Nothing),
                    line => (line.len(), Next::Trailers),
                },
                Next::Nothing => return Some(self.position),
                Next::Garbage => return None,
            };
            self.position += read;
            self.next = next;
        }
    }

    /// The line that comes next, with its end. One that comes in many pieces is searched once.
    fn line<'a>(&mut self, body: &'a [u8]) -> Option<&'a [u8]> {
        let start = self.searched.max(self.position);
        let end = body[start..].iter().position(|&byte| byte == b'\n');
        self.searched = end.map_or(body.len(), |end| start + end + 1);
        end.map(|_| &body[self.position..self.searched])
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse_response;
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
            b"4\nmore\r\n0\r\n\r\n",
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
