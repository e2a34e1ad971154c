//! Encoded bytes that wait for the transport, in pooled buffers: a queue that grows never moves what
//! is in it, and one that shrinks gives memory back.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{frame, pool};
use crate::backend::native::transport::Transport;

/// A new buffer is initialized by so many bytes.
const STEP: usize = 4 * 1024;

/// So many buffers go into one write: 1 MiB.
const SLICES: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct WriteBuffer {
    /// In front of the last; none is empty.
    full: VecDeque<Filling>,
    /// It takes no memory while nothing waits.
    last: Filling,
    /// Bytes of the first that are written.
    written: usize,
}

/// A buffer of the pool that is being filled. Payloads are masked while they are copied into memory
/// that is initialized.
#[derive(Debug, Default)]
pub(crate) struct Filling {
    /// As long as it is initialized.
    buffer: Vec<u8>,
    length: usize,
}

impl Filling {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn filled(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// How many bytes more fit.
    pub(crate) fn room(&self) -> usize {
        self.buffer.capacity() - self.length
    }

    /// Appends a header; there has to be room for the longest.
    pub(crate) fn push_header(&mut self, first: u8, length: usize, mask: Option<[u8; 4]>) {
        let (header, size) = frame::header(first, length, mask);
        self.next(frame::MAX_HEADER).copy_from_slice(&header);
        self.length += size;
    }

    /// Appends bytes for which there is room, masked if there is a mask; they begin `offset` bytes into
    /// the payload.
    pub(crate) fn push(&mut self, bytes: &[u8], mask: Option<[u8; 4]>, offset: usize) {
        frame::copy(self.next(bytes.len()), bytes, mask, offset);
        self.length += bytes.len();
    }

    /// The memory of the next bytes.
    #[inline]
    fn next(&mut self, bytes: usize) -> &mut [u8] {
        let end = self.length + bytes;
        if self.buffer.len() < end {
            self.initialize(end);
        }
        &mut self.buffer[self.length..end]
    }

    /// In steps: a small message makes little of a new buffer resident.
    #[cold]
    fn initialize(&mut self, end: usize) {
        debug_assert!(end <= self.buffer.capacity());
        let end = end.next_multiple_of(STEP).min(self.buffer.capacity());
        self.buffer.resize(end, 0);
    }
}

impl WriteBuffer {
    pub(crate) fn len(&self) -> usize {
        self.full.iter().map(Filling::len).sum::<usize>() + self.last.len() - self.written
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.last.is_empty() && self.full.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        let buffers = self.full.iter().chain([&self.last]);
        buffers.map(|filling| filling.buffer.capacity()).sum()
    }

    /// The end of the queue, with room for at least so many bytes, at most [`pool::SIZE`].
    pub(crate) fn room(&mut self, bytes: usize) -> &mut Filling {
        debug_assert!(bytes <= pool::SIZE);
        if self.last.room() < bytes {
            self.begin(Filling {
                buffer: pool::take_write(),
                length: 0,
            });
        }
        &mut self.last
    }

    /// Goes on with another buffer.
    fn begin(&mut self, buffer: Filling) {
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
            transport.poll_write(cx, &self.last.filled()[self.written..])
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let buffers = self.full.iter().chain([&self.last]);
            let mut count = 0;
            for (slice, buffer) in slices.iter_mut().zip(buffers) {
                *slice = IoSlice::new(buffer.filled());
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
            pool::give_write(first.buffer);
        }
        if self.written == self.last.len() {
            self.written = 0;
            pool::give_write(mem::take(&mut self.last).buffer);
        }
    }
}
