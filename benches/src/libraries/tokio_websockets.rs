use std::future::Future;
use std::net::TcpListener;

use futures::{Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use tokio_websockets::{ClientBuilder, Error, Limits, Message, ServerBuilder, WebSocketStream};

use super::channel::{self, Channel};
use super::{MAX_MESSAGE, on_tokio, url};
use crate::library::{BroadcastServer, Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct TokioWebSockets;

impl Library for TokioWebSockets {
    const NAME: &'static str = "tokio-websockets";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let uri = url(port, path).parse().expect("this is a URL");
        let client = ClientBuilder::from_uri(uri).limits(limits());
        let (stream, _) = client
            .connect_on(on_tokio::connect(port).await)
            .await
            .expect("the server accepts");
        stream
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(accept)
    }

    async fn client(memory: Memory) -> impl Connection {
        ClientBuilder::new().limits(limits()).take_over(memory)
    }

    async fn server(memory: Memory) -> impl Connection {
        ServerBuilder::new().limits(limits()).serve(memory)
    }
}

impl EchoServer for TokioWebSockets {
    async fn echo(listener: TcpListener) {
        on_tokio::serve(listener, |stream| async {
            channel::echo(accept(stream).await).await;
        })
        .await;
    }
}

impl BroadcastServer for TokioWebSockets {
    async fn broadcast(listener: TcpListener) {
        let room = broadcast::Sender::new(on_tokio::BACKLOG);
        on_tokio::serve(listener, |stream| {
            let room = room.clone();
            async { channel::broadcast(accept(stream).await, room).await }
        })
        .await;
    }
}

async fn accept(stream: TcpStream) -> WebSocketStream<TcpStream> {
    let server = ServerBuilder::new().limits(limits());
    let (_, stream) = server.accept(stream).await.expect("the request is good");
    stream
}

fn limits() -> Limits {
    Limits::default().max_payload_len(Some(MAX_MESSAGE))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel for WebSocketStream<S> {
    type Outgoing = Message;
    type Incoming = Result<Message, Error>;

    fn outgoing(payload: &Payload) -> Message {
        match payload.is_text() {
            true => Message::text(payload.bytes.clone()),
            false => Message::binary(payload.bytes.clone()),
        }
    }

    fn length(incoming: Result<Message, Error>) -> usize {
        incoming.expect("the frames are good").as_payload().len()
    }

    fn data(incoming: Result<Message, Error>) -> Option<Message> {
        let message = incoming.ok()?;
        (message.is_text() || message.is_binary()).then_some(message)
    }
}
