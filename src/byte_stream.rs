use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::{AsyncBufRead, AsyncRead, AsyncWrite, Sink, Stream};

use crate::close::CloseCode;
use crate::error::Error;
use crate::message::Message;
use crate::messages::{HIGH_WATER, Messages};
use crate::socket::WebSocket;

/// The payloads of a socket's binary messages as one stream of bytes: `AsyncRead`, `AsyncBufRead`
/// and `AsyncWrite`, for protocols that would run over TCP. [`docs::byte_streams`](crate::docs::byte_streams)
/// has an introduction.
///
/// Where one message ends and the next begins means nothing, neither here nor to the peer.
///
/// - **Reading** takes one message when the one before is used up, and ends (`Ok(0)`) with the
///   closing handshake, whatever its code. A connection that ended otherwise is an error: never is
///   half of a stream taken for the whole. A text message is one of
///   [`InvalidData`](io::ErrorKind::InvalidData). An error comes again with each further read.
/// - **Writing** makes a message of what each call is given, up to 64 KiB: what writes little at a
///   time is put into a `BufWriter`. With more than [`HIGH_WATER`](Messages::HIGH_WATER) bytes
///   queued it waits until they are written, as the sink of [`Messages`] does.
/// - **Closing** begins the closing handshake with code 1000 and is done when the close frame is
///   written. WebSocket has no half of a connection: what the peer still sends until it answers can be
///   read, as far as [`close`](WebSocket::close) says.
///
/// The errors have an [`Error`] inside where the socket has one:
///
/// ```
/// fn is_too_large(error: &std::io::Error) -> bool {
///     let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<qwebsocket::Error>());
///     inner.is_some_and(|error| error.kind() == qwebsocket::ErrorKind::TooLarge)
/// }
/// ```
///
/// # Platform-specific
///
/// Natively a reader that is slow slows its peer down. Browsers read on ([`Features::READ_BUFFER`]),
/// up to the [receive queue](crate::Options::receive_queue).
///
/// [`Features::READ_BUFFER`]: crate::Features::READ_BUFFER
pub struct ByteStream<S: WebSocket> {
    messages: Messages<S>,
    unread: Bytes,
    failure: Option<Failure>,
}

/// Why no more can be read.
enum Failure {
    Socket(Error),
    Text,
}

impl<S: WebSocket> ByteStream<S> {
    /// The bytes of this socket, which is connected.
    pub fn new(socket: S) -> ByteStream<S> {
        ByteStream {
            messages: Messages::new(socket),
            unread: Bytes::new(),
            failure: None,
        }
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        self.messages.get_ref()
    }

    /// Returns the socket, and the bytes that were received but not read.
    pub fn into_parts(self) -> (S, Bytes) {
        (self.messages.into_inner(), self.unread)
    }

    /// Waits until there is something to be read, or nothing will be.
    fn poll_unread(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            if let Some(failure) = &self.failure {
                return Poll::Ready(Err(failure.to_io()));
            }
            match ready!(Pin::new(&mut self.messages).poll_next(cx)) {
                Some(Ok(Message::Binary(data))) => self.unread = data,
                Some(Ok(Message::Text(_))) => self.failure = Some(Failure::Text),
                Some(Err(error)) => self.failure = Some(Failure::Socket(error)),
                None => return Poll::Ready(self.end()),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The result of reading at the end of a connection without an error.
    fn end(&self) -> io::Result<()> {
        // RFC 6455 §7.1.5: 1006 stands for no close frame.
        match self.get_ref().closed() {
            Some(close) if close.code() != CloseCode::ABNORMAL => Ok(()),
            _ => Err(Error::wrong_state("there is no connection").into()),
        }
    }
}

impl Failure {
    fn to_io(&self) -> io::Error {
        match self {
            Failure::Socket(error) => error.clone().into(),
            Failure::Text => {
                io::Error::new(io::ErrorKind::InvalidData, "text in a stream of bytes")
            }
        }
    }
}

impl<S: WebSocket> AsyncRead for ByteStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_unread(cx))?;
        let length = buffer.len().min(self.unread.len());
        self.unread.copy_to_slice(&mut buffer[..length]);
        Poll::Ready(Ok(length))
    }
}

impl<S: WebSocket> AsyncBufRead for ByteStream<S> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.poll_unread(cx))?;
        Poll::Ready(Ok(&this.unread))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.unread.advance(amount);
    }
}

impl<S: WebSocket> AsyncWrite for ByteStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(Pin::new(&mut self.messages).poll_ready(cx))?;
        let length = bytes.len().min(HIGH_WATER);
        Pin::new(&mut self.messages).start_send(bytes[..length].into())?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.messages).poll_flush(cx));
        Poll::Ready(flushed.map_err(io::Error::from))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = ready!(Pin::new(&mut self.messages).poll_close(cx));
        Poll::Ready(closed.map_err(io::Error::from))
    }
}

impl<S: WebSocket> fmt::Debug for ByteStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("socket", self.get_ref())
            .field("unread", &self.unread.len())
            .finish_non_exhaustive()
    }
}
