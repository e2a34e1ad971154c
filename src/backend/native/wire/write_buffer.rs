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
    /// None is empty, apart from one that is being filled.
    buffers: VecDeque<Vec<u8>>,
    /// Bytes of the first that are written.
    written: usize,
}

impl WriteBuffer {
    pub(crate) fn len(&self) -> usize {
        self.buffers.iter().map(Vec::len).sum::<usize>() - self.written
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.buffers.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.buffers.iter().map(Vec::capacity).sum()
    }

    /// The end of the queue, with room for at least so many bytes, at most [`pool::SIZE`].
    pub(crate) fn room(&mut self, bytes: usize) -> &mut Vec<u8> {
        debug_assert!(bytes <= pool::SIZE);
        let has_room = |last: &Vec<u8>| last.capacity() - last.len() >= bytes;
        if !self.buffers.back().is_some_and(has_room) {
            self.buffers.push_back(pool::take_write());
        }
        self.buffers.back_mut().expect("one was pushed")
    }

    /// Takes back what was lent for a write, in front of what was encoded meanwhile.
    pub(crate) fn give_back(&mut self, lent: WriteBuffer) {
        let since = mem::replace(self, lent);
        debug_assert_eq!(since.written, 0);
        self.buffers.extend(since.buffers);
    }

    /// Writes once.
    pub(crate) fn poll_write(
        &mut self,
        transport: Pin<&mut dyn Transport>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let result = if self.buffers.len() == 1 {
            transport.poll_write(cx, &self.buffers[0][self.written..])
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let count = self.buffers.len().min(SLICES);
            for (slice, buffer) in slices.iter_mut().zip(&self.buffers) {
                *slice = IoSlice::new(buffer);
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
        while let Some(first) = self.buffers.pop_front() {
            if first.len() > self.written {
                self.buffers.push_front(first);
                return;
            }
            self.written -= first.len();
            pool::give_write(first);
        }
    }
}
