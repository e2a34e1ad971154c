use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::escape;
use crate::parse_error::{ParseError, value};

/// The bytes of a frame or of a raw write, described rather than spelled out.
///
/// ```
/// use support::Payload;
///
/// let payload = Payload::from(&[0x03, 0xe8]).and(Payload::repeat("x", 124));
/// assert_eq!(payload.to_string(), "hex:03e8+rep:x*124");
/// assert_eq!(payload.to_bytes().len(), 126);
/// assert_eq!(Payload::pattern(300).to_bytes()[250..253], [250, 0, 1]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    Repeat { unit: Vec<u8>, times: usize },
    Pattern(usize),
}

impl Payload {
    /// The longest payload that is read from a script.
    pub const MAX: usize = 64 << 20;

    /// `unit`, so many times.
    pub fn repeat(unit: impl AsRef<[u8]>, times: usize) -> Self {
        let unit = unit.as_ref().to_vec();
        Self(vec![Piece::Repeat { unit, times }])
    }

    /// So many bytes, each of which is its own position modulo 251.
    pub fn pattern(len: usize) -> Self {
        Self(vec![Piece::Pattern(len)])
    }

    /// This payload followed by another one.
    pub fn and(mut self, other: impl Into<Payload>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.0
            .iter()
            .fold(0, |sum, piece| sum.saturating_add(piece.len()))
    }

    /// Whether there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes themselves.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        for piece in &self.0 {
            match piece {
                Piece::Bytes(piece) => bytes.extend_from_slice(piece),
                Piece::Repeat { unit, times } => bytes.extend(unit.repeat(*times)),
                Piece::Pattern(len) => bytes.extend(pattern(*len)),
            }
        }
        bytes
    }
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Repeat { unit, times } => unit.len().saturating_mul(*times),
            Self::Pattern(len) => *len,
        }
    }
}

fn pattern(len: usize) -> Vec<u8> {
    let period: Vec<u8> = (0..251).collect();
    let mut bytes = period.repeat(len.div_ceil(period.len()));
    bytes.truncate(len);
    bytes
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        match bytes.is_empty() {
            true => Self::default(),
            false => Self(vec![Piece::Bytes(bytes)]),
        }
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, piece) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            piece.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) if str::from_utf8(bytes).is_ok() => {
                write!(f, "text:{}", escape::value(bytes))
            }
            Self::Bytes(bytes) => write!(f, "hex:{}", HEXLOWER_PERMISSIVE.encode(bytes)),
            Self::Repeat { unit, times } => write!(f, "rep:{}*{times}", escape::value(unit)),
            Self::Pattern(len) => write!(f, "pattern:{len}"),
        }
    }
}

impl FromStr for Payload {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let pieces = text.split('+').filter(|piece| !piece.is_empty());
        let payload = Self(pieces.map(str::parse).collect::<Result<_, _>>()?);
        match payload.len() > Self::MAX {
            true => Err(ParseError::new("payload too long", text)),
            false => Ok(payload),
        }
    }
}

impl FromStr for Piece {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let fail = || ParseError::new("no payload", text);
        let (form, content) = text.split_once(':').ok_or_else(fail)?;
        match form {
            "text" => Ok(Self::Bytes(escape::decode(content))),
            "hex" => HEXLOWER_PERMISSIVE
                .decode(content.as_bytes())
                .map(Self::Bytes)
                .map_err(|_| fail()),
            "rep" => {
                let (unit, times) = content.rsplit_once('*').ok_or_else(fail)?;
                Ok(Self::Repeat {
                    unit: escape::decode(unit),
                    times: value("no count", times)?,
                })
            }
            "pattern" => Ok(Self::Pattern(value("no length", content)?)),
            _ => Err(fail()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Body;

    #[test]
    fn round_trips() {
        for payload in [
            Payload::default(),
            "a;b,c|d+e%f=g:h*i j\r\n".into(),
            "grün 😀".into(),
            (&[0xff, 0x00]).into(),
            Payload::repeat([0, 0xff, b'*', b'+'], 3),
            Payload::pattern(70_000).and("end").and(&[0x80]),
        ] {
            let parsed: Payload = payload.to_string().parse().unwrap();
            assert_eq!(parsed, payload);
            assert_eq!(parsed.to_bytes().len(), payload.len());
        }
    }

    #[test]
    fn pattern_is_the_position_modulo_251() {
        for (len, start) in [(65_535, "fcdcbc0a3c69"), (65_536, "fefb71740a82")] {
            let Body::Sha1(sha1) = Body::of(&Payload::pattern(len).to_bytes()) else {
                panic!("long bodies are digested");
            };
            assert!(sha1.starts_with(start));
        }
    }

    #[test]
    fn refuses_nonsense() {
        for text in [
            "x",
            "hex:1",
            "rep:x",
            "rep:x*-1",
            "pattern:99999999999999999999",
            "foo:1",
        ] {
            assert!(text.parse::<Payload>().is_err(), "{text}");
        }
        assert!(
            "rep:xxxxxxxx*9999999999999999999"
                .parse::<Payload>()
                .is_err()
        );
    }
}
