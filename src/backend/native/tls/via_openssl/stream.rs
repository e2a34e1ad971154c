use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use futures::{AsyncRead, AsyncWrite};
use openssl::error::ErrorStack;
use openssl::ssl::{self, ErrorCode, Ssl, SslRef, SslStream};

use super::ffi;
use crate::backend::native::error::io_error;
use crate::backend::native::tls::library::End;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};

/// TLS over a transport, both of which are ended together.
pub(crate) struct Stream {
    tls: SslStream<Bridge>,
    /// Whether the peer was told that we are done.
    is_ended: bool,
}

/// What a step of the handshake led to.
pub(crate) enum Progress {
    Done,
    /// The peer's certificates have errors that are to be judged.
    Suspended,
}

impl Stream {
    pub(crate) fn new(ssl: Ssl, transport: Box<dyn Transport>) -> Result<Stream, ErrorStack> {
        let bridge = Bridge {
            transport,
            waker: Waker::noop().clone(),
            broken: None,
        };
        Ok(Stream {
            tls: SslStream::new(ssl, bridge)?,
            is_ended: false,
        })
    }

    pub(crate) fn ssl(&self) -> &SslRef {
        self.tls.ssl()
    }

    pub(crate) fn poll_handshake(
        &mut self,
        cx: &mut Context<'_>,
        end: End,
    ) -> Poll<Result<Progress, Error>> {
        let shake = match end {
            End::Client => SslStream::connect,
            End::Server => SslStream::accept,
        };
        match ready!(self.poll(cx, shake)) {
            Ok(()) => Poll::Ready(Ok(Progress::Done)),
            Err(error) if error.code().as_raw() == ffi::SUSPENDED => {
                Poll::Ready(Ok(Progress::Suspended))
            }
            Err(error) => Poll::Ready(Err(self.failed("TLS handshake failed", error))),
        }
    }

    /// Does something as far as it does not wait.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut act: impl FnMut(&mut SslStream<Bridge>) -> Result<T, ssl::Error>,
    ) -> Poll<Result<T, ssl::Error>> {
        self.tls.get_mut().wake(cx);
        loop {
            match act(&mut self.tls) {
                Err(error)
                    if matches!(error.code(), ErrorCode::WANT_READ | ErrorCode::WANT_WRITE) =>
                {
                    // Without a transport that would block, OpenSSL only wants to be called again.
                    if error.io_error().is_some() {
                        return Poll::Pending;
                    }
                }
                result => return Poll::Ready(result),
            }
        }
    }

    /// Why the peer went, if it said so before a write found it gone: a server of TLS 1.3 that misses
    /// our certificate does.
    fn last_word(&mut self, cx: &mut Context<'_>) -> Option<ssl::Error> {
        let broken = self.tls.get_mut().broken.take()?;
        let peeked = self.poll(cx, |tls| tls.ssl_peek(&mut [0]));
        match (peeked, self.tls.get_ref().broken) {
            (Poll::Ready(Err(error)), None) if error.ssl_error().is_some() => Some(error),
            _ => {
                self.tls.get_mut().broken = Some(broken);
                None
            }
        }
    }

    /// An error of TLS, or of what is below it.
    fn failed(&self, what: &str, error: ssl::Error) -> Error {
        if let Some(kind) = self.tls.get_ref().broken {
            return io_error(io::Error::new(kind, error));
        }
        let stack = error.ssl_error();
        let reasons = stack.into_iter().flat_map(ErrorStack::errors);
        let reasons: Vec<_> = reasons.filter_map(|error| error.reason()).collect();
        let why = match reasons.is_empty() {
            true => error.to_string(),
            false => reasons.join(", "),
        };
        Error::new(ErrorKind::Tls, format!("{what}: {why}")).with_source(error)
    }

    fn io_failed(&self, error: ssl::Error) -> io::Error {
        match self.tls.get_ref().broken {
            Some(kind) => io::Error::new(kind, error),
            None => io::Error::other(self.failed("TLS failed", error)),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let result = match ready!(self.poll(cx, |tls| tls.ssl_read(buffer))) {
            Err(error) if error.code() == ErrorCode::ZERO_RETURN => Ok(0),
            result => result.map_err(|error| self.io_failed(error)),
        };
        Poll::Ready(result)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(self.poll(cx, |tls| tls.ssl_write(bytes)));
        Poll::Ready(result.map_err(|error| match self.last_word(cx) {
            Some(alert) => self.io_failed(alert),
            None => self.io_failed(error),
        }))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls.get_mut().transport).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_ended {
            // Where TLS is broken, or has not begun, there is nothing to say.
            let _ = ready!(self.poll(cx, SslStream::shutdown));
            self.is_ended = true;
        }
        Pin::new(&mut self.tls.get_mut().transport).poll_close(cx)
    }
}

/// The peer can tell that it was left from being cut off.
impl Drop for Stream {
    fn drop(&mut self) {
        if !self.is_ended {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = self.poll(&mut cx, SslStream::shutdown);
        }
    }
}

/// A transport as OpenSSL wants it, which remembers how it broke.
pub(crate) struct Bridge {
    transport: Box<dyn Transport>,
    /// Whoever drives the connection.
    waker: Waker,
    broken: Option<io::ErrorKind>,
}

impl Bridge {
    fn wake(&mut self, cx: &Context<'_>) {
        if !self.waker.will_wake(cx.waker()) {
            self.waker = cx.waker().clone();
        }
    }

    fn now<T>(
        &mut self,
        act: impl FnOnce(Pin<&mut dyn Transport>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let mut cx = Context::from_waker(&self.waker);
        match act(Pin::new(&mut *self.transport), &mut cx) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(result) => result.inspect_err(|error| self.broken = Some(error.kind())),
        }
    }
}

impl Read for Bridge {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.now(|transport, cx| transport.poll_read(cx, buffer));
        if let Ok(0) = result {
            self.broken = Some(io::ErrorKind::UnexpectedEof);
        }
        result
    }
}

impl Write for Bridge {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.now(|transport, cx| transport.poll_write(cx, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.now(|transport, cx| transport.poll_flush(cx))
    }
}
