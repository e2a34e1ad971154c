use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use sockudo_ws::client::WebSocketClient;
use sockudo_ws::error::Error;
use sockudo_ws::handshake::server_handshake;
use sockudo_ws::pubsub::PubSub;
use sockudo_ws::{Config, Http1, Message, WebSocketStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::channel::{self, Channel};
use super::{MAX_MESSAGE, on_tokio};
use crate::library::{BroadcastServer, Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct SockudoWs;

const TOPIC: &str = "room";

impl Library for SockudoWs {
    const NAME: &'static str = "sockudo-ws";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = on_tokio::connect(port).await;
        let client = WebSocketClient::<Http1>::new(config());
        let (stream, _) = client
            .connect(stream, &format!("127.0.0.1:{port}"), path, None)
            .await
            .expect("the server accepts");
        stream
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(accept)
    }

    async fn client(memory: Memory) -> impl Connection {
        WebSocketStream::client(memory, config())
    }

    async fn server(memory: Memory) -> impl Connection {
        WebSocketStream::server(memory, config())
    }
}

impl EchoServer for SockudoWs {
    async fn echo(listener: TcpListener) {
        on_tokio::serve(listener, |stream| async {
            channel::echo(accept(stream).await).await;
        })
        .await;
    }
}

impl BroadcastServer for SockudoWs {
    async fn broadcast(listener: TcpListener) {
        let topics = Arc::new(PubSub::new());
        on_tokio::serve(listener, |stream| {
            let topics = topics.clone();
            async move { broadcast(accept(stream).await, &topics).await }
        })
        .await;
    }
}

/// As its example of topics does it.
async fn broadcast(stream: WebSocketStream<TcpStream>, topics: &PubSub) {
    let (mut reader, mut writer) = stream.split();
    let (sender, mut messages) = mpsc::unbounded_channel();
    let subscriber = topics.create_subscriber(sender);
    topics.subscribe(subscriber, TOPIC);
    loop {
        tokio::select! {
            incoming = reader.next() => match incoming.and_then(data) {
                Some(message) => drop(topics.publish(TOPIC, message)),
                None => break,
            },
            Some(message) = messages.recv() => {
                if writer.send(message).await.is_err() {
                    break;
                }
            }
        }
    }
    topics.remove_subscriber(subscriber);
}

async fn accept(mut stream: TcpStream) -> WebSocketStream<TcpStream> {
    let handshake = server_handshake(&mut stream).await;
    let handshake = handshake.expect("the request is good");
    assert!(handshake.leftover.is_none(), "the client waits");
    WebSocketStream::server(stream, config())
}

fn config() -> Config {
    Config::builder()
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .build()
}

fn data(incoming: Result<Message, Error>) -> Option<Message> {
    let message = incoming.ok()?;
    matches!(message, Message::Text(_) | Message::Binary(_)).then_some(message)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel for WebSocketStream<S> {
    type Outgoing = Message;
    type Incoming = Result<Message, Error>;

    fn outgoing(payload: &Payload) -> Message {
        match payload.is_text() {
            true => Message::Text(payload.bytes.clone()),
            false => Message::Binary(payload.bytes.clone()),
        }
    }

    fn length(incoming: Result<Message, Error>) -> usize {
        match incoming.expect("the frames are good") {
            Message::Text(bytes) | Message::Binary(bytes) => bytes.len(),
            other => panic!("nobody sends {other:?}"),
        }
    }

    fn data(incoming: Result<Message, Error>) -> Option<Message> {
        data(incoming)
    }
}
