use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::channel::Channel;
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

impl<S: AsyncRead + AsyncWrite + Unpin> Channel for WebSocketStream<S> {
    type Outgoing = Message;
    type Incoming = Result<Message, Error>;

    fn outgoing(payload: &Payload) -> Message {
        tungstenite::message(payload)
    }

    fn length(incoming: Result<Message, Error>) -> usize {
        incoming.expect("the frames are good").len()
    }
}
