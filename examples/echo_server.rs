//! Sends every message back: `cargo run --example echo_server -- --port 9000`.
//!
//! ```toml
//! async-std = { version = "1.13", features = ["attributes"] }
//! futures = "0.3"
//! qwebsocket = "0.1"
//! ```

use qwebsocket::{Accepting, Error, ErrorKind, Event, Message, Socket, WebSocket, WebSocketExt};

#[cfg(not(target_family = "wasm"))]
#[async_std::main]
async fn main() -> Result<(), Error> {
    use futures::StreamExt;
    use qwebsocket::Listener;

    let port = std::env::args().skip_while(|arg| arg != "--port").nth(1);
    let address = format!("127.0.0.1:{}", port.as_deref().unwrap_or("9000"));
    let mut listener = Listener::bind(&address).await?;
    println!("listening on ws://{}", listener.local_address());
    while let Some(accepting) = listener.next().await {
        async_std::task::spawn(async {
            if let Err(error) = echo(accepting).await {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

/// A server needs an operating system.
#[cfg(target_family = "wasm")]
fn main() {}

#[allow(dead_code)]
pub(crate) async fn echo(accepting: Result<Accepting, Error>) -> Result<(), Error> {
    let incoming = accepting?.await?;
    let subprotocol = incoming.subprotocols().next().map(str::to_owned);
    let socket = incoming.accept(subprotocol.as_deref()).await?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            send_back(&socket, message).await?;
        }
    }
    Ok(())
}

/// While 16 MiB wait for a client, nothing more is read of what it sends. One that takes nothing of
/// them for half a minute is ended.
async fn send_back(socket: &Socket, message: Message) -> Result<(), Error> {
    while let Err(error) = socket.send(message.clone()) {
        if error.kind() != ErrorKind::QueueFull {
            return Err(error);
        }
        let waiting = socket.bytes_to_write();
        if !is_flushed(socket).await && socket.bytes_to_write() == waiting {
            socket.abort();
            return Err(error);
        }
    }
    Ok(())
}

/// Waits up to half a minute.
#[cfg(not(target_family = "wasm"))]
async fn is_flushed(socket: &Socket) -> bool {
    let patience = std::time::Duration::from_secs(30);
    let flushed = async_std::future::timeout(patience, socket.flush()).await;
    flushed.is_ok()
}

#[cfg(target_family = "wasm")]
async fn is_flushed(socket: &Socket) -> bool {
    socket.flush().await.is_ok()
}
