//! Sends every message back: `cargo run --example echo_server -- --port 9000`.

use qwebsocket::{Accepting, Error, Event, WebSocket, WebSocketExt};

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
async fn echo(accepting: Result<Accepting, Error>) -> Result<(), Error> {
    let incoming = accepting?.await?;
    let subprotocol = incoming.subprotocols().next().map(str::to_owned);
    let socket = incoming.accept(subprotocol.as_deref()).await?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            socket.send(message)?;
        }
    }
    Ok(())
}
