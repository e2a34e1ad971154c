use bytes::Bytes;

use crate::close::Close;
use crate::message::Message;
use crate::request::Request;

/// A call of the application that a [`ScriptedSocket`](crate::testing::ScriptedSocket) has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call {
    /// [`open`](crate::WebSocket::open).
    Open(Request),
    /// [`close`](crate::WebSocket::close).
    Close(Close),
    /// [`abort`](crate::WebSocket::abort).
    Abort,
    /// [`send`](crate::WebSocket::send) or [`send_prepared`](crate::WebSocket::send_prepared).
    Send(Message),
    /// [`send_part`](crate::WebSocket::send_part).
    SendPart {
        /// The payload of the part.
        part: Message,
        /// Whether the message ends with it.
        is_last: bool,
    },
    /// [`ping`](crate::WebSocket::ping).
    Ping(Bytes),
}
