//! The message whose frames arrive.

use std::mem;

use super::utf8::Utf8;
use super::violation::Violation;
use crate::Frame;

#[derive(Debug)]
pub(super) struct Message {
    pub(super) is_text: bool,
    pub(super) is_compressed: bool,
    /// Whether tungstenite has its first frame.
    pub(super) is_begun: bool,
    size: u64,
    utf8: Utf8,
    /// The payload of the current frame, if the application wants frames.
    frame: Vec<u8>,
}

impl Message {
    pub(super) fn new(is_text: bool, is_compressed: bool) -> Message {
        Message {
            is_text,
            is_compressed,
            is_begun: false,
            size: 0,
            utf8: Utf8::default(),
            frame: Vec::new(),
        }
    }

    /// Counts plain payload against the limit.
    pub(super) fn grow(&mut self, bytes: u64, limit: Option<usize>) -> Result<(), Violation> {
        self.size = self.size.saturating_add(bytes);
        match limit {
            Some(limit) if self.size > limit as u64 => {
                Err(Violation::too_large("message over the limit"))
            }
            _ => Ok(()),
        }
    }

    /// How many bytes the message may still grow by.
    pub(super) fn room(&self, limit: Option<usize>) -> usize {
        limit.map_or(usize::MAX, |limit| {
            limit.saturating_sub(self.size.try_into().unwrap_or(usize::MAX))
        })
    }

    /// Takes plain payload: validates text, and keeps what the application wants to see.
    pub(super) fn take(&mut self, payload: &[u8], keep: bool) -> Result<(), Violation> {
        if self.is_text && self.utf8.push(payload).is_err() {
            return Err(Violation::invalid_payload("text is not UTF-8"));
        }
        if keep {
            self.frame.extend_from_slice(payload);
        }
        Ok(())
    }

    /// A text may not end inside a character (RFC 6455 §8.1).
    pub(super) fn check_end(&self) -> Result<(), Violation> {
        if self.utf8.unfinished() > 0 {
            return Err(Violation::invalid_payload("text ends inside a character"));
        }
        Ok(())
    }

    /// The frame that is complete; of a text whole characters only.
    pub(super) fn end_frame(&mut self, is_last: bool) -> Frame {
        let whole = self.frame.len() - self.utf8.unfinished();
        let rest = self.frame.split_off(whole);
        Frame {
            is_text: self.is_text,
            is_last,
            payload: mem::replace(&mut self.frame, rest).into(),
        }
    }
}
