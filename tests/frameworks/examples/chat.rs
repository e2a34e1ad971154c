//! A chat of all who are connected, on axum.
//!
//! ```toml
//! axum = "0.8"
//! hyper = "1"
//! hyper-util = { version = "0.1", features = ["tokio"] }
//! qwebsocket = { version = "0.1", features = ["http", "tokio"] }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//! ```

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{Router, get};
use hyper_util::rt::TokioIo;
use qwebsocket::prelude::*;
use qwebsocket::{FromTokio, Options, ServerHandshake, Topics, WhenSlow};

type Rooms = Topics<Arc<Socket>>;

pub fn app() -> Router {
    // Whoever does not keep up is dropped.
    let rooms = Rooms::with_rule(WhenSlow::Drop, None);
    Router::new().route("/chat", get(join)).with_state(rooms)
}

async fn join(State(rooms): State<Rooms>, mut request: Request) -> Result<Response, Response> {
    let options = Options::new().write_queue(1 << 20);
    let (answer, negotiated) = ServerHandshake::try_from(&request)?.accept(None, &options)?;
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = FromTokio(TokioIo::new(upgraded.await?));
        chat(Socket::upgraded(stream, negotiated, options)?, rooms).await;
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    });
    Ok(answer.into())
}

async fn chat(socket: Socket, rooms: Rooms) {
    let socket = Arc::new(socket);
    let subscription = rooms.subscribe("room", socket.clone());
    rooms.publish("room", "somebody is here");
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            rooms.publish("room", message);
        }
    }
    subscription.publish("somebody has left");
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
    axum::serve(listener, app()).await
}
