//! What a server and its clients exchange, in a file that all of them share: values of two types as
//! bytes of postcard.

use futures::{SinkExt, StreamExt};
use qwebsocket::{Carrier, Codec, Message, Typed, TypedError, WebSocket};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Command {
    Add { item: String, count: u32 },
    Clear,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cart {
    pub(crate) items: Vec<(String, u32)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Postcard;

impl<Out: Serialize, In: DeserializeOwned> Codec<Out, In> for Postcard {
    type Error = postcard::Error;

    fn encode(&self, value: &Out) -> Result<Message, postcard::Error> {
        Ok(postcard::to_allocvec(value)?.into())
    }

    fn decode(&self, message: Message) -> Result<In, postcard::Error> {
        postcard::from_bytes(message.as_bytes())
    }
}

/// The server's side: answers each command with the cart.
#[cfg_attr(target_family = "wasm", allow(dead_code))] // No page is a server.
pub(crate) async fn serve<S, C>(socket: S, codec: C) -> Result<(), TypedError<C::Error>>
where
    S: WebSocket,
    C: Codec<Cart, Command>,
{
    let mut client = Typed::new(socket, codec);
    let mut cart = Cart::default();
    while let Some(command) = client.next().await {
        match command {
            Ok(Command::Add { item, count }) => cart.items.push((item, count)),
            Ok(Command::Clear) => cart.items.clear(),
            Err(TypedError::Decode(_)) => {}
            Err(error) => return Err(error),
        }
        client.send(cart.clone()).await?;
    }
    Ok(())
}

/// A client's side, over a socket or one that connects again.
pub(crate) fn shop<S: Carrier, C: Codec<Command, Cart>>(socket: S, codec: C) -> Shop<S, C> {
    Typed::new(socket, codec)
}

pub(crate) type Shop<S, C> = Typed<S, Command, Cart, C>;
