//! Decodes what arrives: checks each frame before any of it is kept, unmasks, inflates and
//! validates it, and assembles messages. Control frames are passed on, unmasked, to tungstenite.
//!
//! ```text
//!              control frame, or a message of one frame that is all there
//!                 ┌────┐
//!                 ▼    │ data frame
//! read_buffer ▶ header ─┴──────────▶ payload, piece by piece ──▶ end of the frame
//!                 ▲                    FIN: the message            │
//!                 └────────────────────────────────────────────────┘
//! the peer's close frame ▶ Closed     a broken rule ▶ Violated     nothing is read behind them
//! ```

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::assembler;
use super::assembler::Message;
use super::deflate::{Failure, Inflater};
use super::frame;
use super::frame::{BINARY, CLOSE, CONTINUATION, FIN, Header, MAX_CONTROL, PING, PONG, RSV1, TEXT};
use super::read_buffer::{ReadBuffer, SHARED};
use super::violation::Violation;
use crate::backend::native::transport::Transport;
use crate::backend::native::turn::{self, Turn};
use crate::close::{Close, CloseCode};
use crate::message::Frame;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::trace;

/// Compressed bytes are inflated in pieces of this size, so that none becomes more than 1 MiB.
const COMPRESSED_PIECE: usize = 1024;

/// Plain bytes are unmasked, validated and kept in pieces of this size, which stay in the
/// processor's nearest cache meanwhile.
const PLAIN_PIECE: usize = 8 * 1024;

/// Something that has wholly arrived.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// A frame of a message, if they are wanted.
    Frame(Frame),
    Message(crate::Message),
    /// A ping or pong, which tungstenite reads next.
    Control,
    /// The peer's close frame, which tungstenite reads next; `None` without a code.
    Close(Option<Close>),
}

#[derive(Debug)]
pub(crate) struct Decoder {
    /// Whether the peer must mask (RFC 6455 §5.1).
    peer_masks: bool,
    limits: Limits,
    wants_frames: bool,
    /// Whether messages are assembled; otherwise only their frames are reported.
    wants_messages: bool,
    inflater: Option<Inflater>,
    buffer: ReadBuffer,
    /// A control frame that tungstenite has not read.
    control: Vec<u8>,
    /// The frame whose payload is arriving.
    frame: Option<PartialFrame>,
    message: Option<Message>,
    /// The message whose last frame is being reported; it follows that frame.
    finished: Option<crate::Message>,
    ended: Ended,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Ended {
    #[default]
    No,
    /// The peer's close frame has passed; what follows is dropped (RFC 6455 §1.4).
    Closed,
    Violated(Violation),
}

/// A data frame.
#[derive(Debug)]
struct PartialFrame {
    fin: bool,
    mask: Option<[u8; 4]>,
    offset: usize,
    left: usize,
}

/// The outcome of a step.
enum Decode {
    Decoded(Decoded),
    Progress,
    /// More bytes are needed.
    Waits,
}

impl Decoder {
    /// `early` is what arrived together with the opening handshake.
    pub(crate) fn new(
        peer_masks: bool,
        inflater: Option<Inflater>,
        options: &Options,
        early: Vec<u8>,
    ) -> Decoder {
        Decoder {
            peer_masks,
            limits: options.get_limits(),
            wants_frames: options.get_frames() || !options.get_messages(),
            wants_messages: options.get_messages(),
            inflater,
            buffer: ReadBuffer::new(early, options.get_read_buffer_size()),
            control: Vec::new(),
            frame: None,
            message: None,
            finished: None,
            ended: Ended::No,
        }
    }

    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    pub(crate) fn set_read_buffer_size(&mut self, bytes: Option<usize>) {
        self.buffer.set_size(bytes);
    }

    pub(crate) fn violation(&self) -> Option<&Violation> {
        match &self.ended {
            Ended::Violated(violation) => Some(violation),
            _ => None,
        }
    }

