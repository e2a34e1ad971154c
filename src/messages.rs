use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::stream::FusedStream;
use futures::{Sink, Stream};

use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::message::Message;
use crate::socket::WebSocket;

/// With more bytes queued than this, the sink of [`Messages`] is not ready.
pub(crate) const HIGH_WATER: usize = 64 * 1024;

/// Only the messages of a socket: a `Stream` and a `Sink` of them.
///
/// The stream ends when the connection does; an error on the way is an item. The sink takes what
/// fits into [`HIGH_WATER`](Messages::HIGH_WATER) bytes, then waits until it is written; with a
/// [bound](crate::Options::write_queue) it waits for each message, so that none is refused. Closing
/// the sink starts the closing handshake; go on with the stream to its end.
///
/// When the connection is about to close, the stream passes its turn on once, so that a sink that
/// holds a message, as behind `split` and `forward`, can still send it.
///
/// ```no_run
/// # async fn example() -> Result<(), qwebsocket::Error> {
/// use futures::{SinkExt, StreamExt};
/// use qwebsocket::{Messages, Socket};
///
/// let mut messages = Messages::new(Socket::connect("ws://127.0.0.1:9000/").await?);
/// messages.send("hello".into()).await?;
/// let answer = messages.next().await;
/// # Ok(())
/// # }
/// ```
///
/// What is not a message is still within reach after a `split`, through an `Arc` of the socket:
///
/// ```no_run
/// # async fn example() -> Result<(), qwebsocket::Error> {
/// use std::sync::Arc;
///
/// use futures::StreamExt;
/// use qwebsocket::{Messages, Socket, WebSocket};
///
/// let socket = Arc::new(Socket::connect("ws://127.0.0.1:9000/").await?);
/// let (sink, stream) = Messages::new(socket.clone()).split();
/// socket.ping("still there?".into())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Messages<S> {
    socket: S,
    /// Whether the stream was at its end when it was last polled.
    is_over: bool,
}

impl<S: WebSocket> Messages<S> {
    /// With more bytes queued than this, the sink is not ready.
    pub const HIGH_WATER: usize = HIGH_WATER;

    /// The messages of this socket.
    pub fn new(socket: S) -> Messages<S> {
        Messages {
            socket,
            is_over: false,
        }
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        &self.socket
    }

    /// The socket, to go on with its events.
    pub fn into_inner(self) -> S {
        self.socket
    }
}

impl<S: WebSocket> Stream for Messages<S> {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let event = ready!(self.socket.poll_event(cx));
            self.is_over = event.is_none();
            match event {
                Some(Event::Message(message)) => return Poll::Ready(Some(Ok(message))),
                Some(Event::Error(error)) => return Poll::Ready(Some(Err(error))),
                Some(Event::AboutToClose) => {
                    // Who comes back has no last words: the turn is the sink's, which may hold an
                    // answer, as in `forward` behind `split`.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(_) => {}
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<S: WebSocket> FusedStream for Messages<S> {
    fn is_terminated(&self) -> bool {
        self.is_over
    }
}

impl<S: WebSocket> Sink<Message> for Messages<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let queued = self.socket.bytes_to_write();
        // Into an empty queue every message fits.
        let is_bounded = self.socket.options().get_write_queue().is_some();
        let has_room = queued == 0 || !is_bounded && queued < HIGH_WATER;
        // A flush would end the time for last words.
        if has_room || self.socket.state() == State::Closing {
            return Poll::Ready(Ok(()));
        }
        self.socket.poll_flush(cx)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.socket.send(message).map(drop)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.socket.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.socket.close(Close::default())?;
        self.socket.poll_flush(cx)
    }
}
