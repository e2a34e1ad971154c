use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use futures::{AsyncRead, AsyncWrite};
use openssl::error::ErrorStack;
use openssl::ssl::{self, ErrorCode, Ssl, SslRef, SslStream};

use super::ffi;
use crate::backend::native::error::io_error;
use crate::backend::native::tls::bridge::Bridge;
use crate::backend::native::tls::closure::panicked;
use crate::backend::native::tls::library::End;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::platform::unbudgeted;

/// TLS over a transport, both of which are ended together.
pub(crate) struct Stream {
    tls: SslStream<Bridge>,
    /// Whether we have sent `close_notify`.
    is_ended: bool,
    /// Whether a write waits for the end of a renegotiation.
    is_withheld: bool,
}

/// The outcome of a step of the handshake.
pub(crate) enum Progress {
    Done,
    /// The peer's certificates have errors that are to be judged.
    Suspended,
}

impl Stream {
    pub(crate) fn new(ssl: Ssl, transport: Box<dyn Transport>) -> Result<Stream, ErrorStack> {
        let bridge = Bridge::new(transport);
        Ok(Stream {
            tls: SslStream::new(ssl, bridge)?,
            is_ended: false,
            is_withheld: false,
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
            #[cfg(feature = "server")]
            End::Server => SslStream::accept,
        };
        let progress = self.poll(cx, shake);
        if self.has_panicked() {
            return Poll::Ready(Err(panicked()));
        }
        match ready!(progress) {
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
            return io_error(below(kind, error));
        }
        let stack = error.ssl_error().cloned();
        let reasons = stack.iter().flat_map(ErrorStack::errors);
        let reasons: Vec<_> = reasons.filter_map(|error| error.reason()).collect();
        let why = match reasons.is_empty() {
            true => error.to_string(),
            false => reasons.join(", "),
        };
        let failure = Error::new(ErrorKind::Tls, format!("{what}: {why}"));
        self.with_alerts(match stack {
            Some(stack) => failure.with_quoted(stack),
            None => failure,
        })
    }

    /// The error with the alerts that ended TLS.
    pub(crate) fn with_alerts(&self, error: Error) -> Error {
        let Some(extra_data) = self.ssl().ex_data(ffi::index()) else {
            return error;
        };
        let [sent, received] = [&extra_data.alert_sent, &extra_data.alert_received];
        error.with_alerts(sent.get().copied(), received.get().copied())
    }

    fn has_panicked(&self) -> bool {
        let extra_data = self.ssl().ex_data(ffi::index());
        extra_data.is_some_and(|extra_data| extra_data.has_panicked.load(Ordering::Relaxed))
    }

    /// Ends a renegotiation that the server wants (RFC 5246 §7.4.1.1) before anything is written:
    /// OpenSSL takes what the server had sent meanwhile for a violation, unless it reads.
    fn poll_settled(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ssl::Error>> {
        if !ffi::is_in_handshake(self.ssl()) {
            return Poll::Ready(Ok(()));
        }
        let peeked = self.poll(cx, |tls| tls.ssl_peek(&mut [0]));
        let is_in_handshake = ffi::is_in_handshake(self.ssl());
        match peeked {
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            // Wakes the reader: there is data now.
            Poll::Ready(Ok(_)) if !(is_in_handshake && self.is_withheld) => {
                cx.waker().wake_by_ref();
            }
            _ => {}
        }
        self.is_withheld = is_in_handshake;
        match is_in_handshake {
            true => Poll::Pending,
            false => Poll::Ready(Ok(())),
        }
    }

    fn io_failed(&self, error: ssl::Error) -> io::Error {
        match self.tls.get_ref().broken {
            Some(kind) => below(kind, error),
            None => io::Error::other(self.failed("TLS failed", error)),
        }
    }
}

/// An error of what is below TLS. As a source the one of OpenSSL would say its text twice.
fn below(kind: io::ErrorKind, error: ssl::Error) -> io::Error {
    error
        .into_io_error()
        .unwrap_or_else(|error| io::Error::new(kind, error.to_string()))
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let result = self.poll(cx, |tls| tls.ssl_read(buffer));
        if self.has_panicked() {
            return Poll::Ready(Err(io::Error::other(panicked())));
        }
        if self.is_withheld && !ffi::is_in_handshake(self.ssl()) {
            self.is_withheld = false;
            cx.waker().wake_by_ref();
        }
        let result = match ready!(result) {
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
        let result = match ready!(self.poll_settled(cx)) {
            Ok(()) => self.poll(cx, |tls| tls.ssl_write(bytes)),
            Err(error) => Poll::Ready(Err(error)),
        };
        if self.has_panicked() {
            return Poll::Ready(Err(io::Error::other(panicked())));
        }
        let result = ready!(result);
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

/// Sends `close_notify`, so that the peer can distinguish this from a broken connection.
impl Drop for Stream {
    fn drop(&mut self) {
        // A transport that has panicked may do it again, which would abort the process.
        if !self.is_ended && !thread::panicking() {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = unbudgeted(|| self.poll(&mut cx, SslStream::shutdown));
        }
    }
}
