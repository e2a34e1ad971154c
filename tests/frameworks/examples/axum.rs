//! One more route beside an application's pages: axum, with permessage-deflate.
//!
//! ```toml
//! axum = "0.8"
//! hyper = "1"
//! hyper-util = { version = "0.1", features = ["tokio"] }
//! qwebsocket = { version = "0.1", features = ["http", "tokio"] }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//! ```

use axum::extract::Request;
use axum::response::Response;
use axum::routing::{Router, get};
use hyper_util::rt::TokioIo;
use qwebsocket::prelude::*;
use qwebsocket::{Compression, Error, FromTokio, Options, ServerHandshake};

pub fn app() -> Router {
    Router::new()
        .route("/", get(async || "a page"))
        .route("/ws", get(ws))
}

async fn ws(mut request: Request) -> Result<Response, Response> {
    let options = Options::new().compression(Compression::new());
    let (answer, negotiated) = ServerHandshake::try_from(&request)?.accept(None, &options)?;
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = FromTokio(TokioIo::new(upgraded.await?));
        echo(Socket::upgraded(stream, negotiated, options)?).await?;
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    });
    Ok(answer.into())
}

async fn echo(socket: Socket) -> Result<(), Error> {
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            socket.send(message)?;
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
    axum::serve(listener, app()).await
}
