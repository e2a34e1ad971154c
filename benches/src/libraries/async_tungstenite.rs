use std::future::Future;
use std::net::TcpListener;

use async_std::net::TcpStream;
use async_tungstenite::tungstenite::protocol::Role;
use async_tungstenite::tungstenite::{Error, Message};
use async_tungstenite::{WebSocketStream, accept_async_with_config, client_async_with_config};
use futures::{AsyncRead, AsyncWrite, Stream, StreamExt};

use super::channel::{self, Channel};
use super::tungstenite::{self, config};
use super::{on_async_std, url};
use crate::library::{Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct AsyncTungstenite;

impl Library for AsyncTungstenite {
    const NAME: &'static str = "async-tungstenite";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_async_std::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = on_async_std::connect(port).await;
        let (stream, _) = client_async_with_config(url(port, path), stream, Some(config()))
            .await
            .expect("the server accepts");
        stream
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_async_std::incoming(listener).then(accept)
    }

    async fn client(memory: Memory) -> impl Connection {
        WebSocketStream::from_raw_socket(memory, Role::Client, Some(config())).await
    }

    async fn server(memory: Memory) -> impl Connection {
        WebSocketStream::from_raw_socket(memory, Role::Server, Some(config())).await
    }
}

impl EchoServer for AsyncTungstenite {
    async fn echo(listener: TcpListener) {
        on_async_std::serve(listener, |stream| async {
            channel::echo(accept(stream).await).await;
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
