//! What the libraries on async-std have in common.

use std::future::Future;
use std::net;

use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use futures::{Stream, StreamExt, future, stream};

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    task::block_on(future)
}

pub(super) async fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the server listens");
    without_delay(stream)
}

/// The clients of a listener.
pub(super) fn incoming(listener: net::TcpListener) -> impl Stream<Item = TcpStream> {
    stream::unfold(TcpListener::from(listener), |listener| async {
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
        task::spawn(serve(stream));
        future::ready(())
    };
    incoming(listener).for_each(spawn).await;
}

fn without_delay(stream: TcpStream) -> TcpStream {
    stream
        .set_nodelay(true)
        .expect("a TCP socket has the option");
    stream
}
