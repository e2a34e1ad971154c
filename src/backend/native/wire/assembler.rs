//! The message whose frames arrive.

use std::mem;

use bytes::Bytes;
use bytestring::ByteString;

use super::utf8::Utf8;
use super::violation::Violation;
use crate::message::Frame;

/// The most memory that the mere claim of a length gets; more comes with the bytes.
const CLAIM: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) is_compressed: bool,
    /// Its plain payload so far; where messages are not wanted, only until it was looked at.
    pub(crate) payload: Vec<u8>,
    /// The length that its headers announce.
    pub(crate) size: u64,
    is_text: bool,
    utf8: Utf8,
    /// The payload of the current frame, if the application wants frames.
    frame: Vec<u8>,
}

impl Message {
    pub(crate) fn new(is_text: bool, is_compressed: bool) -> Message {
        Message {
            is_compressed,
            payload: Vec::new(),
            size: 0,
            is_text,
            utf8: Utf8::default(),
            frame: Vec::new(),
        }
    }

    /// Keeps plain payload, behind which `left` bytes of the frame are still to come, and of the
    /// message more unless that is its last frame; the whole is at most `most` bytes.
    pub(crate) fn keep(&mut self, piece: &[u8], left: usize, is_last: bool, most: usize) {
        let payload = &mut self.payload;
        if payload.capacity() - payload.len() < piece.len() {
            let ahead = payload.len().max(left.min(CLAIM));
            let ahead = if is_last { ahead.min(left) } else { ahead };
            let ahead = ahead.min(most.saturating_sub(payload.len() + piece.len()));
            payload.reserve_exact(piece.len() + ahead);
        }
        payload.extend_from_slice(piece);
    }

    /// Validates the payload from `start` on, if it is text.
    pub(crate) fn check_from(&mut self, start: usize) -> Result<(), Violation> {
        if self.is_text && self.utf8.push(&self.payload[start..]).is_err() {
            return Err(not_utf8());
        }
        Ok(())
    }

    /// A text may not end inside a character (RFC 6455 §8.1).
    pub(crate) fn check_end(&self) -> Result<(), Violation> {
        if self.utf8.unfinished() > 0 {
            return Err(ends_inside());
        }
        Ok(())
    }

    /// Bytes of the current frame that are [copied](Self::copy_to_frame).
    pub(crate) fn frame_len(&self) -> usize {
        self.frame.len()
    }

    /// Copies the payload from `start` on to the current frame, which is at most `most` bytes.
    pub(crate) fn copy_to_frame(&mut self, start: usize, most: usize) {
        let (frame, piece) = (&mut self.frame, &self.payload[start..]);
        if frame.capacity() - frame.len() < piece.len() {
            let ahead = frame
                .len()
                .min(most.saturating_sub(frame.len() + piece.len()));
            frame.reserve_exact(piece.len() + ahead);
        }
        frame.extend_from_slice(piece);
    }

    /// The frame that is complete; of a text whole characters only.
    pub(crate) fn end_frame(&mut self, is_last: bool) -> Frame {
        let whole = self.frame.len() - self.utf8.unfinished();
        let rest = self.frame.split_off(whole);
        Frame {
            is_text: self.is_text,
            is_last,
            payload: mem::replace(&mut self.frame, rest).into(),
        }
    }

    /// The whole message, all of which was checked.
    pub(crate) fn finish(mut self) -> crate::Message {
        // A short message does not keep the allocation of a long one.
        if self.payload.capacity() / 2 > self.payload.len() {
            self.payload.shrink_to_fit();
        }
        validated(self.is_text, self.payload.into())
    }
}

/// Checks a text that is there as a whole.
pub(crate) fn check_text(payload: &[u8]) -> Result<(), Violation> {
    match simdutf8::basic::from_utf8(payload) {
        Ok(_) => Ok(()),
        Err(_) => Err(match std::str::from_utf8(payload) {
            Err(error) if error.error_len().is_none() => ends_inside(),
            _ => not_utf8(),
        }),
    }
}

/// A message whose text passed [`check_text`], or [`Message::check_from`] piece by piece and
/// [`Message::check_end`].
#[allow(unsafe_code)]
pub(crate) fn validated(is_text: bool, payload: Bytes) -> crate::Message {
    if !is_text {
        return crate::Message::Binary(payload);
    }
    debug_assert!(std::str::from_utf8(&payload).is_ok());
    // SAFETY: the two callers, `Decoder::take_message` and `finish`, have had every byte validated
    // by the functions named above. To validate again would cost as much as the rest of the
    // receiving path.
    crate::Message::Text(unsafe { ByteString::from_bytes_unchecked(payload) })
}

fn not_utf8() -> Violation {
    Violation::invalid_payload("text is not UTF-8")
}

fn ends_inside() -> Violation {
    Violation::invalid_payload("text ends inside a character")
}
