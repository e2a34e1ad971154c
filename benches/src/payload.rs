//! What is sent and received.

use anyhow::{Error, bail};
use bytes::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Binary,
    Ascii,
    Multibyte,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Binary, Kind::Ascii, Kind::Multibyte];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Binary => "binary",
            Kind::Ascii => "ascii",
            Kind::Multibyte => "multibyte",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Kind, Error> {
        match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
            Some(kind) => Ok(kind),
            None => bail!("there is no payload `{name}`"),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Payload {
    pub kind: Kind,
    pub bytes: Bytes,
}

impl Payload {
    pub fn new(kind: Kind, size: usize) -> Payload {
        let bytes: Vec<u8> = match kind {
            Kind::Binary => (0..size).map(|i| (i * 31 + i / 256) as u8).collect(),
            Kind::Ascii => (0..size).map(|i| b'a' + (i % 26) as u8).collect(),
            Kind::Multibyte => multibyte(size).into_bytes(),
        };
        assert_eq!(bytes.len(), size);
        Payload {
            kind,
            bytes: bytes.into(),
        }
    }

    pub fn is_text(&self) -> bool {
        self.kind != Kind::Binary
    }

    pub fn as_text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("only text is asked for as text")
    }

    /// One frame that carries it, masked as a client's or not as a server's.
    pub fn frame(&self, mask: Option<[u8; 4]>) -> Vec<u8> {
        let mut frame = Vec::with_capacity(self.bytes.len() + 14);
        let opcode = if self.is_text() { 1 } else { 2 };
        write_header(&mut frame, opcode, self.bytes.len(), mask.is_some());
        match mask {
            None => frame.extend_from_slice(&self.bytes),
            Some(mask) => {
                frame.extend_from_slice(&mask);
                frame.extend(
                    self.bytes
                        .iter()
                        .zip(mask.iter().cycle())
                        .map(|(b, m)| b ^ m),
                );
            }
        }
        frame
    }

    /// Whole frames, together at least this long, to be sent over and over.
    pub fn frames(&self, mask: Option<[u8; 4]>, length: usize) -> Vec<u8> {
        let frame = self.frame(mask);
        frame.repeat(length.div_ceil(frame.len()))
    }
}

/// Writes the header of a last frame (RFC 6455 §5.2), without the mask itself.
pub fn write_header(out: &mut Vec<u8>, opcode: u8, length: usize, masked: bool) {
    let mask_bit = if masked { 0x80 } else { 0 };
    out.push(0x80 | opcode);
    match length {
        0..126 => out.push(mask_bit | length as u8),
        126..0x1_0000 => {
            out.push(mask_bit | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(mask_bit | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Characters of two, three and four bytes between ASCII, as people write.
fn multibyte(size: usize) -> String {
    let mut text = String::with_capacity(size);
    for character in "Привет, мир! 你好，世界。 こんにちは 👋🌍 ".chars().cycle()
    {
        if text.len() + character.len_utf8() > size {
            break;
        }
        text.push(character);
    }
    while text.len() < size {
        text.push('.');
    }
    text
}

/// A length as people say it.
pub fn bytes(length: usize) -> String {
    match length {
        0..1024 => format!("{length} B"),
        1024..0x10_0000 => format!("{} KiB", length / 1024),
        _ => format!("{} MiB", length / 1024 / 1024),
    }
}
