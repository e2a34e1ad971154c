use std::future::Future;
use std::net::TcpListener;

use bytes::Bytes;
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, Role, WebSocket};
use futures::{Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio::net::TcpStream;
use tokio::sync::broadcast;

use super::{MAX_MESSAGE, on_tokio};
use crate::library::{BroadcastServer, Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload;

/// Writes each frame to the socket.
pub struct FastWebSockets;

/// Writes the frames through a buffer, which is how it puts off writing.
pub struct BufferedFastWebSockets;

impl Library for FastWebSockets {
    const NAME: &'static str = "fastwebsockets";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        wrap(on_tokio::request_upgrade(port, path).await, Role::Client)
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(accept)
    }

    async fn client(memory: Memory) -> impl Connection {
        wrap(memory, Role::Client)
    }

    async fn server(memory: Memory) -> impl Connection {
        wrap(memory, Role::Server)
    }
}

impl EchoServer for FastWebSockets {
    async fn echo(listener: TcpListener) {
        on_tokio::serve(listener, |stream| async {
            echo(accept(stream).await).await;
        })
        .await;
    }
}

impl BroadcastServer for FastWebSockets {
    async fn broadcast(listener: TcpListener) {
        let room = broadcast::Sender::new(on_tokio::BACKLOG);
        on_tokio::serve(listener, |stream| {
            let room = room.clone();
            async { broadcast(accept(stream).await, room).await }
        })
        .await;
    }
}

impl Library for BufferedFastWebSockets {
    const NAME: &'static str = "fastwebsockets + BufWriter";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = on_tokio::request_upgrade(port, path).await;
        wrap(buffered(stream), Role::Client)
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(|stream| async {
            let stream = on_tokio::accept_upgrade(stream).await;
            wrap(buffered(stream), Role::Server)
        })
    }

    async fn client(memory: Memory) -> impl Connection {
        wrap(buffered(memory), Role::Client)
    }

    async fn server(memory: Memory) -> impl Connection {
        wrap(buffered(memory), Role::Server)
    }
}

/// As its example of an echo server does it.
async fn echo(socket: WebSocket<TcpStream>) {
    let mut socket = FragmentCollector::new(socket);
    while let Ok(frame) = socket.read_frame().await {
        if !is_data(&frame) || socket.write_frame(frame).await.is_err() {
            return;
        }
    }
}

/// The payloads are shared, as a server writes them without masking.
async fn broadcast(socket: WebSocket<TcpStream>, room: broadcast::Sender<Bytes>) {
    let mut socket = FragmentCollector::new(socket);
    let mut messages = room.subscribe();
    loop {
        tokio::select! {
            incoming = socket.read_frame() => match incoming {
                // All may have gone by now.
                Ok(frame) if is_data(&frame) => {
                    drop(room.send(Bytes::copy_from_slice(&frame.payload)));
                }
                _ => return,
            },
            message = on_tokio::next(&mut messages) => {
                let Some(message) = message else {
                    return;
                };
                let frame = Frame::binary(Payload::Borrowed(&message));
                if socket.write_frame(frame).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn accept(stream: TcpStream) -> WebSocket<TcpStream> {
    wrap(on_tokio::accept_upgrade(stream).await, Role::Server)
}

fn is_data(frame: &Frame<'_>) -> bool {
    matches!(frame.opcode, OpCode::Text | OpCode::Binary)
}

fn buffered<S: AsyncWrite>(stream: S) -> BufWriter<S> {
    BufWriter::with_capacity(128 * 1024, stream)
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
