use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use crate::grammar::floor_char_boundary;
use crate::platform;

/// A message: text or binary data.
///
/// Cloning shares the payload. Text is known to be UTF-8.
///
/// ```
/// use qwebsocket::Message;
///
/// assert_eq!(Message::from("hello").as_text(), Some("hello"));
/// assert_eq!(Message::from(vec![1, 2, 3]).len(), 3);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// Text, UTF-8.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<ByteString>) -> Message {
        Message::Text(text.into())
    }

    /// A binary message.
    pub fn binary(data: impl Into<Bytes>) -> Message {
        Message::Binary(data.into())
    }

    /// The text, of a text message.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Message::Text(text) => Some(text),
            Message::Binary(_) => None,
        }
    }

    /// The text, of a text message, without a copy.
    pub fn into_text(self) -> Option<ByteString> {
        match self {
            Message::Text(text) => Some(text),
            Message::Binary(_) => None,
        }
    }

    /// The payload, of either kind.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(data) => data,
        }
    }

    /// The payload, of either kind, without a copy.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Message::Text(text) => text.into_bytes(),
            Message::Binary(data) => data,
        }
    }

    /// The length of the payload in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Returns `true` if the payload is empty; an empty message is still a message.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Message {
        text.to_owned().into()
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Message {
        Message::from(text.as_str())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Message {
        Message::Text(platform::share_text(text))
    }
}

impl From<ByteString> for Message {
    fn from(text: ByteString) -> Message {
        Message::Text(text)
    }
}

impl From<&[u8]> for Message {
    fn from(data: &[u8]) -> Message {
        data.to_vec().into()
    }
}

impl<const N: usize> From<&[u8; N]> for Message {
    fn from(data: &[u8; N]) -> Message {
        Message::from(data.as_slice())
    }
}

impl From<&Vec<u8>> for Message {
    fn from(data: &Vec<u8>) -> Message {
        Message::from(data.as_slice())
    }
}

impl From<Vec<u8>> for Message {
    fn from(data: Vec<u8>) -> Message {
        Message::Binary(platform::share_bytes(data))
    }
}

impl From<Bytes> for Message {
    fn from(data: Bytes) -> Message {
        Message::Binary(data)
    }
}

/// Long payloads are cut: a message is not a log entry.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 128;
        match self {
            Message::Text(text) if text.len() <= SHOWN => write!(f, "Text({:?})", &**text),
            Message::Text(text) => {
                let head = &text[..floor_char_boundary(text, SHOWN)];
                write!(f, "Text({head:?}…, {} bytes)", text.len())
            }
            Message::Binary(data) if data.len() <= SHOWN => write!(f, "Binary({data:?})"),
            Message::Binary(data) => {
                write!(
                    f,
                    "Binary({:?}…, {} bytes)",
                    data.slice(..SHOWN),
                    data.len()
                )
            }
        }
    }
}

/// A frame of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub(crate) is_text: bool,
    pub(crate) is_last: bool,
    pub(crate) payload: Bytes,
}

impl Frame {
    /// A frame of a message of this part's kind, as [`send_part`](crate::WebSocket::send_part) sends
    /// one; for sockets of the application's own.
    pub fn new(part: impl Into<Message>, is_last: bool) -> Frame {
        let part = part.into();
        Frame {
            is_text: matches!(part, Message::Text(_)),
            is_last,
            payload: part.into_bytes(),
        }
    }

    /// Returns `true` for a frame of a text message.
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// Returns `true` for the last frame of its message.
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// The payload. Of a text message: the characters that this frame completed, always whole
    /// ones, so a character split over two frames comes with the second.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_hand_makes_a_message() {
        let (text, data) = (String::from("ü"), vec![1, 2]);
        for message in [Message::from(&text), "ü".into(), text.clone().into()] {
            assert_eq!(message.into_text().as_deref(), Some("ü"));
        }
        for message in [
            Message::from(&data),
            b"\x01\x02".into(),
            data.clone().into(),
        ] {
            assert_eq!(message.as_bytes(), [1, 2]);
            assert_eq!(message.into_text(), None);
        }
    }

    #[test]
    fn debug_of_a_long_message_is_short() {
        assert!(format!("{:?}", Message::text("é".repeat(1000))).len() < 400);
        assert!(format!("{:?}", Message::binary(vec![0; 1 << 20])).len() < 700);
        assert_eq!(format!("{:?}", Message::from("a")), "Text(\"a\")");
    }
}
