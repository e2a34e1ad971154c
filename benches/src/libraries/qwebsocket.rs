use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;

use futures::{Stream, StreamExt, stream};
use qwebsocket::{
    Accepting, ByteString, Error, Event, Limits, Listener, Message, Options, Socket, Topics,
    WebSocket, WebSocketExt,
};

use super::{MAX_MESSAGE, on_async_std, on_tokio, url};
use crate::library::{BroadcastServer, Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct QWebSocket;

const TOPIC: &str = "room";

impl Library for QWebSocket {
    const NAME: &'static str = if cfg!(feature = "tokio") {
        "qwebsocket on tokio"
    } else {
        "qwebsocket"
    };

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        if cfg!(feature = "tokio") {
            on_tokio::block_on(future)
        } else {
            on_async_std::block_on(future)
        }
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        Socket::connect_with(url(port, path), options())
            .await
            .expect("the server accepts")
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        let listening = stream::once(Listener::bind(listener));
        let accepting = listening.flat_map(|listener| listener.expect("it listens already"));
        accepting.then(|accepting| async { open(accepting).await.expect("the request is good") })
    }

    async fn client(memory: Memory) -> impl Connection {
        Socket::connect_over(memory.with_response(), url(80, "/"), options())
            .await
            .expect("the response is good")
    }

    async fn server(memory: Memory) -> impl Connection {
        let accepting = Socket::accept(memory.with_request(), options());
        open(accepting).await.expect("the request is good")
    }
}

impl EchoServer for QWebSocket {
    async fn echo(listener: TcpListener) {
        serve(listener, echo).await;
    }
}

impl BroadcastServer for QWebSocket {
    async fn broadcast(listener: TcpListener) {
        let topics = Topics::new();
        serve(listener, |accepting| broadcast(accepting, topics.clone())).await;
    }
}

/// Serves each client in a task of its own.
async fn serve<F>(listener: TcpListener, serve: impl Fn(Result<Accepting, Error>) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let listener = Listener::bind(listener).await;
    let mut listener = listener.expect("it listens already");
    while let Some(accepting) = listener.next().await {
        let serving = serve(accepting);
        if cfg!(feature = "tokio") {
            tokio::spawn(serving);
        } else {
            async_std::task::spawn(serving);
        }
    }
}

async fn echo(accepting: Result<Accepting, Error>) -> Result<(), Error> {
    let socket = open(accepting).await?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            socket.send(message)?;
        }
    }
    Ok(())
}

async fn broadcast(
    accepting: Result<Accepting, Error>,
    topics: Topics<Arc<Socket>>,
) -> Result<(), Error> {
    let socket = Arc::new(open(accepting).await?);
    let _subscription = topics.subscribe(TOPIC, socket.clone());
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            topics.deliver(TOPIC, message).await;
        }
    }
    Ok(())
}

async fn open(accepting: Result<Accepting, Error>) -> Result<Socket, Error> {
    accepting?.await?.accept(None).await
}

fn options() -> Options {
    let limits = Limits::new()
        .incoming_frame(MAX_MESSAGE)
        .incoming_message(MAX_MESSAGE);
    Options::new().limits(limits)
}

impl Connection for Socket {
    type Message = Message;

    fn message(payload: &Payload) -> Message {
        match payload.is_text() {
            true => Message::text(ByteString::from(payload.as_text())),
            false => Message::binary(payload.bytes.clone()),
        }
    }

    async fn send(&mut self, message: Message) {
        WebSocket::send(self, message).expect("the connection is open");
    }

    async fn feed(&mut self, message: Message) {
        WebSocket::send(self, message).expect("the connection is open");
    }

    async fn flush(&mut self) {
        WebSocketExt::flush(self)
            .await
            .expect("the connection is open");
    }

    async fn receive(&mut self) -> usize {
        loop {
            match self.next().await.expect("the connection is open") {
                Event::Message(message) => return message.len(),
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
    }
}
