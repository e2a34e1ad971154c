//! One definition of the values that a server and its clients exchange, as bytes of postcard:
//! `cargo run --example typed`.
//!
//! ```toml
//! postcard = { version = "1", default-features = false, features = ["use-std"] }
//! serde = { version = "1", features = ["derive"] }
//! ```

use futures::{SinkExt, StreamExt};
use qwebsocket::{Carrier, Codec, Message, Socket, Typed, TypedError, WebSocket};
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

async fn run(url: &str, print: impl Fn(&str)) -> Result<(), Box<dyn std::error::Error>> {
    let mut shop = shop(Socket::connect(url).await?, Postcard);
    let item = "tea".to_owned();
    shop.send(Command::Add { item, count: 2 }).await?;
    if let Some(cart) = shop.next().await {
        print(&format!("{:?}", cart?));
    }
    Ok(())
}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    async_std::task::block_on(async {
        let mut listener = qwebsocket::Listener::bind("127.0.0.1:0").await?;
        let url = format!("ws://{}/", listener.local_address());
        async_std::task::spawn(async move {
            while let Some(accepting) = listener.next().await {
                let Ok(socket) = async { accepting?.await?.accept(None).await }.await else {
                    continue;
                };
                async_std::task::spawn(serve(socket, Postcard));
            }
        });
        run(&url, |line| println!("{line}")).await
    })
}

#[cfg(target_family = "wasm")]
fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let print = |line: &str| web_sys::console::log_1(&line.into());
        if let Err(error) = run("ws://127.0.0.1:9000/", print).await {
            print(&error.to_string());
        }
    });
}
