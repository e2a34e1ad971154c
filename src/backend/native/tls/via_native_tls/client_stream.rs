//! A client's TLS by a connector that connections share. `async-native-tls` makes one for each, which
//! reads all of the system's certificates where the platform's library is OpenSSL.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};
use native_tls::{Error, HandshakeError, TlsConnector, TlsStream};

use crate::backend::native::tls::bridge::Bridge;
use crate::backend::native::transport::Transport;

pub(super) struct ClientStream(pub(super) TlsStream<Bridge>);

/// Does the TLS handshake with the server of this name.
pub(super) async fn connect(
    connector: &TlsConnector,
    name: &str,
    transport: impl Transport + 'static,
) -> Result<ClientStream, Error> {
    // Nobody is woken by the first step, as the next follows at once.
    let bridge = Bridge::new(Box::new(transport));
    let mut unfinished = match connector.connect(name, bridge) {
        Ok(stream) => return Ok(ClientStream(stream)),
        Err(HandshakeError::Failure(error)) => return Err(error),
        Err(HandshakeError::WouldBlock(unfinished)) => Some(unfinished),
    };
    poll_fn(|cx| {
        let mut handshake = unfinished.take().expect("polled after its end");
        handshake.get_mut().wake(cx);
        match handshake.handshake() {
            Ok(stream) => Poll::Ready(Ok(ClientStream(stream))),
            Err(HandshakeError::Failure(error)) => Poll::Ready(Err(error)),
            Err(HandshakeError::WouldBlock(handshake)) => {
                unfinished = Some(handshake);
                Poll::Pending
            }
        }
    })
    .await
}

impl ClientStream {
    /// Does something as far as it does not wait.
    fn poll<T>(
        &mut self,
        cx: &Context<'_>,
        act: impl FnOnce(&mut TlsStream<Bridge>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.0.get_mut().wake(cx);
        match act(&mut self.0) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |tls| tls.read(buffer))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |tls| tls.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, Write::flush)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, TlsStream::shutdown)
    }
}
