use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_websockets::{ClientBuilder, Error, Limits, Message, ServerBuilder, WebSocketStream};

use super::channel::Channel;
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
}
