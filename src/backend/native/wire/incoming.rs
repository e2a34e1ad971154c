//! What arrives: checks every frame on its way to tungstenite, before anything of it is buffered.
//!
//! Frames leave plain: masks are taken off, messages are inflated, and text is validated here and
//! passed on as binary, so that tungstenite does not validate it again. Notes tell which message
//! was text and carry the frames that the application wants to see, in the order of arrival.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{io, mem};

use super::deflate::{Failure, Inflater};
use super::frame::{
    self, BINARY, CLOSE, CONTINUATION, FIN, Header, MAX_CONTROL, PING, PONG, RSV1, TEXT,
};
use super::message::Message;
use super::staged::Staged;
use super::violation::Violation;
use super::{Transport, pool};
use crate::{Close, CloseCode, Frame, Limits, Options};

/// Compressed bytes are inflated in pieces of this size, so that none becomes more than 4 MiB.
const PIECE: usize = 4 * 1024;

/// Something that passed, in its order.
#[derive(Debug)]
pub(in super::super) enum Note {
    /// A frame for the application.
    Frame(Frame),
    /// The end of a message.
    Message { is_text: bool },
    /// A ping or pong.
    Control,
    /// The peer's close frame; `None` without a code.
    Close(Option<Close>),
}

#[derive(Debug)]
pub(in super::super) struct Incoming {
    /// Whether the peer must mask (RFC 6455 §5.1).
    peer_masks: bool,
    limits: Limits,
    wants_frames: bool,
    /// Whether messages are put together, or only their frames are told.
    wants_messages: bool,
    inflater: Option<Inflater>,
    /// Bytes from the transport are in `start..end`. No buffer while there are none.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    read_size: usize,
    /// Plain bytes that are ready for tungstenite: a header, or an inflated frame.
    staged: Staged,
    /// The frame whose payload is arriving.
    frame: Option<Arriving>,
    message: Option<Message>,
    notes: VecDeque<Note>,
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

#[derive(Debug)]
struct Arriving {
    opcode: u8,
    fin: bool,
    mask: Option<[u8; 4]>,
    offset: usize,
    left: usize,
    /// The payload goes from our buffer into tungstenite's as it is.
    is_direct: bool,
}

impl Incoming {
    /// `early` is what arrived together with the opening handshake.
    pub(super) fn new(
        peer_masks: bool,
        inflater: Option<Inflater>,
        options: &Options,
        early: Vec<u8>,
    ) -> Incoming {
        let mut incoming = Incoming {
            peer_masks,
            limits: options.limits,
            wants_frames: options.frames || !options.messages,
            wants_messages: options.messages,
            inflater,
            end: early.len(),
            buffer: early.into_boxed_slice(),
            start: 0,
            read_size: 0,
            staged: Staged::default(),
            frame: None,
            message: None,
            notes: VecDeque::new(),
            ended: Ended::No,
        };
        incoming.set_read_buffer_size(options.read_buffer_size);
        incoming
    }

    pub(in super::super) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    pub(in super::super) fn set_read_buffer_size(&mut self, bytes: Option<usize>) {
        // A header with a whole control frame always fits: they pass together.
        const LEAST: usize = 2 * (frame::MAX_HEADER + MAX_CONTROL);
        self.read_size = bytes.unwrap_or(pool::SIZE).clamp(LEAST, pool::SIZE);
    }

    pub(in super::super) fn violation(&self) -> Option<&Violation> {
        match &self.ended {
            Ended::Violated(violation) => Some(violation),
            _ => None,
        }
    }

    /// The next note, up to the one that belongs to what tungstenite has just handed out.
    pub(in super::super) fn next_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// Reads from the transport. What was read before has passed, or is an unfinished header.
    pub(super) fn poll_fill(
        &mut self,
        transport: Pin<&mut dyn Transport>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        let result = transport.poll_read(cx, &mut self.buffer[self.end..self.read_size]);
        if let Poll::Ready(Ok(read)) = result {
            self.end += read;
        }
        self.release();
        result
    }

    /// Forgets what was read: the connection is ending.
    pub(super) fn discard(&mut self) {
        self.start = self.end;
        self.release();
    }

