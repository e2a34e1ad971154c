//! What arrives: checks every frame on its way to tungstenite, before anything of it is buffered.
//!
//! Frames leave plain: masks are taken off, and text is validated here and passed on as binary, so
//! that tungstenite does not validate it again. Notes tell which message was text and carry the
//! frames that the application wants to see, in the order of arrival.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{io, mem};

use super::frame::{self, BINARY, CLOSE, CONTINUATION, FIN, Header, MAX_CONTROL, PING, PONG, TEXT};
use super::utf8::Utf8;
use super::{Transport, pool};
use crate::{CloseCode, ErrorKind, Frame, Limits};

/// What the peer did wrong, and the code that tells it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Violation {
    pub(in super::super) code: CloseCode,
    pub(in super::super) reason: Cow<'static, str>,
}

impl Violation {
    fn new(code: CloseCode, reason: impl Into<Cow<'static, str>>) -> Violation {
        Violation {
            code,
            reason: reason.into(),
        }
    }

    fn protocol(reason: impl Into<Cow<'static, str>>) -> Violation {
        Violation::new(CloseCode::PROTOCOL, reason)
    }

    fn utf8(reason: &'static str) -> Violation {
        Violation::new(CloseCode::INVALID_PAYLOAD, reason)
    }

    fn too_large(reason: &'static str) -> Violation {
        Violation::new(CloseCode::TOO_LARGE, reason)
    }

    pub(in super::super) fn kind(&self) -> ErrorKind {
        if self.code == CloseCode::TOO_LARGE {
            ErrorKind::TooLarge
        } else {
            ErrorKind::Protocol
        }
    }
}

/// Something that passed, in its order.
#[derive(Debug)]
pub(in super::super) enum Note {
    /// A frame for the application.
    Frame(Frame),
    /// The end of a message.
    Message { is_text: bool },
    /// A control frame.
    Control,
}

