//! A transport in memory: gives the same frames over and over, and takes what is written.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::io::ReadBuf;

use crate::opening;

/// How much is copied at a time out of what is written, into the same place, as into a cache.
const SCRATCH: usize = 64 * 1024;

#[derive(Debug)]
pub struct Memory {
    /// The peer's half of the opening handshake, read first.
    opening: Vec<u8>,
    /// How much of it was read.
    opened: usize,
    /// What has come of a request that is still to be answered.
    request: Option<Request>,
    frames: Bytes,
    position: usize,
    scratch: Box<[u8]>,
    /// How much is taken at a time before the writer has to wait.
    write_limit: Option<usize>,
    is_full: bool,
}

/// The opening handshake of whoever has this as a client.
#[derive(Debug, Default)]
struct Request {
    head: Vec<u8>,
    /// Who waits for the response.
    reader: Option<Waker>,
}

impl Memory {
    /// The peer's frames; none means that there is nothing to read.
    pub fn new(frames: impl Into<Bytes>) -> Memory {
        Memory {
            opening: Vec::new(),
            opened: 0,
            request: None,
            frames: frames.into(),
            position: 0,
            scratch: vec![0; SCRATCH].into_boxed_slice(),
            write_limit: None,
            is_full: false,
        }
    }

    /// Takes this many bytes at a time, and then makes the writer wait.
    pub fn with_write_limit(mut self, bytes: usize) -> Memory {
        self.write_limit = Some(bytes);
        self
    }

    /// Begins with a client's opening handshake.
    pub fn with_request(mut self) -> Memory {
        self.opening = opening::request(80, "/").into_bytes();
        self
    }

    /// Begins with the answer to the opening handshake that is written.
    pub fn with_response(mut self) -> Memory {
        self.request = Some(Request::default());
        self
    }

    /// The next bytes, at most as many as there is room for.
    fn read(&mut self, cx: &mut Context<'_>, room: usize) -> Poll<&[u8]> {
        if let Some(request) = &mut self.request {
            request.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let opening = &self.opening[self.opened..];
        if !opening.is_empty() {
            let bytes = &opening[..opening.len().min(room)];
            self.opened += bytes.len();
            return Poll::Ready(bytes);
        }
        if self.frames.is_empty() {
            return Poll::Pending;
        }
        let rest = &self.frames[self.position..];
        let bytes = &rest[..rest.len().min(room)];
        self.position = (self.position + bytes.len()) % self.frames.len();
        Poll::Ready(bytes)
    }

    /// Takes a part of the client's opening handshake.
    fn take_request(&mut self, parts: &[IoSlice<'_>]) -> Option<usize> {
        let request = self.request.as_mut()?;
        for part in parts {
            request.head.extend_from_slice(part);
        }
        if opening::is_whole(&request.head) {
            let request = self.request.take()?;
            let response = opening::response(&request.head).expect("the request is good");
            self.opening = response.into_bytes();
            if let Some(reader) = request.reader {
                reader.wake();
            }
        }
        Some(parts.iter().map(|part| part.len()).sum())
    }

    fn write(&mut self, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.is_full {
            self.is_full = false;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(length) = self.take_request(parts) {
            return Poll::Ready(Ok(length));
        }
        let mut room = self.write_limit.unwrap_or(usize::MAX);
        let mut written = 0;
        for part in parts {
            let taken = part.len().min(room);
            for piece in part[..taken].chunks(SCRATCH) {
                self.scratch[..piece.len()].copy_from_slice(piece);
            }
            written += taken;
            room -= taken;
        }
        self.is_full = self.write_limit == Some(written);
        Poll::Ready(Ok(written))
    }
}

impl futures::AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.read(cx, out.len()).map(|bytes| {
            out[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        })
    }
}

impl futures::AsyncWrite for Memory {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, parts)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.read(cx, out.remaining()).map(|bytes| {
            out.put_slice(bytes);
            Ok(())
        })
    }
}

impl tokio::io::AsyncWrite for Memory {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
