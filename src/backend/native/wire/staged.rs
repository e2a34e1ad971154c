//! Plain bytes on their way to tungstenite: a header, or an inflated frame.

use super::{frame, pool};

/// Room in front of a staged payload for its header, which is known only afterwards.
const HEADER_ROOM: usize = 10;

/// Bytes that wait for room in tungstenite's buffer.
#[derive(Debug, Default)]
pub(super) struct Staged {
    bytes: Vec<u8>,
    passed: usize,
}

impl Staged {
    pub(super) fn set_header(&mut self, first: u8, length: usize) {
        self.clear();
        frame::write_header(&mut self.bytes, first, length, None);
    }

    /// The place for a payload, behind the room for its header.
    pub(super) fn begin_payload(&mut self) -> &mut Vec<u8> {
        self.clear();
        self.bytes.resize(HEADER_ROOM, 0);
        &mut self.bytes
    }

    /// Puts the header in front of the payload.
    pub(super) fn end_payload(&mut self, first: u8) {
        let mut header = Vec::with_capacity(HEADER_ROOM);
        frame::write_header(&mut header, first, self.bytes.len() - HEADER_ROOM, None);
        self.passed = HEADER_ROOM - header.len();
        self.bytes[self.passed..HEADER_ROOM].copy_from_slice(&header);
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.passed = 0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.passed == self.bytes.len()
    }

    pub(super) fn pass(&mut self, out: &mut [u8]) -> usize {
        let rest = &self.bytes[self.passed..];
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.passed += length;
        if self.is_empty() {
            self.clear();
            if self.bytes.capacity() > pool::SIZE {
                self.bytes = Vec::new();
            }
        }
        length
    }
}
