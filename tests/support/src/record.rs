use data_encoding::HEXLOWER;
use sha1::{Digest, Sha1};

use crate::frame::opcode;

/// One thing that the server saw on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A request head: the request line and the header lines as they came.
    Request {
        /// Without their line ends.
        lines: Vec<String>,
    },
    /// What came in a SOCKS5 handshake: `methods 0 2`, `login USER PASSWORD` and
    /// `connect name HOST:PORT` (or `address`).
    Socks5(String),
    /// A frame.
    Frame(FrameRecord),
    /// The client shut down its sending side.
    Eof,
    /// The client reset the connection.
    Reset,
    /// The time of a step ran out before it came to its end.
    Timeout,
    /// The script could not be read, or the client did not speak HTTP.
    Error(String),
    /// At the end: bytes that did not make up a frame.
    Rest {
        /// How many.
        len: u64,
        /// The first 256 of them.
        head: Vec<u8>,
    },
    /// At the end: all bytes that came, except request heads and SOCKS5 handshakes.
    Bytes {
        /// How many.
        total: u64,
    },
    /// The connection is over.
    Ended,
}

/// A frame as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRecord {
    /// The FIN bit.
    pub fin: bool,
    /// The reserved bits: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub rsv: u8,
    /// The opcode.
    pub opcode: u8,
    /// The masking key, if the frame was masked.
    pub mask: Option<[u8; 4]>,
    /// The length of the payload.
    pub len: u64,
    /// The payload, unmasked.
    pub body: Body,
}

/// A payload, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A payload of up to 256 bytes.
    Bytes(Vec<u8>),
    /// The SHA-1 of a longer one, in lower-case hexadecimal digits.
    Sha1(String),
}

impl Body {
    /// The longest payload that is kept as it is.
    pub const MAX: usize = 256;

    /// What the log keeps of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes.len() <= Self::MAX {
            true => Self::Bytes(bytes.to_vec()),
            false => Self::Sha1(HEXLOWER.encode(&Sha1::digest(bytes))),
        }
    }

    /// Whether it was these bytes.
    pub fn is(&self, bytes: impl AsRef<[u8]>) -> bool {
        *self == Self::of(bytes.as_ref())
    }

    /// The bytes, if they were kept.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Sha1(_) => None,
        }
    }

    /// The text, if it is one and was kept.
    pub fn text(&self) -> Option<&str> {
        str::from_utf8(self.bytes()?).ok()
    }
}

impl FrameRecord {
    /// The code of a close frame, if there is one.
    pub fn close_code(&self) -> Option<u16> {
        let code = self.close_payload()?.first_chunk()?;
        Some(u16::from_be_bytes(*code))
    }

    /// The reason of a close frame; empty if there is none.
    pub fn close_reason(&self) -> Option<&str> {
        str::from_utf8(self.close_payload()?.get(2..).unwrap_or_default()).ok()
    }

    fn close_payload(&self) -> Option<&[u8]> {
        match self.opcode {
            opcode::CLOSE => self.body.bytes(),
            _ => None,
        }
    }
}

impl Entry {
    /// The frame, if it is one.
    pub fn frame(&self) -> Option<&FrameRecord> {
        match self {
            Self::Frame(frame) => Some(frame),
            _ => None,
        }
    }
}
