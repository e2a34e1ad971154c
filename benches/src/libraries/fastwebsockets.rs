use std::future::Future;

use bytes::Bytes;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::net::TcpStream;

use super::{MAX_MESSAGE, connect_tokio};
use crate::library::{Connection, Library};
use crate::memory::Memory;
use crate::payload;

/// Writes each frame to the socket.
pub struct FastWebSockets;

/// Writes the frames through a buffer, which is how it puts off writing.
pub struct BufferedFastWebSockets;

impl Library for FastWebSockets {
    const NAME: &'static str = "fastwebsockets";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        super::block_on_tokio(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        wrap(shake_hands(port, path).await, Role::Client)
    }

    async fn serve(memory: Memory) -> impl Connection {
        wrap(memory, Role::Server)
    }
}

impl Library for BufferedFastWebSockets {
    const NAME: &'static str = "fastwebsockets + BufWriter";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        super::block_on_tokio(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = BufWriter::with_capacity(128 * 1024, shake_hands(port, path).await);
        wrap(stream, Role::Client)
    }

    async fn serve(memory: Memory) -> impl Connection {
        wrap(BufWriter::new(memory), Role::Server)
    }
}

/// Its own handshake wants hyper, which would box the stream.
async fn shake_hands(port: u16, path: &str) -> TcpStream {
    let mut stream = connect_tokio(port).await;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.expect("the server answers"));
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    stream
}

fn wrap<S: AsyncRead + AsyncWrite + Unpin>(stream: S, role: Role) -> WebSocket<S> {
    let mut socket = WebSocket::after_handshake(stream, role);
    socket.set_max_message_size(MAX_MESSAGE);
    socket
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection for WebSocket<S> {
    type Message = (OpCode, Bytes);

    fn message(payload: &payload::Payload) -> Self::Message {
        let opcode = match payload.is_text() {
            true => OpCode::Text,
            false => OpCode::Binary,
        };
        (opcode, payload.bytes.clone())
    }

    async fn send(&mut self, message: Self::Message) {
        self.feed(message).await;
        Connection::flush(self).await;
    }

    async fn feed(&mut self, (opcode, payload): Self::Message) {
        // Masking is done in the payload, so what is borrowed is copied first.
        let frame = Frame::new(true, opcode, None, Payload::Borrowed(&payload));
        self.write_frame(frame)
            .await
            .expect("the connection is open");
    }

    async fn flush(&mut self) {
        WebSocket::flush(self)
            .await
            .expect("the connection is open");
    }

    async fn receive(&mut self) -> usize {
        let frame = self.read_frame().await.expect("the frames are good");
        assert!(frame.fin, "nobody here sends in fragments");
        frame.payload.len()
    }
}
