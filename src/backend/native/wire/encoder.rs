//! The write queue: encodes frames, feeds large messages as the transport drains, counts bytes.
//!
//! ```text
//! send ──┬─ small ─────────────────────────▶ write_buffer ──▶ transport
//!        └─ large ──▶ messages ──┐             ▲
//! ping, pong ──────▶ controls ───┴─▶ fill() ───┘  control frames go between frames
//! close ──▶ messages, behind all; only pongs may follow
//! ```
//!
//! A custom mask generator is code of the application, so it is never called from here:
//! [`next_write`](Encoder::next_write) asks for a mask, and waits for
//! [`supply_mask`](Encoder::supply_mask).

use std::collections::VecDeque;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::deflate::Compressor;
use super::ends::{Ends, KEPT};
use super::frame;
use super::frame::{CLOSE, CONTINUATION, FIN, PONG, RSV1, TEXT};
use super::port::{Called, Writing};
use super::utf8::{Invalid, Utf8};
use super::write_buffer::WriteBuffer;
use super::{mask, pool, port};
use crate::backend::native::transport::Transport;
use crate::mask::MaskGenerator;
use crate::options::Options;
use crate::prepared_message::PreparedMessage;
use crate::trace;

/// Messages up to this size are encoded when they are sent; longer ones as the buffer drains.
const SMALL: usize = 16 * 1024;

/// With this much in the queue, encoded or not, sending more also writes: what is written while the
/// caller goes on sending is with the peer sooner, and the memory is used again while it is in the
/// processor's cache.
const HIGH_WATER: usize = 4 * pool::SIZE;

/// With more pongs than this unwritten, the next replaces the last (RFC 6455 §5.5.3).
const MAX_PONGS: usize = 64;

#[derive(Debug)]
pub(crate) struct Encoder {
    /// Whether we are the client, who masks (RFC 6455 §5.3).
    masks: bool,
    generator: Option<Arc<dyn MaskGenerator>>,
    frame_size: usize,
    compressor: Option<Compressor>,
    /// The message that is being sent in parts.
    open_message: Option<OpenMessage>,
    write_buffer: WriteBuffer,
    /// Messages that are not, or not wholly, encoded.
    messages: VecDeque<Unsent>,
    /// Control frames that wait for the end of a frame.
    controls: VecDeque<(u8, Bytes)>,
    /// Bytes of all that is queued, encoded or not.
    queued: usize,
    /// Bytes of all that was ever encoded, and of that what was written.
    encoded_bytes: u64,
    written_bytes: u64,
    /// Where in the encoded bytes the messages end that are not wholly written.
    ends: Ends,
    messages_written: u64,
    /// Messages that were sent wholly, written or not.
    messages_sent: u64,
    /// Masks of the custom generator that no frame has taken yet.
    supplied_masks: VecDeque<[u8; 4]>,
    /// The transport has bytes that it was not yet asked to flush.
    unflushed: bool,
    /// The transport took no more the last time.
    is_held_up: bool,
    /// A close frame is queued: no message follows it (RFC 6455 §5.5.1), only pongs.
    closed: bool,
    /// Where in the encoded bytes the close frame ends.
    close_end: Option<u64>,
}

/// The next action for the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// All is written and passed on.
    Nothing,
    /// The next frame needs a mask of the custom generator.
    Mask,
    /// The transport is to take bytes.
    Bytes,
    /// The transport is to pass on what it has taken.
    Flush,
}

#[derive(Clone, Copy, Debug)]
struct OpenMessage {
    is_compressed: bool,
    /// Of a text.
    utf8: Option<Utf8>,
}

/// The part of a message that is not encoded yet.
#[derive(Debug)]
struct Unsent {
    /// Opcode and reserved bits of the next frame.
    first: u8,
    payload: Bytes,
    /// Whether the message ends with this payload.
    is_last: bool,
    /// Whether it counts as a message when it is written.
    counts: bool,
    is_close: bool,
    frame_size: usize,
    /// Payload bytes of the frame whose header is encoded.
    frame_left: usize,
    /// Whether that frame is the message's last.
    fin: bool,
    mask: Option<[u8; 4]>,
    /// Where in that frame's payload we are.
    mask_offset: usize,
}

impl Encoder {
    pub(crate) fn new(masks: bool, compressor: Option<Compressor>, options: &Options) -> Encoder {
        Encoder {
            masks,
            generator: options.get_mask_generator().cloned(),
            frame_size: options.get_limits().get_outgoing_frame(),
            compressor,
            open_message: None,
            write_buffer: WriteBuffer::default(),
            messages: VecDeque::new(),
            controls: VecDeque::new(),
            queued: 0,
            encoded_bytes: 0,
            written_bytes: 0,
            ends: Ends::default(),
            messages_written: 0,
            messages_sent: 0,
            supplied_masks: VecDeque::new(),
            unflushed: false,
            is_held_up: false,
            closed: false,
            close_end: None,
        }
    }

