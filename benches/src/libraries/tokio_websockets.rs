use std::future::Future;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_websockets::{ClientBuilder, Limits, Message, ServerBuilder, WebSocketStream};

use super::{MAX_MESSAGE, connect_tokio, url};
use crate::library::{Connection, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct TokioWebSockets;

impl Library for TokioWebSockets {
    const NAME: &'static str = "tokio-websockets";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        super::block_on_tokio(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let uri = url(port, path).parse().expect("this is a URL");
        let client = ClientBuilder::from_uri(uri).limits(limits());
        let (stream, _) = client
            .connect_on(connect_tokio(port).await)
            .await
            .expect("the server accepts");
        stream
    }

    async fn serve(memory: Memory) -> impl Connection {
        ServerBuilder::new().limits(limits()).serve(memory)
    }
}

fn limits() -> Limits {
    Limits::default().max_payload_len(Some(MAX_MESSAGE))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection for WebSocketStream<S> {
    type Message = Message;

    fn message(payload: &Payload) -> Message {
        match payload.is_text() {
            true => Message::text(payload.bytes.clone()),
            false => Message::binary(payload.bytes.clone()),
        }
    }

    async fn send(&mut self, message: Message) {
        SinkExt::send(self, message)
            .await
            .expect("the connection is open");
    }

    async fn feed(&mut self, message: Message) {
        SinkExt::feed(self, message)
            .await
            .expect("the connection is open");
    }

    async fn flush(&mut self) {
        SinkExt::flush(self).await.expect("the connection is open");
    }

    async fn receive(&mut self) -> usize {
        let message = self.next().await.expect("the connection is open");
        message.expect("the frames are good").as_payload().len()
    }
}
