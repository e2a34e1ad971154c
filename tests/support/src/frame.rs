use std::fmt;

use data_encoding::HEXLOWER;

use crate::payload::Payload;

/// The opcodes of RFC 6455.
pub mod opcode {
    /// A further fragment of a message.
    pub const CONTINUATION: u8 = 0;
    /// A text message or its first fragment.
    pub const TEXT: u8 = 1;
    /// A binary message or its first fragment.
    pub const BINARY: u8 = 2;
    /// The closing handshake.
    pub const CLOSE: u8 = 8;
    /// A ping.
    pub const PING: u8 = 9;
    /// A pong.
    pub const PONG: u8 = 10;
}

/// A frame that the server shall write, well-formed or not.
///
/// ```
/// use support::Frame;
///
/// assert_eq!(Frame::text("hi").encode(), b"\x81\x02hi");
/// assert_eq!(Frame::text("hi").not_final().rsv(4).encode(), b"\x41\x02hi");
/// assert_eq!(Frame::close(1000, "bye").encode(), b"\x88\x05\x03\xe8bye");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Payload,
    pub(crate) fin: bool,
    pub(crate) rsv: u8,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) length: Option<LengthForm>,
}

/// How a frame's length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthForm {
    /// Seven bits, for up to 125 bytes.
    Bits7,
    /// Sixteen bits, for up to 65535 bytes.
    Bits16,
    /// Sixty-four bits.
    Bits64,
}

impl Frame {
    /// A final frame with any opcode.
    pub fn new(opcode: u8, payload: impl Into<Payload>) -> Self {
        Self {
            opcode,
            payload: payload.into(),
            fin: true,
            rsv: 0,
            mask: None,
            length: None,
        }
    }

    /// A text frame.
    pub fn text(payload: impl Into<Payload>) -> Self {
        Self::new(opcode::TEXT, payload)
    }

    /// A binary frame.
    pub fn binary(payload: impl Into<Payload>) -> Self {
        Self::new(opcode::BINARY, payload)
    }

    /// A continuation frame.
    pub fn continuation(payload: impl Into<Payload>) -> Self {
        Self::new(opcode::CONTINUATION, payload)
    }

    /// A ping.
    pub fn ping(payload: impl Into<Payload>) -> Self {
        Self::new(opcode::PING, payload)
    }

    /// A pong.
    pub fn pong(payload: impl Into<Payload>) -> Self {
        Self::new(opcode::PONG, payload)
    }

    /// A close frame with a code and a reason.
    pub fn close(code: u16, reason: impl Into<Payload>) -> Self {
        Self::new(
            opcode::CLOSE,
            Payload::from(&code.to_be_bytes()).and(reason),
        )
    }

    /// A close frame without a code.
    pub fn close_empty() -> Self {
        Self::new(opcode::CLOSE, Payload::default())
    }

    /// Clears the FIN bit.
    pub fn not_final(mut self) -> Self {
        self.fin = false;
        self
    }

    /// Sets the three reserved bits: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub fn rsv(mut self, bits: u8) -> Self {
        self.rsv = bits & 7;
        self
    }

    /// Masks the payload, which no server may do.
    pub fn masked(mut self, key: [u8; 4]) -> Self {
        self.mask = Some(key);
        self
    }

    /// Writes the length in this form instead of the shortest.
    pub fn length_form(mut self, form: LengthForm) -> Self {
        self.length = Some(form);
        self
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut payload = self.payload.to_bytes();
        let len = payload.len();
        let form = self.length.unwrap_or(match len {
            0..=125 => LengthForm::Bits7,
            126..=0xffff => LengthForm::Bits16,
            _ => LengthForm::Bits64,
        });

        let first = u8::from(self.fin) << 7 | self.rsv << 4 | self.opcode & 15;
        let mask_bit = u8::from(self.mask.is_some()) << 7;
        let mut bytes = Vec::with_capacity(len + 14);
        match form {
            LengthForm::Bits7 => bytes.extend([first, mask_bit | (len & 0x7f) as u8]),
            LengthForm::Bits16 => {
                bytes.extend([first, mask_bit | 126]);
                bytes.extend((len as u16).to_be_bytes());
            }
            LengthForm::Bits64 => {
                bytes.extend([first, mask_bit | 127]);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
        if let Some(key) = self.mask {
            bytes.extend(key);
            apply_mask(&mut payload, key);
        }
        bytes.append(&mut payload);
        bytes
    }
}

/// Masks or unmasks.
pub(crate) fn apply_mask(payload: &mut [u8], key: [u8; 4]) {
    let word = u32::from_ne_bytes(key);
    let (words, rest) = payload.as_chunks_mut();
    for bytes in words {
        *bytes = (u32::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key) {
        *byte ^= key;
    }
}

impl LengthForm {
    /// The name in a script.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bits7 => "7",
            Self::Bits16 => "16",
            Self::Bits64 => "64",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Bits7, Self::Bits16, Self::Bits64]
            .into_iter()
            .find(|form| form.name() == name)
    }
}

/// The arguments of a script's `frame` step.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "op={}", self.opcode)?;
        if !self.payload.is_empty() {
            write!(f, ",data={}", self.payload)?;
        }
        if !self.fin {
            write!(f, ",fin=0")?;
        }
        if self.rsv != 0 {
            write!(f, ",rsv={}", self.rsv)?;
        }
        if let Some(key) = self.mask {
            write!(f, ",mask={}", HEXLOWER.encode(&key))?;
        }
        if let Some(form) = self.length {
            write!(f, ",enc={}", form.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form_unless_told() {
        let head = |frame: Frame| frame.encode()[..2].to_vec();
        assert_eq!(head(Frame::binary(Payload::pattern(125))), [0x82, 125]);
        assert_eq!(head(Frame::binary(Payload::pattern(126))), [0x82, 126]);
        assert_eq!(head(Frame::binary(Payload::pattern(65_536))), [0x82, 127]);

        let long = Frame::text("x").length_form(LengthForm::Bits64).encode();
        assert_eq!(long, b"\x81\x7f\0\0\0\0\0\0\0\x01x");
    }

    #[test]
    fn masks() {
        let frame = Frame::text("abcde").masked([1, 2, 3, 4]).encode();
        assert_eq!(frame, b"\x81\x85\x01\x02\x03\x04\x60\x60\x60\x60\x64");
    }
}
