use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Codec, Json};
use crate::error::Error;
use crate::message::Message;

impl<Out: Serialize, In: DeserializeOwned> Codec<Out, In> for Json {
    type Error = Error;

    fn encode(&self, value: &Out) -> Result<Message, Error> {
        let text = serde_json::to_string(value).map_err(Error::other)?;
        Ok(text.into())
    }

    fn decode(&self, message: Message) -> Result<In, Error> {
        let value = match &message {
            // Known to be UTF-8.
            Message::Text(text) => serde_json::from_str(text),
            Message::Binary(data) => serde_json::from_slice(data),
        };
        value.map_err(Error::other)
    }
}
