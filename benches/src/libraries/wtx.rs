use std::future::Future;
use std::net::TcpListener;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wtx::collection::Vector;
use wtx::misc::UriRef;
use wtx::rng::{Xorshift64, simple_seed};
use wtx::stream::{self, StreamReader, StreamWriter};
use wtx::web_socket::{
    Frame, OpCode, WebSocketAcceptor, WebSocketBuffer, WebSocketConnector, WebSocketOwned,
    WebSocketPayloadOrigin,
};

use super::{MAX_MESSAGE, on_tokio, url};
use crate::library::{Connection, EchoServer, Library};
use crate::memory::Memory;
use crate::payload::Payload;

/// Its own handshakes have one generator of masks, whose next ones follow from those before.
pub struct Wtx;

type Socket<S, const IS_CLIENT: bool> = WebSocketOwned<(), Xorshift64, S, IS_CLIENT>;

impl Library for Wtx {
    const NAME: &'static str = "wtx";

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        on_tokio::block_on(future)
    }

    async fn connect(port: u16, path: &str) -> impl Connection {
        let stream = on_tokio::connect(port).await;
        let url = url(port, path);
        // No masking at all is its default where the server agrees.
        let connector = WebSocketConnector::default().no_masking(false);
        let socket: wtx::Result<_> = connector.connect(stream, &UriRef::new(&url)).await;
        wrap(socket.expect("the server accepts"))
    }

    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection> {
        on_tokio::incoming(listener).then(accept).map(wrap)
    }

    async fn client(memory: Memory) -> impl Connection {
        wrap(in_memory::<true>(memory))
    }

    async fn server(memory: Memory) -> impl Connection {
        wrap(in_memory::<false>(memory))
    }
}

impl EchoServer for Wtx {
    async fn echo(listener: TcpListener) {
        on_tokio::serve(listener, |stream| async {
            // It is over when the client goes.
            let _ = echo(accept(stream).await).await;
        })
        .await;
    }
}

/// As its example of an echo server does it.
async fn echo(mut socket: Socket<TcpStream, false>) -> wtx::Result<()> {
    let (mut common, mut reader, mut writer) = socket.split_mut();
    let mut buffer = Vector::new();
    loop {
        let mut frame = reader
            .read_frame(&mut buffer, &mut common, WebSocketPayloadOrigin::Adaptive)
            .await?;
        match frame.op_code() {
            OpCode::Binary | OpCode::Text => writer.write_frame(&mut common, &mut frame).await?,
            OpCode::Close => return Ok(()),
            _ => {}
        }
    }
}

async fn accept(stream: TcpStream) -> Socket<TcpStream, false> {
    let socket: wtx::Result<_> = WebSocketAcceptor::default().accept(stream).await;
    socket.expect("the request is good")
}

fn in_memory<const IS_CLIENT: bool>(memory: Memory) -> Socket<Memory, IS_CLIENT> {
    let rng = Xorshift64::from(simple_seed());
    WebSocketOwned::new((), false, rng, memory, WebSocketBuffer::new())
}

/// A socket with what a program keeps beside it.
struct Buffered<S, const IS_CLIENT: bool> {
    socket: Socket<S, IS_CLIENT>,
    incoming: Vector<u8>,
    /// Where messages are made, for masking is done in place.
    outgoing: Vec<u8>,
}

fn wrap<S: stream::Stream, const IS_CLIENT: bool>(
    mut socket: Socket<S, IS_CLIENT>,
) -> Buffered<S, IS_CLIENT> {
    socket.set_max_payload_len(MAX_MESSAGE);
    Buffered {
        socket,
        incoming: Vector::new(),
        outgoing: Vec::new(),
    }
}

impl<S: stream::Stream, const IS_CLIENT: bool> Connection for Buffered<S, IS_CLIENT> {
    type Message = (OpCode, Bytes);

    fn message(payload: &Payload) -> Self::Message {
        let opcode = match payload.is_text() {
            true => OpCode::Text,
            false => OpCode::Binary,
        };
        (opcode, payload.bytes.clone())
    }

    async fn send(&mut self, (opcode, payload): Self::Message) {
        self.outgoing.clear();
        self.outgoing.extend_from_slice(&payload);
        let mut frame = Frame::new_fin(opcode, &mut self.outgoing[..]);
        self.socket
            .write_frame(&mut frame)
            .await
            .expect("the connection is open");
    }

    /// It writes each frame.
    async fn feed(&mut self, message: Self::Message) {
        self.send(message).await;
    }

    async fn flush(&mut self) {}

    async fn receive(&mut self) -> usize {
        let frame = self
            .socket
            .read_frame(&mut self.incoming, WebSocketPayloadOrigin::Adaptive)
            .await
            .expect("the frames are good");
        frame.payload().len()
    }
}

impl StreamReader for Memory {
    async fn read(&mut self, bytes: &mut [u8]) -> wtx::Result<usize> {
        Ok(AsyncReadExt::read(self, bytes).await?)
    }
}

impl StreamWriter for Memory {
    async fn write_all(&mut self, bytes: &[u8]) -> wtx::Result<()> {
        Ok(AsyncWriteExt::write_all(self, bytes).await?)
    }

    async fn write_all_vectored(&mut self, parts: &[&[u8]]) -> wtx::Result<()> {
        for part in parts {
            AsyncWriteExt::write_all(self, part).await?;
        }
        Ok(())
    }
}
