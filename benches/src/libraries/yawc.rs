use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use yawc::{Frame, Options, Role, WebSocket};

use super::channel::Channel;
use super::{MAX_MESSAGE, connect_tokio, url};
use crate::library::{Connection, Library};
use crate::memory::Memory;
use crate::payload::Payload;

pub struct Yawc;

impl Library for Yawc {
    const NAME: &'static str = "yawc";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        super::block_on_tokio(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let url = url(port, path).parse().expect("this is a URL");
        WebSocket::handshake(url, connect_tokio(port).await, options())
            .await
            .expect("the server accepts")
    }

    async fn serve(memory: Memory) -> impl Connection {
        WebSocket::from_stream(memory, Role::Server, options()).expect("the options are good")
    }
}

/// Text is validated on request only.
fn options() -> Options {
    Options::default()
        .with_limits(MAX_MESSAGE, 2 * MAX_MESSAGE)
        .with_utf8()
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel for WebSocket<S> {
    type Outgoing = Frame;
    type Incoming = Frame;

    fn outgoing(payload: &Payload) -> Frame {
        match payload.is_text() {
            true => Frame::text(payload.bytes.clone()),
            false => Frame::binary(payload.bytes.clone()),
        }
    }

    fn length(incoming: Frame) -> usize {
        incoming.payload().len()
    }
}
