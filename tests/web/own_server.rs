//! The server that is this library's own, for browsers. It compresses and echoes; the text `report`
//! is answered with what was agreed on, and the bytes that came and went on TCP, each on a line. At
//! `/shop` it is that of `examples/shared/shop.rs`.

#[cfg(not(target_family = "wasm"))]
#[path = "../../examples/shared/shop.rs"]
#[allow(dead_code)] // A client's side.
mod shop;

#[cfg(not(target_family = "wasm"))]
#[async_std::main]
async fn main() -> std::io::Result<()> {
    let listener = async_std::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on ws://{}", listener.local_addr()?);
    loop {
        let (tcp, _) = listener.accept().await?;
        async_std::task::spawn(server::serve(tcp));
    }
}

/// A server needs an operating system.
#[cfg(target_family = "wasm")]
fn main() {}

#[cfg(not(target_family = "wasm"))]
mod server {
    use std::io;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::{Context, Poll};

    use async_std::net::TcpStream;
    use futures::{AsyncRead, AsyncWrite};
    use qwebsocket::{Compression, Error, Event, Options, Socket, WebSocket, WebSocketExt};

    use super::shop;

    pub(super) async fn serve(tcp: TcpStream) -> Result<(), Error> {
        let (read, written) = (Arc::default(), Arc::default());
        let counted = Counted {
            tcp,
            read: Arc::clone(&read),
            written: Arc::clone(&written),
        };
        let options = Options::new().compression(Compression::new());
        let socket = Socket::accept(counted, options)?
            .await?
            .accept(None)
            .await?;
        if socket.resource_name() == "/shop" {
            let _ = shop::serve(socket, shop::Postcard).await;
            return Ok(());
        }
        echo(socket, &read, &written).await
    }

    async fn echo(socket: Socket, read: &AtomicUsize, written: &AtomicUsize) -> Result<(), Error> {
        while let Some(event) = socket.next_event().await {
            match event {
                Event::Message(message) if message.as_text() == Some("report") => {
                    let extensions = socket.info().extensions().to_owned();
                    let (read, written) = (read.load(Relaxed), written.load(Relaxed));
                    socket.send(format!("{extensions}\n{read}\n{written}").into())?;
                }
                Event::Message(message) => drop(socket.send(message)?),
                _ => {}
            }
        }
        Ok(())
    }

    struct Counted {
        tcp: TcpStream,
        read: Arc<AtomicUsize>,
        written: Arc<AtomicUsize>,
    }

    impl AsyncRead for Counted {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            let result = Pin::new(&mut self.tcp).poll_read(cx, buffer);
            count(&self.read, result)
        }
    }

    impl AsyncWrite for Counted {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let result = Pin::new(&mut self.tcp).poll_write(cx, bytes);
            count(&self.written, result)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.tcp).poll_flush(cx)
        }

        fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.tcp).poll_close(cx)
        }
    }

    fn count(counter: &AtomicUsize, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = result {
            counter.fetch_add(bytes, Relaxed);
        }
        result
    }
}
