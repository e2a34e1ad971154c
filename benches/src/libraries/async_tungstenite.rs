use std::future::Future;

use async_std::net::TcpStream;
use async_tungstenite::tungstenite::protocol::Role;
use async_tungstenite::tungstenite::{Error, Message};
use async_tungstenite::{WebSocketStream, client_async_with_config};
use futures::{AsyncRead, AsyncWrite};

use super::channel::Channel;
use super::tungstenite::{self, config};
use super::url;
use crate::library::{Connection, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct AsyncTungstenite;

impl Library for AsyncTungstenite {
    const NAME: &'static str = "async-tungstenite";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        super::block_on_async_std(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("the server listens");
        stream
            .set_nodelay(true)
            .expect("a TCP socket has the option");
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