    /// The next thing that has wholly arrived; `None` when there is none, or a violation, or when the
    /// turn is over.
    pub(crate) fn next(&mut self, turn: &mut Turn) -> Option<Decoded> {
        loop {
            if let Some(message) = self.finished.take() {
                return Some(Decoded::Message(message));
            }
            if let Some(message) = self.next_whole(turn) {
                return Some(Decoded::Message(message));
            }
            if self.ended != Ended::No {
                return None;
            }
            let step = if self.frame.is_some() {
                self.take_piece(turn)
            } else {
                self.next_frame(turn)
            };
            match step {
                Ok(Decode::Decoded(arrived)) => return Some(arrived),
                Ok(Decode::Progress) if turn.is_over() => return None,
                Ok(Decode::Progress) => {}
                Ok(Decode::Waits) => return None,
                Err(violation) => self.ended = Ended::Violated(violation),
            }
        }
    }

    /// Hands tungstenite the control frame that has arrived; 0 when there is none.
    pub(crate) fn pass_control(&mut self, out: &mut [u8]) -> usize {
        let length = self.control.len().min(out.len());
        out[..length].copy_from_slice(&self.control[..length]);
        self.control.drain(..length);
        length
    }

    /// Reads once from the transport.
    pub(crate) fn poll_fill(
        &mut self,
        transport: Pin<&mut dyn Transport>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.buffer.poll_fill(transport, cx)
    }

    /// Lends what is read into.
    pub(crate) fn lend(&mut self) -> ReadBuffer {
        self.buffer.lend()
    }

    /// Takes back what was lent.
    pub(crate) fn give_back(&mut self, lent: ReadBuffer) {
        self.buffer.give_back(lent);
    }

    /// Forgets what was read: the connection is ending.
    pub(crate) fn discard(&mut self) {
        self.buffer.clear();
    }

    /// Takes the next message if it is one frame that is all there and whose header breaks no rule, as
    /// most are. What it is otherwise, [`next`](Self::next) finds out.
    pub(crate) fn next_whole(&mut self, turn: &mut Turn) -> Option<crate::Message> {
        let is_between = self.frame.is_none() && self.message.is_none();
        if !is_between || self.finished.is_some() || self.ended != Ended::No {
            return None;
        }
        let bytes = self.buffer.bytes();
        let (header, size) = frame::parse(bytes).ok()??;
        let is_there = header.length <= (bytes.len() - size) as u64;
        let keeps_rules = self.is_unfragmented(&header)
            && matches!(header.opcode, TEXT | BINARY)
            && header.mask.is_some() == self.peer_masks
            && header.length <= self.limits.get_incoming_frame() as u64
            && header.length <= self.limits.get_incoming_message() as u64;
        if !is_there || !keeps_rules {
            return None;
        }
        trace::frame_received(header.first(), header.length);
        let length = header.length as usize;
        turn.spend(length);
        let payload = self.buffer.cut(size, length, header.mask);
        let is_text = header.opcode == TEXT;
        if is_text && let Err(violation) = assembler::check_text(&payload) {
            self.ended = Ended::Violated(violation);
            return None;
        }
        Some(assembler::validated(is_text, payload))
    }

    /// Takes the next header apart.
    fn next_frame(&mut self, turn: &mut Turn) -> Result<Decode, Violation> {
        let bytes = self.buffer.bytes();
        let Some((header, size)) = frame::parse(bytes).map_err(Violation::protocol)? else {
            return Ok(Decode::Waits);
        };
        let arrived = bytes.len() - size;
        self.check(&header)?;
        if frame::is_control(header.opcode) {
            turn.spend(turn::CONTROL);
            return self.take_control(&header, size);
        }
        self.check_limits(&header)?;
        let length = header.length as usize;
        let may_be_shared = length >= SHARED && self.buffer.holds(size + length);
        if length > arrived && may_be_shared && self.is_unfragmented(&header) {
            return Ok(Decode::Waits);
        }
        trace::frame_received(header.first(), header.length);
        self.buffer.advance(size);
        let message = self
            .message
            .get_or_insert_with(|| Message::new(header.opcode == TEXT, header.rsv == RSV1));
        message.size = message.size.saturating_add(header.length);
        self.frame = Some(PartialFrame {
            fin: header.fin,
            mask: header.mask,
            offset: 0,
            left: length,
        });
        Ok(Decode::Progress)
    }

