//! A client over a connection of hyper's, which any HTTP client that upgrades can stand for.
//!
//! ```toml
//! http-body-util = "0.1"
//! hyper = { version = "1", features = ["client", "http1"] }
//! hyper-util = { version = "0.1", features = ["tokio"] }
//! qwebsocket = { version = "0.1", features = ["http", "tokio"] }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//! ```

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use qwebsocket::prelude::*;
use qwebsocket::{ClientHandshake, FromTokio, Options};
use tokio::net::TcpStream;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub async fn connect(stream: TcpStream, url: &str, options: Options) -> Result<Socket> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let handshake = ClientHandshake::new(url, &options)?;
    let request = hyper::Request::<Empty<Bytes>>::from(&handshake);
    let mut response = sender.send_request(request).await?;
    let negotiated = handshake.finish(&response)?;
    let upgraded = hyper::upgrade::on(&mut response).await?;
    let stream = FromTokio(TokioIo::new(upgraded));
    Ok(Socket::upgraded(stream, negotiated, options)?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let stream = TcpStream::connect("127.0.0.1:9000").await?;
    let socket = connect(stream, "ws://127.0.0.1:9000/ws", Options::new()).await?;
    socket.send_text("hello")?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            println!("{message:?}");
            socket.close_with(CloseCode::NORMAL)?;
        }
    }
    Ok(())
}