    fn make_room(&mut self) {
        if self.buffer.len() < pool::SIZE {
            let mut buffer = pool::take_read();
            let rest = &self.buffer[self.start..self.end];
            buffer[..rest.len()].copy_from_slice(rest);
            self.buffer = buffer;
        } else {
            self.buffer.copy_within(self.start..self.end, 0);
        }
        self.end -= self.start;
        self.start = 0;
    }

    fn release(&mut self) {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            pool::give_read(mem::take(&mut self.buffer));
        }
    }

    /// Passes checked, plain frames on; 0 when there is nothing more to pass.
    pub(super) fn pass(&mut self, out: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < out.len() {
            let room = &mut out[filled..];
            if !self.staged.is_empty() {
                filled += self.staged.pass(room);
                continue;
            }
            if self.ended != Ended::No {
                break;
            }
            let progress = match &self.frame {
                None => self.next_header(),
                Some(frame) if frame.is_direct => self.pass_directly(room).map(|passed| {
                    filled += passed;
                    passed > 0
                }),
                Some(_) => self.take_piece(),
            };
            match progress {
                Ok(true) => {}
                Ok(false) => break,
                Err(violation) => {
                    self.staged.clear();
                    self.ended = Ended::Violated(violation);
                }
            }
        }
        filled
    }

    /// Takes the next header apart; false when it has not wholly arrived.
    fn next_header(&mut self) -> Result<bool, Violation> {
        let bytes = &self.buffer[self.start..self.end];
        let Some((header, size)) = frame::parse(bytes).map_err(Violation::protocol)? else {
            return Ok(false);
        };
        self.check(&header)?;
        let is_control = frame::is_control(header.opcode);
        if is_control {
            // At most 125 bytes, so the length fits (RFC 6455 §5.5).
            let end = size + header.length as usize;
            if bytes.len() < end {
                return Ok(false);
            }
            if header.opcode == CLOSE {
                let close = read_close(&bytes[size..end], header.mask)?;
                self.notes.push_back(Note::Close(close));
            }
        } else {
            self.begin_data(&header)?;
        }
        self.start += size;
        let is_compressed = self.message.as_ref().is_some_and(|m| m.is_compressed);
        let frame = Arriving {
            opcode: header.opcode,
            fin: header.fin,
            mask: header.mask,
            offset: 0,
            left: header.length as usize,
            is_direct: is_control || (self.wants_messages && !is_compressed),
        };
        let is_direct = frame.is_direct;
        self.frame = Some(frame);
        if is_direct {
            if header.length == 0 {
                self.end_frame()?;
            }
            let opcode = match header.opcode {
                TEXT => BINARY,
                opcode => opcode,
            };
            let fin = if header.fin { FIN } else { 0 };
            self.staged.set_header(fin | opcode, header.length as usize);
        }
        Ok(true)
    }

