use async_tungstenite::tungstenite::protocol::WebSocketConfig;
use async_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::payload::Payload;

pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_frame_size(Some(super::MAX_MESSAGE))
        .max_message_size(Some(super::MAX_MESSAGE))
}

pub(super) fn message(payload: &Payload) -> Message {
    match payload.is_text() {
        true => Message::Text(Utf8Bytes::from(payload.as_text())),
        false => Message::Binary(payload.bytes.clone()),
    }
}

pub(super) fn data(incoming: Result<Message, Error>) -> Option<Message> {
    let message = incoming.ok()?;
    (message.is_text() || message.is_binary()).then_some(message)
}