    /// Bytes that are queued, frame headers included.
    pub(crate) fn len(&self) -> usize {
        self.queued
    }

    /// The memory that the queue takes, about: of small messages mostly what keeps them apart.
    pub(crate) fn held(&self) -> usize {
        self.queued
            + self.ends.len() * size_of::<u64>()
            + (self.messages.len() + self.controls.len()) * size_of::<Unsent>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queued == 0 && !self.unflushed
    }

    /// Returns whether so much is queued that waiting for more saves nothing, and the transport may
    /// take some of it.
    pub(crate) fn is_above_high_water(&self) -> bool {
        !self.is_held_up && self.queued >= HIGH_WATER
    }

    pub(crate) fn set_frame_size(&mut self, bytes: usize) {
        self.frame_size = bytes;
    }

    /// Replaces the generator, from the next frame on; the last one is returned.
    pub(crate) fn set_generator(
        &mut self,
        generator: Option<Arc<dyn MaskGenerator>>,
    ) -> Option<Arc<dyn MaskGenerator>> {
        self.supplied_masks.clear();
        mem::replace(&mut self.generator, generator)
    }

    /// The custom generator, if frames are masked by one.
    pub(crate) fn generator(&self) -> Option<&Arc<dyn MaskGenerator>> {
        self.generator.as_ref().filter(|_| self.masks)
    }

    /// A mask that was asked for by [`Write::Mask`].
    pub(crate) fn supply_mask(&mut self, mask: [u8; 4]) {
        self.supplied_masks.push_back(mask);
    }

    /// The bytes that a message of this length takes on the wire.
    pub(crate) fn wire_size(&self, length: usize) -> usize {
        if length <= self.frame_size {
            return self.frame_wire_size(length);
        }
        let whole = length / self.frame_size;
        let rest = length % self.frame_size;
        let mut size = whole * self.frame_wire_size(self.frame_size);
        if rest > 0 {
            size += self.frame_wire_size(rest);
        }
        size
    }

    fn frame_wire_size(&self, length: usize) -> usize {
        length + frame::header_size(length, self.masks)
    }

    /// Returns whether a message was begun with [`push_part`](Self::push_part) and not ended.
    pub(crate) fn has_open_message(&self) -> bool {
        self.open_message.is_some()
    }

    /// Messages that were written wholly; the probes of a keep-alive do not count.
    pub(crate) fn messages_written(&self) -> u64 {
        self.messages_written
    }

    /// Returns whether messages were accepted that are not wholly written.
    pub(crate) fn has_unwritten_messages(&self) -> bool {
        self.messages_written < self.messages_sent || self.open_message.is_some()
    }

    /// Returns whether the close frame is written.
    pub(crate) fn is_close_written(&self) -> bool {
        self.close_end.is_some_and(|end| end <= self.written_bytes)
    }

    /// Queues a message.
    pub(crate) fn push_message(&mut self, opcode: u8, payload: Bytes) {
        self.push_whole(opcode, payload, true, |deflate, payload| {
            deflate.compress(payload, true)
        });
    }

    /// Queues a message that other connections send as well, with its payload.
    pub(crate) fn push_prepared(&mut self, opcode: u8, payload: Bytes, prepared: &PreparedMessage) {
        self.push_whole(opcode, payload, true, |deflate, _| {
            deflate.compress_prepared(prepared)
        });
    }

    /// Queues a message that is not the application's.
    pub(crate) fn push_probe(&mut self, opcode: u8, payload: Bytes) {
        self.push_whole(opcode, payload, false, |deflate, payload| {
            deflate.compress(payload, true)
        });
    }

    fn push_whole(
        &mut self,
        opcode: u8,
        payload: Bytes,
        counts: bool,
        compress: impl FnOnce(&mut Compressor, &[u8]) -> Bytes,
    ) {
        match &mut self.compressor {
            Some(compressor) if payload.len() >= compressor.threshold() => {
                let payload = compress(compressor, &payload);
                self.push_payload(opcode | RSV1, payload, true, counts);
            }
            _ => self.push_payload(opcode, payload, true, counts),
        }
    }