    /// The rules of RFC 6455 §5.1, §5.2, §5.4 and §5.5, as far as a header tells.
    fn check(&self, header: &Header) -> Result<(), Violation> {
        let begins_compressed =
            header.rsv == RSV1 && self.inflater.is_some() && matches!(header.opcode, TEXT | BINARY);
        if header.rsv != 0 && !begins_compressed {
            return Err(Violation::protocol("a reserved bit is set"));
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

    /// Checks a data frame against its message and the limits.
    fn begin_data(&mut self, header: &Header) -> Result<(), Violation> {
        if header.length > self.limits.max_incoming_frame() as u64 {
            return Err(Violation::too_large("frame over the limit"));
        }
        let limit = self.message_limit();
        let message = match (&mut self.message, header.opcode) {
            (None, CONTINUATION) => {
                return Err(Violation::protocol("there is no message to continue"));
            }
            (Some(message), CONTINUATION) => message,
            (Some(_), _) => {
                return Err(Violation::protocol("a message begins inside another"));
            }
            (message @ None, opcode) => {
                message.insert(Message::new(opcode == TEXT, header.rsv == RSV1))
            }
        };
        // What a compressed frame will be is only known when it is inflated.
        if message.is_compressed {
            return Ok(());
        }
        message.grow(header.length, limit)
    }

    /// A message that is not put together takes no memory, so nothing limits it.
    fn message_limit(&self) -> Option<usize> {
        self.wants_messages
            .then(|| self.limits.max_incoming_message())
    }

    /// Passes a part of a payload, unmasked and validated; 0 when none is there.
    fn pass_directly(&mut self, out: &mut [u8]) -> Result<usize, Violation> {
        let Some(frame) = &mut self.frame else {
            return Ok(0);
        };
        let arrived = &self.buffer[self.start..self.end];
        let length = frame.left.min(arrived.len()).min(out.len());
        let part = &mut out[..length];
        part.copy_from_slice(&arrived[..length]);
        self.start += length;
        frame.unmask(part);
        if !frame::is_control(frame.opcode)
            && let Some(message) = &mut self.message
        {
            message.take(part, self.wants_frames)?;
        }
        if frame.left == 0 {
            self.end_frame()?;
        }
        Ok(length)
    }

    /// Takes a piece of a payload that does not pass directly; false when none is there.
    fn take_piece(&mut self) -> Result<bool, Violation> {
        let limit = self.message_limit();
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else {
            return Ok(false);
        };
        let arrived = &mut self.buffer[self.start..self.end];
        let length = frame.left.min(arrived.len()).min(PIECE);
        if length == 0 && frame.left > 0 {
            return Ok(false);
        }
        let piece = &mut arrived[..length];
        frame.unmask(piece);
        self.start += length;
        let is_over = frame.left == 0;
        let ends_message = is_over && frame.fin;
        if let (true, Some(inflater)) = (message.is_compressed, &mut self.inflater) {
            let out = self.staged.begin_payload();
            let begin = out.len();
            let room = message.room(limit);
            inflater.inflate(piece, out, room).map_err(inflating)?;
            if ends_message {
                let room = room - (out.len() - begin);
                inflater.finish(out, room).map_err(inflating)?;
            }
            let inflated = &out[begin..];
            message.grow(inflated.len() as u64, limit)?;
            message.take(inflated, self.wants_frames)?;
            if self.wants_messages && (ends_message || !inflated.is_empty()) {
                let fin = if ends_message { FIN } else { 0 };
                let opcode = if mem::replace(&mut message.is_begun, true) {
                    CONTINUATION
                } else {
                    BINARY
                };
                self.staged.end_payload(fin | opcode);
            } else {
                self.staged.clear();
            }
        } else {
            message.take(piece, self.wants_frames)?;
        }
        if is_over {
            self.end_frame()?;
        }
        Ok(true)
    }

    /// All of a frame has arrived.
    fn end_frame(&mut self) -> Result<(), Violation> {
        let Some(frame) = self.frame.take() else {
            return Ok(());
        };
        match frame.opcode {
            // Its note is there since its header was read.
            CLOSE => {
                self.ended = Ended::Closed;
                return Ok(());
            }
            PING | PONG => {
                self.notes.push_back(Note::Control);
                return Ok(());
            }
            _ => {}
        }
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        if frame.fin {
            message.check_end()?;
        }
        if self.wants_frames {
            self.notes
                .push_back(Note::Frame(message.end_frame(frame.fin)));
        }
        if frame.fin {
            if self.wants_messages {
                let is_text = message.is_text;
                self.notes.push_back(Note::Message { is_text });
            }
            self.message = None;
        }
        Ok(())
    }
}

impl Arriving {
    /// Takes the mask off the next part of the payload.
    fn unmask(&mut self, part: &mut [u8]) {
        if let Some(mask) = self.mask {
            frame::apply_mask(part, mask, self.offset);
        }
        self.offset += part.len();
        self.left -= part.len();
    }
}

fn inflating(failure: Failure) -> Violation {
    match failure {
        Failure::Malformed => Violation::invalid_payload("a compressed message is malformed"),
        Failure::TooLarge => Violation::too_large("message over the limit"),
    }
}

/// Reads the payload of a close frame by the rules of RFC 6455 §5.5.1 and §7.4.
fn read_close(payload: &[u8], mask: Option<[u8; 4]>) -> Result<Option<Close>, Violation> {
    let mut plain = [0; MAX_CONTROL];
    let plain = &mut plain[..payload.len()];
    plain.copy_from_slice(payload);
    if let Some(mask) = mask {
        frame::apply_mask(plain, mask, 0);
    }
    match plain {
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
#[path = "incoming_tests.rs"]
mod tests;
