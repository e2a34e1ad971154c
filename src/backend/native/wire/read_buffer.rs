//! Bytes from the transport that were not looked at, and the payloads that are cut out of them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::{io, mem};

use bytes::{Bytes, BytesMut};

use super::frame::{MAX_CONTROL, MAX_HEADER};
use super::pool;
use crate::backend::native::transport::Transport;

/// Payloads up to this size are cut out of a common block.
const SMALL: usize = 1024;

/// The size of such a block.
const BLOCK: usize = 4 * 1024;

/// Payloads from this size on keep the buffer that they lie in, instead of being copied, if they
/// fit into one.
pub(crate) const SHARED: usize = 16 * 1024;

#[derive(Debug, Default)]
pub(crate) struct ReadBuffer {
    /// The bytes are in `start..end`. No buffer while there are none.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// How much of the buffer is used.
    size: usize,
    /// Where small payloads are cut from.
    block: BytesMut,
}

impl ReadBuffer {
    /// `early` is there already.
    pub(crate) fn new(early: Vec<u8>, size: Option<usize>) -> ReadBuffer {
        let mut buffer = ReadBuffer {
            end: early.len(),
            buffer: early.into_boxed_slice(),
            start: 0,
            size: 0,
            block: BytesMut::new(),
        };
        buffer.set_size(size);
        buffer
    }

    pub(crate) fn set_size(&mut self, bytes: Option<usize>) {
        // A header with a whole control frame always fits: they are taken together.
        const LEAST: usize = 2 * (MAX_HEADER + MAX_CONTROL);
        self.size = bytes.unwrap_or(pool::READ).clamp(LEAST, pool::READ);
    }

    /// Lends the buffer for a read.
    pub(crate) fn lend(&mut self) -> ReadBuffer {
        let size = self.size;
        mem::replace(
            self,
            ReadBuffer {
                size,
                ..ReadBuffer::default()
            },
        )
    }

    /// Takes back what was lent; its size may have been changed meanwhile.
    pub(crate) fn give_back(&mut self, lent: ReadBuffer) {
        let size = self.size;
        *self = ReadBuffer { size, ..lent };
    }

    /// Whether so many bytes fit.
    pub(crate) fn holds(&self, bytes: usize) -> bool {
        bytes <= self.size
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..self.end]
    }

    /// Drops the first bytes.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.start += bytes;
        debug_assert!(self.start <= self.end);
        self.release();
    }

    /// Cuts out the first bytes.
    pub(crate) fn cut(&mut self, length: usize) -> Bytes {
        let payload = self.copy_or_share(length);
        self.release();
        payload
    }

    fn copy_or_share(&mut self, length: usize) -> Bytes {
        let payload = self.start..self.start + length;
        let behind = self.end - payload.end;
        self.start = payload.end;
        if length >= SHARED && length >= behind && self.buffer.len() == pool::READ {
            let mut next = pool::take_read();
            next[..behind].copy_from_slice(&self.buffer[payload.end..self.end]);
            (self.start, self.end) = (0, behind);
            return pool::share_read(mem::replace(&mut self.buffer, next)).slice(payload);
        }
        let is_alone = behind == 0 && self.block.capacity() == 0;
        let payload = &self.buffer[payload];
        if length > SMALL || is_alone {
            return Bytes::copy_from_slice(payload);
        }
        if self.block.capacity() < length {
            self.block = BytesMut::with_capacity(BLOCK.min(length + behind));
        }
        self.block.extend_from_slice(payload);
        self.block.split().freeze()
    }

    /// Reads once from the transport.
    pub(crate) fn poll_fill(
        &mut self,
        transport: Pin<&mut dyn Transport>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        // The size may have become less than what waits here: then one byte makes it move on.
        let size = self.size.max(self.end + 1).min(pool::READ);
        let result = transport.poll_read(cx, &mut self.buffer[self.end..size]);
        if let Poll::Ready(Ok(read)) = result {
            self.end += read;
        }
        self.release();
        result
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        self.start = self.end;
        self.release();
    }

    fn make_room(&mut self) {
        if self.buffer.len() < pool::READ {
            let mut buffer = pool::take_read();
            let rest = &self.buffer[self.start..self.end];
            buffer[..rest.len()].copy_from_slice(rest);
            self.buffer = buffer;
        } else if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        self.end -= self.start;
        self.start = 0;
    }

    /// Gives the memory back once all is used up: the application may not poll again for long.
    fn release(&mut self) {
        if self.start == self.end && !self.buffer.is_empty() {
            self.start = 0;
            self.end = 0;
            pool::give_read(mem::take(&mut self.buffer));
            self.block = BytesMut::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::backend::native::wire::mock::MockTransport;

    fn fill(buffer: &mut ReadBuffer, peer: &mut MockTransport) -> Option<usize> {
        let mut cx = Context::from_waker(Waker::noop());
        match buffer.poll_fill(Pin::new(peer), &mut cx) {
            Poll::Ready(read) => Some(read.unwrap()),
            Poll::Pending => None,
        }
    }

    #[test]
    fn its_size_bounds_one_read_and_an_empty_one_takes_no_memory() {
        for (size, most) in [(Some(1), 278), (Some(1000), 1000), (None, pool::READ)] {
            let mut buffer = ReadBuffer::new(Vec::new(), size);
            let mut peer = MockTransport::giving([&[7; 100_000][..]]);
            assert_eq!(fill(&mut buffer, &mut peer), Some(most));
            buffer.advance(most);
            assert_eq!(fill(&mut buffer, &mut MockTransport::giving([])), None);
            assert!(buffer.buffer.is_empty());
        }
    }

    #[test]
    fn it_may_shrink_below_what_is_in_it() {
        let mut buffer = ReadBuffer::new(Vec::new(), None);
        let mut peer = MockTransport::giving([&[7; 20_000][..], &[8; 20_000]]);
        assert_eq!(fill(&mut buffer, &mut peer), Some(20_000));
        buffer.set_size(Some(1000));
        assert_eq!(fill(&mut buffer, &mut peer), Some(1));
        buffer.advance(19_000);
        assert_eq!(buffer.bytes().len(), 1001);
        assert_eq!(buffer.bytes()[1000], 8);
    }

    #[test]
    fn a_full_one_takes_no_more() {
        let mut buffer = ReadBuffer::new(Vec::new(), None);
        let mut peer = MockTransport::giving([&[7; 100_000][..]]);
        assert_eq!(fill(&mut buffer, &mut peer), Some(pool::READ));
        assert_eq!(fill(&mut buffer, &mut peer), Some(0));
        buffer.advance(1);
        assert_eq!(fill(&mut buffer, &mut peer), Some(1));
    }

    #[test]
    fn a_large_payload_keeps_the_buffer_and_a_small_one_does_not() {
        let mut buffer = ReadBuffer::new(Vec::new(), None);
        let payloads = [vec![1; 10], vec![2; 40_000], vec![3; 2000], vec![4; 20]];
        fill(
            &mut buffer,
            &mut MockTransport::giving([&*payloads.concat()]),
        );
        let place = buffer.buffer.as_ptr_range();
        let cut = payloads.each_ref().map(|payload| buffer.cut(payload.len()));
        assert_eq!(cut, payloads);
        assert!(buffer.bytes().is_empty());
        let lies_there = cut.map(|payload| place.contains(&payload.as_ptr()));
        assert_eq!(lies_there, [false, true, false, false]);
    }
}
