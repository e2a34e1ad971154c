//! A server on hyper alone: a WebSocket at `/ws`, pages elsewhere.
//!
//! ```toml
//! hyper = { version = "1", features = ["http1", "server"] }
//! hyper-util = { version = "0.1", features = ["tokio"] }
//! qwebsocket = { version = "0.1", features = ["http", "tokio"] }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//! ```

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use qwebsocket::prelude::*;
use qwebsocket::{Error, FromTokio, Options, ServerHandshake};
use tokio::net::{TcpListener, TcpStream};

pub async fn serve(stream: TcpStream) -> hyper::Result<()> {
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(route))
        .with_upgrades()
        .await
}

async fn route(request: Request<Incoming>) -> hyper::Result<Response<String>> {
    match request.uri().path() {
        "/ws" => Ok(ws(request).unwrap_or_else(Response::from)),
        _ => Ok(Response::new("a page".into())),
    }
}

fn ws(mut request: Request<Incoming>) -> Result<Response<String>, Error> {
    let (answer, negotiated) =
        ServerHandshake::try_from(&request)?.accept(None, &Options::new())?;
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = FromTokio(TokioIo::new(upgraded.await?));
        echo(Socket::upgraded(stream, negotiated, Options::new())?).await?;
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
    let listener = TcpListener::bind("127.0.0.1:9000").await?;
    loop {
        tokio::spawn(serve(listener.accept().await?.0));
    }
}
