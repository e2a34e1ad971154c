use std::future::Future;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::tungstenite::{self, config};
use super::{connect_tokio, url};
use crate::library::{Connection, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct TokioTungstenite;

impl Library for TokioTungstenite {
    const NAME: &'static str = "tokio-tungstenite";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        super::block_on_tokio(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = connect_tokio(port).await;
        let (stream, _) = client_async_with_config(url(port, path), stream, Some(config()))
            .await
            .expect("the server accepts");
        stream
    }

    async fn serve(memory: Memory) -> impl Connection {
        WebSocketStream::from_raw_socket(memory, Role::Server, Some(config())).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection for WebSocketStream<S> {
    type Message = Message;

    fn message(payload: &Payload) -> Message {
        tungstenite::message(payload)
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
        message.expect("the frames are good").len()
    }
}
