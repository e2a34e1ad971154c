//! Encoded bytes that wait for the transport, in pooled buffers: a queue that grows never moves what
//! is in it, and one that shrinks gives memory back.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::pool;
use crate::backend::native::transport::Transport;

/// So many buffers go into one write: 1 MiB.
const SLICES: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct WriteBuffer {
    /// In front of the last; none is empty.
    full: VecDeque<Vec<u8>>,
    /// It is being filled, and takes no memory while nothing waits.
    last: Vec<u8>,
    /// Bytes of the first that are written.
    written: usize,
}

impl WriteBuffer {
    pub(crate) fn len(&self) -> usize {
        self.full.iter().map(Vec::len).sum::<usize>() + self.last.len() - self.written
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.last.is_empty() && self.full.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.full.iter().map(Vec::capacity).sum::<usize>() + self.last.capacity()
    }

    /// The end of the queue, with room for at least so many bytes, at most [`pool::SIZE`].
    pub(crate) fn room(&mut self, bytes: usize) -> &mut Vec<u8> {
        debug_assert!(bytes <= pool::SIZE);
        if self.last.capacity() - self.last.len() < bytes {
            self.begin(pool::take_write());
        }
        &mut self.last
    }

    /// Goes on with another buffer.
    fn begin(&mut self, buffer: Vec<u8>) {
        let full = mem::replace(&mut self.last, buffer);
        if !full.is_empty() {
            self.full.push_back(full);
        }
    }

    /// Takes back what was lent for a write, in front of what was encoded meanwhile.
    pub(crate) fn give_back(&mut self, lent: WriteBuffer) {
        let since = mem::replace(self, lent);
        debug_assert_eq!(since.written, 0);
        if since.is_empty() {
            return;
        }
        for buffer in since.full {
            self.begin(buffer);
        }
        self.begin(since.last);
    }

    /// Writes once.
    pub(crate) fn poll_write(
        &mut self,
        transport: Pin<&mut dyn Transport>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        debug_assert!(!self.is_empty());
        let result = if self.full.is_empty() {
            transport.poll_write(cx, &self.last[self.written..])
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let buffers = self.full.iter().chain([&self.last]);
            let mut count = 0;
            for (slice, buffer) in slices.iter_mut().zip(buffers) {
                *slice = IoSlice::new(buffer);
                count += 1;
            }
            slices[0].advance(self.written);
            transport.poll_write_vectored(cx, &slices[..count])
        };
        if let Poll::Ready(Ok(bytes)) = result {
            self.advance(bytes);
        }
        result
    }

    fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        while let Some(first) = self.full.pop_front() {
            if first.len() > self.written {
                self.full.push_front(first);
                return;
            }
            self.written -= first.len();
            pool::give_write(first);
        }
        if self.written == self.last.len() {
            self.written = 0;
            pool::give_write(mem::take(&mut self.last));
        }
    }
}
