//! What the libraries on tokio have in common.

use std::future::Future;
use std::net;

use futures::{Stream, StreamExt, future, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::opening;

/// As many messages as a client may lag behind.
pub(super) const BACKLOG: usize = 1024;

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("tokio's runtime starts")
        .block_on(future)
}

pub(super) async fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the server listens");
    without_delay(stream)
}

/// The clients of a listener. Asked for on the runtime.
pub(super) fn incoming(listener: net::TcpListener) -> impl Stream<Item = TcpStream> {
    listener
        .set_nonblocking(true)
        .expect("a TCP socket has the option");
    let listener = TcpListener::from_std(listener).expect("the runtime takes it");
    stream::unfold(listener, |listener| async {
        let (stream, _) = listener.accept().await.expect("there are files left");
        Some((without_delay(stream), listener))
    })
}

/// Serves each client in a task of its own.
pub(super) async fn serve<F>(listener: net::TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let spawn = |stream| {
        tokio::spawn(serve(stream));
        future::ready(())
    };
    incoming(listener).for_each(spawn).await;
}

/// The opening handshake for a library whose own wants hyper, which would keep more memory.
pub(super) async fn request_upgrade(port: u16, path: &str) -> TcpStream {
    let mut stream = connect(port).await;
    stream
        .write_all(opening::request(port, path).as_bytes())
        .await
        .expect("the server reads");
    let answer = read_head(&mut stream).await;
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    stream
}

/// The same on the server's side.
pub(super) async fn accept_upgrade(mut stream: TcpStream) -> TcpStream {
    let request = read_head(&mut stream).await;
    let response = opening::response(&request).expect("the request is good");
    stream
        .write_all(response.as_bytes())
        .await
        .expect("the client reads");
    stream
}

/// The next message for all; those that came too fast are left out.
pub(super) async fn next<M: Clone>(room: &mut Receiver<M>) -> Option<M> {
    loop {
        match room.recv().await {
            Ok(message) => return Some(message),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    while !opening::is_whole(&head) {
        let length = stream.read_buf(&mut head).await.expect("the peer writes");
        assert!(length > 0, "the peer goes on");
    }
    head
}

fn without_delay(stream: TcpStream) -> TcpStream {
    stream
        .set_nodelay(true)
        .expect("a TCP socket has the option");
    stream
}
