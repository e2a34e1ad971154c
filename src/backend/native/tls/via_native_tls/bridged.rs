//! The blocking interface of native-tls, over a transport that is polled.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};
#[cfg(feature = "server")]
use native_tls::TlsAcceptor;
use native_tls::{Certificate, Error, HandshakeError, TlsConnector, TlsStream};

use crate::backend::native::tls::bridge::Bridge;
use crate::backend::native::transport::Transport;

pub(super) struct Bridged(TlsStream<Bridge>);

type Handshake = Result<TlsStream<Bridge>, HandshakeError<Bridge>>;

/// Does the TLS handshake with the server of this name.
pub(super) async fn connect(
    connector: &TlsConnector,
    name: &str,
    transport: impl Transport + 'static,
) -> Result<Bridged, Error> {
    let bridge = Bridge::new(Box::new(transport));
    finish(connector.connect(name, bridge)).await
}

/// Does the TLS handshake with a client.
#[cfg(feature = "server")]
pub(super) async fn accept(
    acceptor: &TlsAcceptor,
    transport: impl Transport + 'static,
) -> Result<Bridged, Error> {
    let bridge = Bridge::new(Box::new(transport));
    finish(acceptor.accept(bridge)).await
}

/// Goes on with a handshake whose first step woke nobody, as the next follows at once.
async fn finish(begun: Handshake) -> Result<Bridged, Error> {
    let mut unfinished = match begun {
        Ok(stream) => return Ok(Bridged(stream)),
        Err(HandshakeError::Failure(error)) => return Err(error),
        Err(HandshakeError::WouldBlock(unfinished)) => Some(unfinished),
    };
    poll_fn(|cx| {
        let mut handshake = unfinished.take().expect("polled after its end");
        handshake.get_mut().wake(cx);
        match handshake.handshake() {
            Ok(stream) => Poll::Ready(Ok(Bridged(stream))),
            Err(HandshakeError::Failure(error)) => Poll::Ready(Err(error)),
            Err(HandshakeError::WouldBlock(handshake)) => {
                unfinished = Some(handshake);
                Poll::Pending
            }
        }
    })
    .await
}

impl Bridged {
    pub(super) fn peer_certificate(&self) -> Option<Certificate> {
        self.0.peer_certificate().ok().flatten()
    }

    pub(super) fn transport(&mut self) -> Pin<&mut dyn Transport> {
        Pin::new(&mut *self.0.get_mut().transport)
    }

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

impl AsyncRead for Bridged {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |tls| tls.read(buffer))
    }
}

impl AsyncWrite for Bridged {
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