    /// Queues a part of a message, unless a text would not be UTF-8 with it.
    pub(crate) fn push_part(
        &mut self,
        opcode: u8,
        payload: Bytes,
        is_last: bool,
    ) -> Result<(), Invalid> {
        let (first, mut message) = match self.open_message {
            Some(message) => (CONTINUATION, message),
            None => {
                let message = OpenMessage {
                    is_compressed: self.compressor.is_some(),
                    utf8: (opcode == TEXT).then(Utf8::default),
                };
                let rsv = if message.is_compressed { RSV1 } else { 0 };
                (opcode | rsv, message)
            }
        };
        if let Some(utf8) = &mut message.utf8 {
            utf8.push(&payload)?;
            if is_last && utf8.unfinished() > 0 {
                return Err(Invalid);
            }
        }
        self.open_message = (!is_last).then_some(message);
        let payload = match &mut self.compressor {
            Some(compressor) if message.is_compressed => compressor.compress(&payload, is_last),
            _ => payload,
        };
        self.push_payload(first, payload, is_last, true);
        Ok(())
    }

    fn push_payload(&mut self, first: u8, payload: Bytes, is_last: bool, counts: bool) {
        self.queued += self.wire_size(payload.len());
        self.messages_sent += u64::from(is_last && counts);
        let is_small = payload.len() <= SMALL.min(self.frame_size);
        if is_small && self.messages.is_empty() && self.has_mask() {
            // A control frame is not overtaken for ever by later messages.
            let has_two = self.generator().is_none() || self.supplied_masks.len() > 1;
            if has_two && let Some((opcode, control)) = self.controls.pop_front() {
                self.encode(FIN | opcode, &control);
            }
            let fin = if is_last { FIN } else { 0 };
            self.encode(fin | first, &payload);
            if is_last && counts {
                self.ends.push(self.encoded_bytes);
            }
        } else {
            self.messages.push_back(Unsent {
                is_last,
                counts,
                ..self.unsent(first, payload)
            });
        }
    }

    /// Queues a ping or pong: behind the small messages, between the frames of a large one. Where
    /// some wait, each small message that is sent later takes the first of them along.
    pub(crate) fn push_control(&mut self, opcode: u8, payload: Bytes) {
        // Pings are answered until the peer's close frame has come (RFC 6455 §5.5.2).
        if self.closed && opcode != PONG {
            return;
        }
        if opcode == PONG && self.waiting_pongs() >= MAX_PONGS {
            self.replace_last_pong(payload);
            return;
        }
        self.queued += self.frame_wire_size(payload.len());
        let has_room = self.write_buffer.len() < pool::SIZE;
        if self.messages.is_empty() && self.controls.is_empty() && has_room && self.has_mask() {
            self.encode(FIN | opcode, &payload);
        } else {
            self.controls.push_back((opcode, payload));
        }
    }

    /// Queues a close frame behind all that is queued.
    pub(crate) fn push_close(&mut self, payload: Bytes) {
        if self.closed {
            return;
        }
        self.queued += self.frame_wire_size(payload.len());
        let close = Unsent {
            counts: false,
            is_close: true,
            frame_size: payload.len().max(1),
            ..self.unsent(CLOSE, payload)
        };
        self.messages.push_back(close);
        self.closed = true;
    }

    /// Discards what is not encoded yet, apart from the rest of the frame that has begun and a
    /// close frame that waits, so that a close frame is next.
    pub(crate) fn discard_unsent(&mut self) {
        self.controls.clear();
        let close = if self.closed {
            self.messages.pop_back()
        } else {
            None
        };
        let begun = self.messages.pop_front().filter(|m| m.frame_left > 0);
        self.messages.clear();
        self.queued = self.write_buffer.len();
        if let Some(mut message) = begun {
            message.payload.truncate(message.frame_left);
            self.queued += message.frame_left;
            self.messages.push_back(message);
        }
        if let Some(close) = close {
            self.queued += match close.frame_left {
                0 => self.frame_wire_size(close.payload.len()),
                left => left,
            };
            self.messages.push_back(close);
        }
    }

    /// Returns the next action, after encoding up to a buffer's worth of what is queued.
    pub(crate) fn next_write(&mut self) -> Write {
        if self.queued == 0 {
            return match self.unflushed {
                true => Write::Flush,
                false => Write::Nothing,
            };
        }
        let is_filled = self.is_encoded() || self.fill();
        match self.write_buffer.is_empty() {
            false => Write::Bytes,
            true if is_filled => Write::Flush,
            true => Write::Mask,
        }
    }

    /// Writes once of what is encoded, and flushes if that is all.
    pub(crate) fn poll_write(
        &mut self,
        transport: Pin<&mut dyn Transport>,
        cx: &mut Context<'_>,
    ) -> Called {
        let is_all = self.is_encoded();
        port::poll_write(&mut self.write_buffer, is_all, transport, cx)
    }

    /// Lends the encoded bytes for a write.
    pub(crate) fn lend(&mut self) -> Writing {
        Writing {
            is_all: self.is_encoded(),
            buffer: mem::take(&mut self.write_buffer),
        }
    }

    /// Returns whether all that is queued is encoded.
    fn is_encoded(&self) -> bool {
        self.messages.is_empty() && self.controls.is_empty()
    }

