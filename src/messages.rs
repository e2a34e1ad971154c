pub(crate) mod carrier;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::stream::FusedStream;
use futures::{Sink, Stream};

use self::carrier::{Carrier, Heard};
use crate::close::Close;
use crate::error::Error;
use crate::event::State;
use crate::message::Message;
use crate::platform::{MaybeSend, MaybeSync};

/// With more bytes queued than this, the sink of [`Messages`] is not ready.
pub(crate) const HIGH_WATER: usize = 64 * 1024;

/// Only the messages of a socket, or of a [`Reconnecting`](crate::Reconnecting): a `Stream` and a
/// `Sink` of them.
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
///
/// # Over connections that come back
///
/// The stream continues after an error, since another connection may follow, and ends when none
/// will. Without a connection the sink is ready, and over the bound of the
/// [queue](crate::Reconnect::queue) it fails. What may have been lost is an
/// [event](crate::ReconnectEvent::Ended): [`on_event`](Messages::on_event) reports it.
pub struct Messages<S: Carrier> {
    socket: S,
    on_event: Option<Box<dyn OnEvent<S::Event>>>,
    /// Whether the stream was at its end when it was last polled.
    is_over: bool,
}

trait OnEvent<E>: FnMut(E) + MaybeSend + MaybeSync {}

impl<E, F: FnMut(E) + MaybeSend + MaybeSync> OnEvent<E> for F {}

impl<S: Carrier> Messages<S> {
    /// The number of queued bytes above which the sink is not ready.
    pub const HIGH_WATER: usize = HIGH_WATER;

    /// The messages of this socket.
    pub fn new(socket: S) -> Messages<S> {
        Messages {
            socket,
            on_event: None,
            is_over: false,
        }
    }

    /// Sets a callback for each event that is neither a message nor an error. It is called in the order
    /// of events, while the stream is polled. Default: such events are dropped, which refuses what they
    /// [ask](crate::Decision).
    pub fn on_event(
        mut self,
        on_event: impl FnMut(S::Event) + MaybeSend + MaybeSync + 'static,
    ) -> Messages<S> {
        self.on_event = Some(Box::new(on_event));
        self
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        &self.socket
    }

    /// Returns the socket, to continue with its events.
    pub fn into_inner(self) -> S {
        self.socket
    }
}

impl<S: Carrier> Stream for Messages<S> {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let heard = ready!(self.socket.poll_heard(cx));
            self.is_over = heard.is_none();
            let event = match heard {
                Some(Heard::Message(message)) => return Poll::Ready(Some(Ok(message))),
                Some(Heard::Error(error)) => return Poll::Ready(Some(Err(error))),
                Some(Heard::Other(event)) => event,
                None => return Poll::Ready(None),
            };
            let is_about_to_close = S::is_about_to_close(&event);
            if let Some(on_event) = &mut self.on_event {
                on_event(event);
            }
            if is_about_to_close {
                // Polling again would end the time for last messages: the turn is the sink's, which
                // may hold an answer, as in `forward` behind `split`.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }
}

impl<S: Carrier> FusedStream for Messages<S> {
    fn is_terminated(&self) -> bool {
        self.is_over
    }
}

impl<S: Carrier> Sink<Message> for Messages<S> {
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
        self.socket.send(message)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.socket.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.socket.close(Close::default())?;
        self.socket.poll_flush(cx)
    }
}

impl<S: Carrier> fmt::Debug for Messages<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}
