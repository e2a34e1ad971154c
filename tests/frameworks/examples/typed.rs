//! Values over axum, and a client that connects again, by one definition that a page may share:
//! `examples/typed.rs` is the same by the library's own listener, and in a browser.
//!
//! ```toml
//! axum = "0.8"
//! futures = "0.3"
//! hyper = "1"
//! hyper-util = { version = "0.1", features = ["tokio"] }
//! postcard = { version = "1", default-features = false, features = ["use-std"] }
//! qwebsocket = { version = "0.1", features = ["http", "tokio"] }
//! serde = { version = "1", features = ["derive"] }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//! ```

#[path = "../../../examples/shared/shop.rs"]
pub(crate) mod shop;

use axum::extract::Request;
use axum::response::Response;
use axum::routing::{Router, get};
use futures::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use qwebsocket::{FromTokio, Options, Reconnect, Reconnecting, ServerHandshake, Socket};
use shop::{Command, Postcard, Shop};

type Error = Box<dyn std::error::Error + Send + Sync>;

pub fn app() -> Router {
    Router::new().route("/shop", get(serve))
}

async fn serve(mut request: Request) -> Result<Response, Response> {
    let options = Options::new();
    let (answer, negotiated) = ServerHandshake::try_from(&request)?.accept(None, &options)?;
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = FromTokio(TokioIo::new(upgraded.await?));
        shop::serve(Socket::upgraded(stream, negotiated, options)?, Postcard).await?;
        Ok::<(), Error>(())
    });
    Ok(answer.into())
}

pub(crate) fn connect(url: &str) -> Shop<Reconnecting<Socket>, Postcard> {
    let socket = Reconnecting::new(Socket::new(), Reconnect::to(url));
    shop::shop(socket, Postcard)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/shop", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app()).await });
    let mut shop = connect(&url);
    let item = "tea".to_owned();
    shop.send(Command::Add { item, count: 2 }).await?;
    if let Some(cart) = shop.next().await {
        println!("{:?}", cart?);
    }
    Ok(())
}
