//! A server on tokio by the library's own `Listener`.
//!
//! ```toml
//! futures = "0.3"
//! qwebsocket = { version = "0.1", default-features = false, features = ["tokio"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```

use futures::StreamExt;
use qwebsocket::prelude::*;
use qwebsocket::{Accepting, Error, Listener};

pub async fn serve(mut listener: Listener) {
    while let Some(accepting) = listener.next().await {
        tokio::spawn(async {
            if let Err(error) = echo(accepting).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn echo(accepting: Result<Accepting, Error>) -> Result<(), Error> {
    let incoming = accepting?.await?;
    let socket = incoming.accept(None).await?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            socket.send(message)?;
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let listener = Listener::bind("127.0.0.1:9000").await?;
    println!("listening on ws://{}", listener.local_address());
    serve(listener).await;
    Ok(())
}