    /// Takes back what was lent.
    pub(crate) fn give_back(&mut self, lent: WriteBuffer) {
        self.write_buffer.give_back(lent);
    }

    /// The transport took so many bytes, or no more for now.
    pub(crate) fn wrote(&mut self, taken: Poll<usize>) {
        self.is_held_up = taken.is_pending();
        if let Poll::Ready(bytes) = taken {
            self.queued -= bytes;
            self.unflushed = true;
            self.count_written(bytes);
        }
    }

    /// The transport has passed on what it had taken.
    pub(crate) fn flushed(&mut self) {
        self.unflushed = false;
    }

    fn count_written(&mut self, bytes: usize) {
        self.written_bytes += bytes as u64;
        self.messages_written += self.ends.take_written(self.written_bytes);
    }

    /// Encodes a buffer's worth of what waits; false when that takes a mask that is not there.
    fn fill(&mut self) -> bool {
        while self.write_buffer.len() < pool::PAYLOAD {
            let frame_left = self.messages.front().map(|message| message.frame_left);
            if frame_left.is_none() && self.controls.is_empty() {
                return true;
            }
            if frame_left.is_some_and(|left| left > 0) {
                self.encode_part(None);
            } else if !self.has_mask() {
                return false;
            } else if let Some((opcode, payload)) = self.controls.pop_front() {
                self.encode(FIN | opcode, &payload);
            } else {
                let mask = self.next_mask();
                self.encode_part(mask);
            }
        }
        true
    }

    /// Encodes a part of the first message; a frame that begins takes the mask.
    fn encode_part(&mut self, mask: Option<[u8; 4]>) {
        let Some(message) = self.messages.front_mut() else {
            return;
        };
        // A header with at least one byte of the payload.
        let buffer = self.write_buffer.room(frame::MAX_HEADER + 1);
        let before = buffer.len();
        if message.frame_left == 0 {
            let length = message.payload.len().min(message.frame_size);
            let is_last = message.is_last && length == message.payload.len();
            let fin = if is_last { FIN } else { 0 };
            trace::frame_sent(fin | message.first, length);
            buffer.push_header(fin | message.first, length, mask);
            message.first = CONTINUATION;
            message.frame_left = length;
            message.fin = is_last;
            message.mask = mask;
            message.mask_offset = 0;
        }
        let part = message.frame_left.min(buffer.room());
        let part = message.payload.split_to(part);
        buffer.push(&part, message.mask, message.mask_offset);
        message.mask_offset += part.len();
        message.frame_left -= part.len();
        self.encoded_bytes += (buffer.len() - before) as u64;
        if message.frame_left == 0 && message.payload.is_empty() {
            // A message that was cut short has no last frame.
            if message.fin && message.counts {
                self.ends.push(self.encoded_bytes);
            }
            if message.is_close {
                self.close_end = Some(self.encoded_bytes);
            }
            self.messages.pop_front();
            if self.messages.is_empty() && self.messages.capacity() > KEPT {
                self.messages = VecDeque::new();
            }
        }
    }

    /// Encodes a whole small frame.
    fn encode(&mut self, first: u8, payload: &[u8]) {
        let mask = self.next_mask();
        let buffer = self.write_buffer.room(frame::MAX_HEADER + payload.len());
        let before = buffer.len();
        trace::frame_sent(first, payload.len());
        buffer.push_header(first, payload.len(), mask);
        buffer.push(payload, mask, 0);
        self.encoded_bytes += (buffer.len() - before) as u64;
    }

    /// Returns whether the next frame can be masked.
    pub(crate) fn has_mask(&self) -> bool {
        self.generator().is_none() || !self.supplied_masks.is_empty()
    }

    fn next_mask(&mut self) -> Option<[u8; 4]> {
        if !self.masks {
            return None;
        }
        let supplied = self.supplied_masks.pop_front();
        Some(supplied.unwrap_or_else(mask::random))
    }

    fn unsent(&self, first: u8, payload: Bytes) -> Unsent {
        Unsent {
            first,
            payload,
            is_last: true,
            counts: true,
            is_close: false,
            frame_size: self.frame_size,
            frame_left: 0,
            fin: false,
            mask: None,
            mask_offset: 0,
        }
    }

    fn waiting_pongs(&self) -> usize {
        self.controls.iter().filter(|(op, _)| *op == PONG).count()
    }

    fn replace_last_pong(&mut self, payload: Bytes) {
        if let Some((_, last)) = self.controls.iter_mut().rev().find(|(op, _)| *op == PONG) {
            let size =
                |payload: &Bytes| payload.len() + frame::header_size(payload.len(), self.masks);
            self.queued = self.queued - size(last) + size(&payload);
            *last = payload;
        }
    }
}

#[cfg(test)]
#[path = "encoder_tests.rs"]
mod tests;