    /// Takes a control frame, which has to be there as a whole.
    fn take_control(&mut self, header: &Header, size: usize) -> Result<Decode, Violation> {
        // At most 125 bytes, so the length fits (RFC 6455 §5.5).
        let end = size + header.length as usize;
        let Some(payload) = self.buffer.bytes().get(size..end) else {
            return Ok(Decode::Waits);
        };
        trace::frame_received(header.first(), header.length);
        self.control.clear();
        frame::write_header(&mut self.control, FIN | header.opcode, payload.len(), None);
        let plain = self.control.len();
        self.control.extend_from_slice(payload);
        if let Some(mask) = header.mask {
            frame::apply_mask(&mut self.control[plain..], mask, 0);
        }
        self.buffer.advance(end);
        if header.opcode != CLOSE {
            return Ok(Decode::Decoded(Decoded::Control));
        }
        let close = read_close(&self.control[plain..])?;
        self.ended = Ended::Closed;
        Ok(Decode::Decoded(Decoded::Close(close)))
    }

    /// Returns whether a frame is a message, and nothing but its mask has to be undone.
    fn is_unfragmented(&self, header: &Header) -> bool {
        header.fin
            && header.opcode != CONTINUATION
            && header.rsv == 0
            && self.wants_messages
            && !self.wants_frames
    }

    /// Checks a header against RFC 6455 §5.1, §5.2, §5.4 and §5.5.
    fn check(&self, header: &Header) -> Result<(), Violation> {
        let begins_compressed =
            header.rsv == RSV1 && self.inflater.is_some() && matches!(header.opcode, TEXT | BINARY);
        if header.rsv != 0 && !begins_compressed {
            return Err(Violation::protocol("a reserved bit is set"));
        }
        match (header.opcode, &self.message) {
            (CONTINUATION, None) => {
                return Err(Violation::protocol("there is no message to continue"));
            }
            (TEXT | BINARY, Some(_)) => {
                return Err(Violation::protocol("a message begins inside another"));
            }
            _ => {}
        }
        match header.opcode {
            CONTINUATION | TEXT | BINARY => {}
            CLOSE | PING | PONG => {
                if !header.fin {
                    return Err(Violation::protocol("a control frame is fragmented"));
                }
                if header.length > MAX_CONTROL as u64 {
                    return Err(Violation::protocol("a control frame is over 125 bytes"));
                }
            }
            _ => return Err(Violation::protocol("the opcode is reserved")),
        }
        match (self.peer_masks, header.mask.is_some()) {
            (true, false) => Err(Violation::protocol("a client's frame is not masked")),
            (false, true) => Err(Violation::protocol("a server's frame is masked")),
            _ => Ok(()),
        }
    }

    /// Checks a data frame against the limits.
    fn check_limits(&self, header: &Header) -> Result<(), Violation> {
        if header.length > self.limits.get_incoming_frame() as u64 {
            return Err(Violation::too_large("frame over the limit"));
        }
        let (so_far, is_compressed) = match &self.message {
            Some(message) => (message.size, message.is_compressed),
            None => (0, header.rsv == RSV1),
        };
        let size = so_far.saturating_add(header.length);
        match self.message_limit() {
            // The size of a compressed frame is known only after it is inflated.
            Some(limit) if !is_compressed && size > limit as u64 => {
                Err(Violation::too_large("message over the limit"))
            }
            _ => Ok(()),
        }
    }

    /// The bytes by which a reported frame may still grow while it is inflated.
    fn frame_room(&self, so_far: usize) -> usize {
        match self.wants_frames {
            true => self.limits.get_incoming_frame().saturating_sub(so_far),
            false => usize::MAX,
        }
    }

    /// A message that is not put together takes no memory, so nothing limits it.
    fn message_limit(&self) -> Option<usize> {
        self.wants_messages
            .then(|| self.limits.get_incoming_message())
    }

