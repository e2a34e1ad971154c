//! Bytes from the transport that were not looked at, and the payloads that are cut out of them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::{io, mem};

use bytes::{Bytes, BytesMut};

use super::frame::{MAX_CONTROL, MAX_HEADER};
use super::{frame, pool};
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
    /// Takes the buffer's place once payloads keep it; it changes no more.
    shared: Bytes,
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
            shared: Bytes::new(),
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

    /// Returns whether so many bytes fit.
    pub(crate) fn holds(&self, bytes: usize) -> bool {
        bytes <= self.size
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.all()[self.start..self.end]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        if !self.shared.is_empty() {
            self.move_on();
        }
        &mut self.buffer[self.start..self.end]
    }

    /// With what was taken before.
    fn all(&self) -> &[u8] {
        match self.shared.is_empty() {
            true => &self.buffer,
            false => &self.shared,
        }
    }

    /// Drops the first bytes.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.start += bytes;
        debug_assert!(self.start <= self.end);
        self.release();
    }

    /// Drops a header of this size, and cuts out the payload behind it, without its mask.
    pub(crate) fn cut(&mut self, header: usize, length: usize, mask: Option<[u8; 4]>) -> Bytes {
        let start = self.start + header;
        self.start = start + length;
        debug_assert!(self.start <= self.end);
        let payload = match length {
            0 => Bytes::new(),
            1..=SMALL => self.cut_small(start, length, mask),
            SHARED.. => self.cut_large(start, length, mask),
            _ => copy(&self.all()[start..start + length], mask),
        };
        self.release();
        payload
    }

    fn cut_small(&mut self, start: usize, length: usize, mask: Option<[u8; 4]>) -> Bytes {
        let behind = self.end - self.start;
        if self.block.capacity() < length {
            if behind == 0 && self.block.capacity() == 0 {
                return copy(&self.all()[start..start + length], mask);
            }
            self.block = BytesMut::with_capacity(BLOCK.min(length + behind));
        }
        // Not by a method, which would borrow the block, too.
        let all = match self.shared.is_empty() {
            true => &self.buffer[..],
            false => &self.shared,
        };
        self.block.extend_from_slice(&all[start..start + length]);
        if let Some(mask) = mask {
            frame::apply_mask(&mut self.block, mask, 0);
        }
        self.block.split().freeze()
    }

    /// Keeps the buffer, if it is one of the pool. What is masked has to be changed in it, so the
    /// next payloads cannot lie there as well; it is not worth more copying than that saves.
    fn cut_large(&mut self, start: usize, length: usize, mask: Option<[u8; 4]>) -> Bytes {
        let payload = start..start + length;
        let behind = self.end - self.start;
        let is_pooled = self.buffer.len() == pool::READ;
        match mask {
            None if is_pooled => self.shared = pool::share_read(mem::take(&mut self.buffer)),
            Some(mask) if is_pooled && length >= behind => {
                frame::apply_mask(&mut self.buffer[payload.clone()], mask, 0);
                let mut next = pool::take_read();
                next[..behind].copy_from_slice(&self.buffer[self.start..self.end]);
                (self.start, self.end) = (0, behind);
                return pool::share_read(mem::replace(&mut self.buffer, next)).slice(payload);
            }
            _ => {}
        }
        match self.shared.is_empty() {
            true => copy(&self.buffer[payload], mask),
            false => self.shared.slice(payload),
        }
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
            self.move_on();
        } else if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Goes on in another buffer of the pool.
    fn move_on(&mut self) {
        let mut buffer = pool::take_read();
        let rest = self.bytes();
        buffer[..rest.len()].copy_from_slice(rest);
        (self.start, self.end) = (0, rest.len());
        self.buffer = buffer;
        self.shared = Bytes::new();
    }

    /// Gives the memory back once all is used up: the application may not poll again for long.
    fn release(&mut self) {
        if self.start == self.end && !self.all().is_empty() {
            self.start = 0;
            self.end = 0;
            pool::give_read(mem::take(&mut self.buffer));
            self.shared = Bytes::new();
            self.block = BytesMut::new();
        }
    }
}

fn copy(payload: &[u8], mask: Option<[u8; 4]>) -> Bytes {
    let mut copied = Vec::with_capacity(payload.len());
    frame::append(&mut copied, payload, mask, 0);
    copied.into()
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
        let cut = payloads
            .each_ref()
            .map(|payload| buffer.cut(0, payload.len(), None));
        assert_eq!(cut, payloads);
        assert!(buffer.bytes().is_empty());
        let lies_there = cut.map(|payload| place.contains(&payload.as_ptr()));
        assert_eq!(lies_there, [false, true, false, false]);
    }

    #[test]
    fn large_payloads_without_a_mask_keep_one_buffer_together() {
        let mut buffer = ReadBuffer::new(Vec::new(), None);
        let payloads = [1, 2, 3, 4].map(|byte| vec![byte; SHARED]);
        let mut sent = payloads.concat();
        sent.extend([5; 100]);
        fill(&mut buffer, &mut MockTransport::giving([&*sent]));
        let place = buffer.buffer.as_ptr_range();
        let cut = payloads.each_ref().map(|_| buffer.cut(0, SHARED, None));
        assert_eq!(cut, payloads);
        assert!(cut.iter().all(|payload| place.contains(&payload.as_ptr())));
        // What begins behind them goes on elsewhere.
        fill(&mut buffer, &mut MockTransport::giving([&[6; 100][..]]));
        assert_eq!(buffer.bytes(), [[5; 100], [6; 100]].concat());
        buffer.bytes_mut().fill(7);
        assert_eq!(cut, payloads);
    }

    #[test]
    fn a_mask_is_taken_off_wherever_the_payload_goes() {
        let mask = [0x11, 0x22, 0x33, 0x44];
        for length in [1, SMALL, SMALL + 1, SHARED - 1, SHARED, 40_000] {
            for behind in [0, 3, 20_000] {
                let plain: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
                let mut sent = plain.clone();
                frame::apply_mask(&mut sent, mask, 0);
                sent.resize(length + behind, 9);
                let mut buffer = ReadBuffer::new(Vec::new(), None);
                fill(&mut buffer, &mut MockTransport::giving([&*sent]));
                assert_eq!(
                    buffer.cut(0, length, Some(mask)),
                    plain,
                    "{length} {behind}"
                );
                assert_eq!(buffer.bytes(), vec![9; behind]);
            }
        }
    }
}
