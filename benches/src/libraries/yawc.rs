use std::future::Future;
use std::net::TcpListener;

use futures::{Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use yawc::{Frame, OpCode, Options, Role, WebSocket};

use super::channel::{self, Channel};
use super::{MAX_MESSAGE, on_tokio, url};
use crate::library::{Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct Yawc;

impl Library for Yawc {
    const NAME: &'static str = "yawc";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let url = url(port, path).parse().expect("this is a URL");
        WebSocket::handshake(url, on_tokio::connect(port).await, options())
            .await
            .expect("the server accepts")
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(accept)
    }

    async fn client(memory: Memory) -> impl Connection {
        wrap(memory, Role::Client)
    }

    async fn server(memory: Memory) -> impl Connection {
        wrap(memory, Role::Server)
    }
}

impl EchoServer for Yawc {
    async fn echo(listener: TcpListener) {
        on_tokio::serve(listener, |stream| async {
            channel::echo(accept(stream).await).await;
        })
        .await;
    }
}

async fn accept(stream: TcpStream) -> WebSocket<TcpStream> {
    wrap(on_tokio::accept_upgrade(stream).await, Role::Server)
}

fn wrap<S: AsyncRead + AsyncWrite + Unpin>(stream: S, role: Role) -> WebSocket<S> {
    WebSocket::from_stream(stream, role, options()).expect("the options are good")
}

/// Text is validated on request only.
fn options() -> Options {
    Options::default()
        .with_limits(MAX_MESSAGE, 2 * MAX_MESSAGE)
        .with_utf8()
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel for WebSocket<S> {
    type Outgoing = Frame;
    type Incoming = Frame;

    fn outgoing(payload: &Payload) -> Frame {
        match payload.is_text() {
            true => Frame::text(payload.bytes.clone()),
            false => Frame::binary(payload.bytes.clone()),
        }
    }

    fn length(incoming: Frame) -> usize {
        incoming.payload().len()
    }

    fn data(incoming: Frame) -> Option<Frame> {
        matches!(incoming.opcode(), OpCode::Text | OpCode::Binary).then_some(incoming)
    }
}
