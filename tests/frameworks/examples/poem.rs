//! The same in poem, whose requests are no `http::Request`: by method, target and headers.
//!
//! ```toml
//! poem = "3"
//! qwebsocket = { version = "0.1", features = ["http", "tokio"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```

use poem::http::StatusCode;
use poem::listener::TcpListener;
use poem::{Request, Response, Result, Route, Server, get, handler};
use qwebsocket::prelude::*;
use qwebsocket::{Error, FromTokio, Options, ServerHandshake};

pub fn app() -> Route {
    Route::new().at("/", get(page)).at("/ws", get(ws))
}

#[handler]
fn page() -> &'static str {
    "a page"
}

#[handler]
fn ws(request: &Request) -> Result<Response> {
    let (method, target) = (request.method().as_str(), request.uri().to_string());
    let handshake = ServerHandshake::new(method, &target, request.headers());
    let accepted = handshake.and_then(|handshake| handshake.accept(None, &Options::new()));
    let (answer, negotiated) = match accepted {
        Ok(accepted) => accepted,
        Err(error) => return Ok(error.response().map(answered).unwrap_or_default()),
    };
    let upgraded = request.take_upgrade()?;
    tokio::spawn(async move {
        let stream = FromTokio(upgraded.await?);
        echo(Socket::upgraded(stream, negotiated, Options::new())?).await?;
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    });
    Ok(answered(&answer))
}

fn answered(answer: &qwebsocket::Response) -> Response {
    let mut response = Response::default();
    response.set_status(StatusCode::from_u16(answer.status()).unwrap_or_default());
    *response.headers_mut() = answer.headers().into();
    response
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
    let listener = TcpListener::bind("127.0.0.1:9000");
    Server::new(listener).run(app()).await
}
