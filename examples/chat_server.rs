//! A chat of all who are connected: `cargo run --example chat_server -- --port 9000`.
//!
//! ```toml
//! async-std = { version = "1.13", features = ["attributes"] }
//! futures = "0.3"
//! qwebsocket = "0.1"
//! ```

#![cfg_attr(target_family = "wasm", allow(unused, clippy::arc_with_non_send_sync))]

use std::sync::Arc;

use futures::StreamExt;
use qwebsocket::{Accepting, Error, Event, Listener, Message, Options, Socket};
use qwebsocket::{Topics, WebSocket, WebSocketExt, WhenSlow};

#[cfg(not(target_family = "wasm"))]
#[async_std::main]
async fn main() -> Result<(), Error> {
    let port = std::env::args().skip_while(|arg| arg != "--port").nth(1);
    let address = format!("127.0.0.1:{}", port.as_deref().unwrap_or("9000"));
    let options = Options::new().write_queue(1 << 20);
    let mut listener = Listener::bind_with(&address, options).await?;
    println!("listening on ws://{}", listener.local_address());
    // Whoever does not keep up is dropped.
    let rooms = Topics::with_rule(WhenSlow::Drop, None);
    while let Some(accepting) = listener.next().await {
        async_std::task::spawn(chat(accepting, rooms.clone()));
    }
    Ok(())
}

/// A server needs an operating system.
#[cfg(target_family = "wasm")]
fn main() {}

async fn chat(
    accepting: Result<Accepting, Error>,
    rooms: Topics<Arc<Socket>>,
) -> Result<(), Error> {
    let socket = Arc::new(accepting?.await?.accept(None).await?);
    let name = socket.peer_address().map(|address| address.port());
    let name = format!("guest {}", name.unwrap_or_default());
    let subscription = rooms.subscribe("room", socket.clone());
    rooms.deliver("room", format!("{name} is here")).await;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(Message::Text(text)) = event {
            rooms.deliver("room", format!("{name}: {text}")).await;
        }
    }
    subscription.deliver(format!("{name} has left")).await;
    Ok(())
}