#[derive(Debug)]
pub(in super::super) struct Incoming {
    /// Whether the peer must mask (RFC 6455 §5.1).
    peer_masks: bool,
    limits: Limits,
    wants_frames: bool,
    /// Bytes from the transport are in `start..end`. No buffer while there are none.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    read_size: usize,
    /// A plain header on its way to tungstenite.
    header: PlainHeader,
    /// The frame whose payload is passing.
    frame: Option<Passing>,
    /// The message that the frames belong to.
    message: Option<Assembly>,
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

#[derive(Debug, Default)]
struct PlainHeader {
    bytes: Vec<u8>,
    passed: usize,
}

#[derive(Debug)]
struct Passing {
    opcode: u8,
    fin: bool,
    mask: Option<[u8; 4]>,
    offset: usize,
    left: usize,
}

#[derive(Debug)]
struct Assembly {
    is_text: bool,
    size: u64,
    utf8: Utf8,
    /// The payload of the current frame, if the application wants frames.
    frame: Vec<u8>,
}

impl Incoming {
    /// `early` is what arrived together with the opening handshake.
    pub(super) fn new(
        peer_masks: bool,
        limits: Limits,
        wants_frames: bool,
        read_buffer_size: Option<usize>,
        early: Vec<u8>,
    ) -> Incoming {
        let mut incoming = Incoming {
            peer_masks,
            limits,
            wants_frames,
            end: early.len(),
            buffer: early.into_boxed_slice(),
            start: 0,
            read_size: 0,
            header: PlainHeader::default(),
            frame: None,
            message: None,
            notes: VecDeque::new(),
            ended: Ended::No,
        };
        incoming.set_read_buffer_size(read_buffer_size);
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
        while filled < out.len() && self.ended == Ended::No {
            let room = &mut out[filled..];
            let passed = if !self.header.is_empty() {
                self.header.pass(room)
            } else if self.frame.is_some() {
                match self.pass_payload(room) {
                    0 => break,
                    passed => passed,
                }
            } else {
                match self.next_header() {
                    Ok(true) => 0,
                    Ok(false) => break,
                    Err(violation) => {
                        self.ended = Ended::Violated(violation);
                        break;
                    }
                }
            };
            filled += passed;
            if self.header.is_empty() && self.frame.as_ref().is_some_and(|f| f.left == 0) {
                self.end_frame();
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
        let (opcode, length) = if frame::is_control(header.opcode) {
            let end = size + header.length as usize;
            if bytes.len() < end {
                return Ok(false);
            }
            if header.opcode == CLOSE {
                check_close(&bytes[size..end], header.mask)?;
            }
            (header.opcode, header.length as usize)
        } else {
            (self.begin_data(&header)?, header.length as usize)
        };
        let fin = if header.fin { FIN } else { 0 };
        self.header.set(fin | opcode, length);
        self.frame = Some(Passing {
            opcode: header.opcode,
            fin: header.fin,
            mask: header.mask,
            offset: 0,
            left: length,
        });
        self.start += size;
        Ok(true)
    }

    /// The rules of RFC 6455 §5.1, §5.2, §5.4 and §5.5, as far as a header tells.
    fn check(&self, header: &Header) -> Result<(), Violation> {
        if header.rsv != 0 {
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

    /// Checks a data frame against its message and the limits; the opcode to pass on.
    fn begin_data(&mut self, header: &Header) -> Result<u8, Violation> {
        if header.length > self.limits.max_incoming_frame() as u64 {
            return Err(Violation::too_large("frame over the limit"));
        }
        let (opcode, message) = match (&mut self.message, header.opcode) {
            (None, CONTINUATION) => {
                return Err(Violation::protocol("there is no message to continue"));
            }
            (Some(message), CONTINUATION) => (CONTINUATION, message),
            (Some(_), _) => {
                return Err(Violation::protocol("a message begins inside another"));
            }
            (message @ None, opcode) => {
                let message = message.insert(Assembly {
                    is_text: opcode == TEXT,
                    size: 0,
                    utf8: Utf8::default(),
                    frame: Vec::new(),
                });
                (BINARY, message)
            }
        };
        message.size += header.length;
        if message.size > self.limits.max_incoming_message() as u64 {
            return Err(Violation::too_large("message over the limit"));
        }
        Ok(opcode)
    }

    /// Passes a part of a payload, unmasked and validated; 0 when none is there.
    fn pass_payload(&mut self, out: &mut [u8]) -> usize {
        let Some(passing) = &mut self.frame else {
            return 0;
        };
        let arrived = &self.buffer[self.start..self.end];
        let length = passing.left.min(arrived.len()).min(out.len());
        let part = &mut out[..length];
        part.copy_from_slice(&arrived[..length]);
        if let Some(mask) = passing.mask {
            frame::apply_mask(part, mask, passing.offset);
        }
        passing.offset += length;
        passing.left -= length;
        self.start += length;
        if !frame::is_control(passing.opcode)
            && let Some(message) = &mut self.message
        {
            if message.is_text && message.utf8.push(part).is_err() {
                self.ended = Ended::Violated(Violation::utf8("text is not UTF-8"));
                return 0;
            }
            if self.wants_frames {
                message.frame.extend_from_slice(part);
            }
        }
        length
    }

    /// All of a frame has passed.
    fn end_frame(&mut self) {
        let Some(passing) = self.frame.take() else {
            return;
        };
        if frame::is_control(passing.opcode) {
            self.notes.push_back(Note::Control);
            if passing.opcode == CLOSE {
                self.ended = Ended::Closed;
            }
            return;
        }
        let Some(message) = &mut self.message else {
            return;
        };
        let is_text = message.is_text;
        if passing.fin && message.utf8.unfinished() > 0 {
            self.ended = Ended::Violated(Violation::utf8("text ends inside a character"));
            return;
        }
        if self.wants_frames {
            let rest = message
                .frame
                .split_off(message.frame.len() - message.utf8.unfinished());
            let payload = mem::replace(&mut message.frame, rest);
            self.notes.push_back(Note::Frame(Frame {
                is_text,
                is_last: passing.fin,
                payload: payload.into(),
            }));
        }
        if passing.fin {
            self.message = None;
            self.notes.push_back(Note::Message { is_text });
        }
    }
}

impl PlainHeader {
    fn set(&mut self, first: u8, length: usize) {
        self.bytes.clear();
        self.passed = 0;
        frame::write_header(&mut self.bytes, first, length, None);
    }

    fn is_empty(&self) -> bool {
        self.passed == self.bytes.len()
    }

    fn pass(&mut self, out: &mut [u8]) -> usize {
        let rest = &self.bytes[self.passed..];
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.passed += length;
        length
    }
}

/// The rules of RFC 6455 §5.5.1 and §7.4 for the payload of a close frame.
fn check_close(payload: &[u8], mask: Option<[u8; 4]>) -> Result<(), Violation> {
    let mut plain = [0; MAX_CONTROL];
    let plain = &mut plain[..payload.len()];
    plain.copy_from_slice(payload);
    if let Some(mask) = mask {
        frame::apply_mask(plain, mask, 0);
    }
    match plain {
        [] => Ok(()),
        [_] => Err(Violation::protocol(
            "a close frame has a payload of one byte",
        )),
        [high, low, reason @ ..] => {
            let code = CloseCode::from(u16::from_be_bytes([*high, *low]));
            if !code.is_sendable() {
                return Err(Violation::protocol(format!("close code {code} is invalid")));
            }
            match std::str::from_utf8(reason) {
                Ok(_) => Ok(()),
                Err(_) => Err(Violation::utf8("a close reason is not UTF-8")),
            }
        }
    }
}

#[cfg(test)]
#[path = "incoming_tests.rs"]
mod tests;
