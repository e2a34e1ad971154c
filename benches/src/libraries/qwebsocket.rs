use std::future::Future;

use futures::StreamExt;
use qwebsocket::{ByteString, Event, Limits, Message, Options, Socket, WebSocket, WebSocketExt};

use super::{MAX_MESSAGE, url};
use crate::library::{Connection, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct QWebSocket;

impl Library for QWebSocket {
    const NAME: &'static str = if cfg!(feature = "tokio") {
        "qwebsocket on tokio"
    } else {
        "qwebsocket"
    };

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        if cfg!(feature = "tokio") {
            super::block_on_tokio(future)
        } else {
            super::block_on_async_std(future)
        }
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        Socket::connect_with(url(port, path), options())
            .await
            .expect("the server accepts")
    }

    async fn serve(memory: Memory) -> impl Connection {
        let accepting = Socket::accept(memory.with_request(), options());
        let incoming = accepting.expect("the options are good").await;
        let incoming = incoming.expect("the request is good");
        incoming.accept(None).await.expect("memory takes all")
    }
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
