//! A chat of all who are connected: `cargo run --example chat_server -- --port 9000`.

#![cfg_attr(target_family = "wasm", allow(unused, clippy::arc_with_non_send_sync))]

use std::sync::{Arc, Mutex};

use futures::StreamExt;
use qwebsocket::{Accepting, ByteString, Error, Event, Listener, Message, Options, Socket};
use qwebsocket::{WebSocket, WebSocketExt};

type Room = Arc<Mutex<Vec<Arc<Socket>>>>;

#[cfg(not(target_family = "wasm"))]
#[async_std::main]
async fn main() -> Result<(), Error> {
    let port = std::env::args().skip_while(|arg| arg != "--port").nth(1);
    let address = format!("127.0.0.1:{}", port.as_deref().unwrap_or("9000"));
    let options = Options::new().write_queue(1 << 20);
    let mut listener = Listener::bind_with(&address, options).await?;
    println!("listening on ws://{}", listener.local_address());
    let room = Room::default();
    while let Some(accepting) = listener.next().await {
        async_std::task::spawn(chat(accepting, room.clone()));
    }
    Ok(())
}

/// A server needs an operating system.
#[cfg(target_family = "wasm")]
fn main() {}

async fn chat(accepting: Result<Accepting, Error>, room: Room) -> Result<(), Error> {
    let socket = Arc::new(accepting?.await?.accept(None).await?);
    let name = socket.peer_address().map(|address| address.port());
    let name = format!("guest {}", name.unwrap_or_default());
    room.lock().unwrap().push(socket.clone());
    tell_all(&room, format!("{name} is here"));
    while let Some(event) = socket.next_event().await {
        if let Event::Message(Message::Text(text)) = event {
            tell_all(&room, format!("{name}: {text}"));
        }
    }
    room.lock()
        .unwrap()
        .retain(|other| !Arc::ptr_eq(other, &socket));
    tell_all(&room, format!("{name} has left"));
    Ok(())
}

/// The task that waits for a socket's events is woken, and writes.
fn tell_all(room: &Room, text: String) {
    let text = ByteString::from(text);
    for socket in room.lock().unwrap().iter() {
        // Whoever does not keep up is dropped.
        if socket.is_valid() && socket.send_text(text.clone()).is_err() {
            socket.abort();
        }
    }
}