    /// Takes a piece of a payload.
    fn take_piece(&mut self, turn: &mut Turn) -> Result<Decode, Violation> {
        let so_far = self.message.as_ref().map_or(0, Message::frame_len);
        let frame_room = self.frame_room(so_far);
        let most = self.message_limit().unwrap_or(usize::MAX);
        let most_of_frame = self.limits.get_incoming_frame().min(most);
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else {
            return Ok(Decode::Progress);
        };
        let at_once = if message.is_compressed {
            COMPRESSED_PIECE
        } else {
            PLAIN_PIECE
        };
        let arrived = self.buffer.bytes_mut();
        let length = frame.left.min(arrived.len()).min(at_once);
        if length == 0 && frame.left > 0 {
            return Ok(Decode::Waits);
        }
        let piece = &mut arrived[..length];
        frame.unmask(piece);
        let is_over = frame.left == 0;
        let before = message.payload.len();
        match &mut self.inflater {
            Some(inflater) if message.is_compressed => {
                let room = most.saturating_sub(before);
                let over = match frame_room < room {
                    true => "frame over the limit",
                    false => "message over the limit",
                };
                let room = room.min(frame_room);
                let out = &mut message.payload;
                let inflating = |failure| inflating(failure, over);
                inflater.inflate(piece, out, room).map_err(inflating)?;
                if is_over && frame.fin {
                    let room = room - (out.len() - before);
                    inflater.finish(out, room).map_err(inflating)?;
                }
            }
            _ => message.keep(piece, frame.left, frame.fin, most),
        }
        self.buffer.advance(length);
        turn.spend(match message.is_compressed {
            true => length + (message.payload.len() - before) * turn::INFLATED,
            false => length,
        });
        message.check_from(before)?;
        if self.wants_frames {
            message.copy_to_frame(before, most_of_frame);
        }
        if !self.wants_messages {
            message.payload.clear();
        }
        if is_over {
            return self.end_frame();
        }
        Ok(Decode::Progress)
    }

    /// All of a data frame has arrived.
    fn end_frame(&mut self) -> Result<Decode, Violation> {
        let (Some(frame), Some(mut message)) = (self.frame.take(), self.message.take()) else {
            return Ok(Decode::Progress);
        };
        if frame.fin {
            message.check_end()?;
        }
        let told = self.wants_frames.then(|| message.end_frame(frame.fin));
        if !frame.fin {
            self.message = Some(message);
        } else if self.wants_messages {
            self.finished = Some(message.finish());
        }
        Ok(match told {
            Some(frame) => Decode::Decoded(Decoded::Frame(frame)),
            None => Decode::Progress,
        })
    }
}

impl PartialFrame {
    /// Takes the mask off the next part of the payload.
    fn unmask(&mut self, part: &mut [u8]) {
        if let Some(mask) = self.mask {
            frame::apply_mask(part, mask, self.offset);
        }
        self.offset += part.len();
        self.left -= part.len();
    }
}

fn inflating(failure: Failure, over: &'static str) -> Violation {
    match failure {
        Failure::Malformed => Violation::invalid_payload("a compressed message is malformed"),
        Failure::TooLarge => Violation::too_large(over),
    }
}

/// Reads the payload of a close frame by the rules of RFC 6455 §5.5.1 and §7.4.
fn read_close(payload: &[u8]) -> Result<Option<Close>, Violation> {
    match payload {
        [] => Ok(None),
        [_] => Err(Violation::protocol(
            "a close frame has a payload of one byte",
        )),
        [high, low, reason @ ..] => {
            let code = CloseCode::from(u16::from_be_bytes([*high, *low]));
            if !code.is_sendable() {
                return Err(Violation::protocol(format!("close code {code} is invalid")));
            }
            match std::str::from_utf8(reason) {
                Ok(reason) => Ok(Some(Close::new(code, reason))),
                Err(_) => Err(Violation::invalid_payload("a close reason is not UTF-8")),
            }
        }
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
