use qwebsocket::fuzzing::{Header, apply_mask};

/// A whole frame, unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The final bit, the reserved bits, the opcode.
    pub first: u8,
    pub mask: Option<[u8; 4]>,
    pub payload: Vec<u8>,
}

impl Frame {
    pub fn opcode(&self) -> u8 {
        self.first & 0xF
    }

    pub fn is_final(&self) -> bool {
        self.first & 0x80 != 0
    }
}

/// The whole frames at the beginning of some bytes.
pub struct Frames<'a>(pub &'a [u8]);

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let (header, size) = Header::parse(self.0).expect("our own frames are valid")?;
        let end = size + header.length as usize;
        let mut payload = self.0.get(size..end)?.to_vec();
        if let Some(mask) = header.mask {
            apply_mask(&mut payload, mask, 0);
        }
        self.0 = &self.0[end..];
        Some(Frame {
            first: header.first,
            mask: header.mask,
            payload,
        })
    }
}
