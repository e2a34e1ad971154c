use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use crate::backend;
use crate::{Alert, Challenge, Decision, Error, TlsError, TlsErrors};

/// What a socket tells, in the order in which it happens: Qt's signals.
///
/// The order is the same on every platform, as far as the platform lets us see what happened:
///
/// | case | events |
/// |---|---|
/// | [`open`](crate::WebSocket::open) | `StateChanged(Connecting)` |
/// | success | `StateChanged(Connected)`, `Connected` |
/// | failure before that | `Error`, `StateChanged(Unconnected)`, `Disconnected` |
/// | own [`close`](crate::WebSocket::close) | `AboutToClose`, `StateChanged(Closing)`; on the peer's close frame or after the [time limit](crate::Timeouts::close) `StateChanged(Unconnected)`, `ReadFinished`, `Disconnected` |
/// | the peer's close | the same, without a call |
/// | a violation by the peer | `Error`, then the same, with our code sent |
/// | lost without a closing handshake | `Error`, `StateChanged(Unconnected)`, `ReadFinished`, `Disconnected` |
/// | [`abort`](crate::WebSocket::abort) | `AboutToClose`, `StateChanged(Unconnected)`, `ReadFinished`, `Disconnected` |
///
/// After `Disconnected` the stream of events ends; [`open`](crate::WebSocket::open) arms it again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// [`state`](crate::WebSocket::state) is now this.
    StateChanged(State),
    /// The opening handshake succeeded: messages can be sent.
    Connected,
    /// The socket is about to close. Until the next poll, [`send`](crate::WebSocket::send) still
    /// takes a last message, which goes out in front of the close frame.
    AboutToClose,
    /// The connection is gone. The last event until the next [`open`](crate::WebSocket::open).
    Disconnected,
    /// A whole message.
    Message(Message),
    /// A frame of a message, if [asked for](crate::Options::frames).
    ///
    /// # Platform-specific
    ///
    /// [`Features::FRAMES`](crate::Features::FRAMES).
    Frame(Frame),
    /// A pong arrived.
    ///
    /// # Platform-specific
    ///
    /// [`Features::PING`](crate::Features::PING).
    Pong {
        /// Time since [`ping`](crate::WebSocket::ping) was called with this payload, the oldest
        /// such call first; `None` for a pong that nobody asked for.
        elapsed: Option<Duration>,
        /// The payload, at most 125 bytes.
        payload: Bytes,
    },
    /// This many bytes went to the network since the last such event: from the request of the
    /// opening handshake on, frame headers included, before TLS.
    ///
    /// # Platform-specific
    ///
    /// In a browser: payload bytes that left the browser's buffer, noticed when the socket is
    /// polled.
    BytesWritten(usize),
    /// Nothing more will be received.
    ReadFinished,
    /// The server asks who we are, which was neither in the URL nor in the
    /// [options](crate::Options::credentials), or was refused. Only told if
    /// [wanted](crate::Options::ask_credentials).
    ///
    /// # Platform-specific
    ///
    /// [`Features::AUTHENTICATION`](crate::Features::AUTHENTICATION).
    Authenticate(Decision<Challenge>),
    /// The proxy asks who we are; as [`Authenticate`](Event::Authenticate).
    ///
    /// # Platform-specific
    ///
    /// [`Features::AUTHENTICATION`](crate::Features::AUTHENTICATION) and
    /// [`Features::PROXY`](crate::Features::PROXY).
    ProxyAuthenticate(Decision<Challenge>),
    /// Something is wrong with a certificate of the peer: Qt's `peerVerifyError()`. One for each
    /// error, before [`TlsErrors`](Event::TlsErrors) asks about all of them or they are decided by
    /// the [configuration](crate::TlsConfig).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`](crate::Features::TLS_ERRORS).
    PeerVerifyError(TlsError),
    /// The peer's certificates have errors: Qt's `sslErrors()`. Nothing of the HTTP request has
    /// left, and nothing leaves before the answer. Only told if
    /// [wanted](crate::TlsConfig::ask_errors).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`](crate::Features::TLS_ERRORS).
    TlsErrors(Decision<TlsErrors>),
    /// The first error was found, and the handshake waits: Qt's `handshakeInterruptedOnError()`. An
    /// answer goes on, with all errors being told and asked about as if nothing had been; refused,
    /// the peer gets an alert. Only told if [wanted](crate::TlsConfig::interrupt_on_error).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_INTERRUPTION`](crate::Features::TLS_INTERRUPTION).
    HandshakeInterrupted(Decision<TlsError>),
    /// TLS sent an alert to the peer.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`](crate::Features::TLS_ALERTS).
    AlertSent(Alert),
    /// TLS received an alert from the peer.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`](crate::Features::TLS_ALERTS).
    AlertReceived(Alert),
    /// Something went wrong; also kept in [`last_error`](crate::WebSocket::last_error).
    Error(Error),
}

/// The states of a connection; Qt's names.
///
/// Name look-up, TCP, TLS and the opening handshake are all `Connecting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum State {
    /// There is no connection.
    #[default]
    Unconnected,
    /// A connection is being made.
    Connecting,
    /// Messages can be sent and received.
    Connected,
    /// The closing handshake is under way.
    Closing,
}

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

    /// Whether the payload is empty, which is a message all the same.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Message {
        text.to_owned().into()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Message {
        Message::Text(backend::share_text(text))
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

impl From<Vec<u8>> for Message {
    fn from(data: Vec<u8>) -> Message {
        Message::Binary(backend::share_bytes(data))
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
                let head = &text[..text.floor_char_boundary(SHOWN)];
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
    /// Whether the message is text.
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// Whether the message ends with this frame.
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
    fn an_event_stays_small() {
        assert!(size_of::<Event>() <= 48, "{}", size_of::<Event>());
    }

    #[test]
    fn debug_of_a_long_message_is_short() {
        assert!(format!("{:?}", Message::text("é".repeat(1000))).len() < 400);
        assert!(format!("{:?}", Message::binary(vec![0; 1 << 20])).len() < 700);
        assert_eq!(format!("{:?}", Message::from("a")), "Text(\"a\")");
    }
}
