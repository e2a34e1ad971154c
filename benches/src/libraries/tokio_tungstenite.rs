use std::future::Future;
use std::net::TcpListener;

use futures::{Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config, client_async_with_config};

use super::channel::{self, Channel};
use super::tungstenite::{self, config};
use super::{on_tokio, url};
use crate::library::{BroadcastServer, Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct TokioTungstenite;

impl Library for TokioTungstenite {
    const NAME: &'static str = "tokio-tungstenite";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = on_tokio::connect(port).await;
        let (stream, _) = client_async_with_config(url(port, path), stream, Some(config()))
            .await
            .expect("the server accepts");
        stream
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(accept)
    }

    async fn client(memory: Memory) -> impl Connection {
        WebSocketStream::from_raw_socket(memory, Role::Client, Some(config())).await
    }

    async fn server(memory: Memory) -> impl Connection {
        WebSocketStream::from_raw_socket(memory, Role::Server, Some(config())).await
    }
}

impl EchoServer for TokioTungstenite {
    async fn echo(listener: TcpListener) {
        on_tokio::serve(listener, |stream| async {
            channel::echo(accept(stream).await).await;
        })
        .await;
    }
}

impl BroadcastServer for TokioTungstenite {
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
    accept_async_with_config(stream, Some(config()))
        .await
        .expect("the request is good")
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel for WebSocketStream<S> {
    type Outgoing = Message;
    type Incoming = Result<Message, Error>;

    fn outgoing(payload: &Payload) -> Message {
        tungstenite::message(payload)
    }

    fn length(incoming: Result<Message, Error>) -> usize {
        incoming.expect("the frames are good").len()
    }

    fn data(incoming: Result<Message, Error>) -> Option<Message> {
        tungstenite::data(incoming)
    }
}
