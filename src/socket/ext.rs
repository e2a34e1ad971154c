//! Futures and calls for loops, built on the methods of the trait.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use bytestring::ByteString;
use futures::Stream;
use futures::future::FusedFuture;
use futures::stream::FusedStream;

use super::WebSocket;
use crate::close::Close;
use crate::error::Error;
use crate::event::Event;
use crate::message::Message;
use crate::platform::unbudgeted;

/// Methods of every [`WebSocket`] for `async` code and for loops.
///
/// The futures can be given to `futures::select!` as they are, and dropping one loses nothing.
pub trait WebSocketExt: WebSocket {
    /// The next event; `None` after [`Event::Disconnected`].
    fn next_event(&self) -> NextEvent<'_, Self> {
        NextEvent(Fused::new(self))
    }

    /// The events as a `Stream`, which ends with [`Event::Disconnected`].
    fn events(&self) -> Events<'_, Self> {
        Events(Fused::new(self))
    }

    /// The next message, or the error that comes before one; `None` when the connection has ended.
    /// The other events are dropped, and with them what they [ask](crate::Decision).
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), qwebsocket::Error> {
    /// use qwebsocket::prelude::*;
    ///
    /// let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
    /// socket.send_text("hello")?;
    /// if let Some(answer) = socket.next_message().await {
    ///     println!("{:?}", answer?);
    /// }
    /// socket.close_and_wait(CloseCode::NORMAL).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn next_message(&self) -> NextMessage<'_, Self> {
        NextMessage(Fused::new(self))
    }

    /// Waits until everything queued is written.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::try_flush`].
    fn flush(&self) -> Flush<'_, Self> {
        Flush(Fused::new(self))
    }

    /// [`close`](WebSocket::close) with whatever makes a [`Close`]: a
    /// [`CloseCode`](crate::CloseCode), or a code with a reason.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::close`].
    fn close_with(&self, close: impl Into<Close>) -> Result<(), Error> {
        self.close(close.into())
    }

    /// [Closes](WebSocket::close) and waits for the end of the connection: what it was
    /// [closed](WebSocket::closed) with. Events and messages that still come are dropped;
    /// [`close_with`](Self::close_with) and [`next_event`](Self::next_event) keep them.
    ///
    /// # Errors
    ///
    /// Those of [`WebSocket::close`], or the last [`Event::Error`](crate::Event::Error) until the end.
    fn close_and_wait(&self, close: impl Into<Close>) -> CloseAndWait<'_, Self> {
        CloseAndWait {
            socket: Fused::new(self),
            close: Some(close.into()),
            error: None,
        }
    }

    /// The next event if there is one, without waiting: for the loops of games and GUIs. Drives
    /// the socket like any poll.
    fn try_next(&self) -> Option<Event> {
        self.try_next_event()
    }

    /// [`try_next`](Self::try_next) for programs that draw on demand: without an event it registers
    /// a waker, which is woken when there may be one, as a [poll](WebSocket::poll_event) does. Natively
    /// what is sent wakes it, too, and leaves with the next call.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::task::{Wake, Waker};
    /// use qwebsocket::{Socket, WebSocketExt};
    ///
    /// /// Stands for what a toolkit has to ask for another frame.
    /// struct Repaint;
    ///
    /// impl Wake for Repaint {
    ///     fn wake(self: Arc<Self>) {
    ///         // context.request_repaint();
    ///     }
    /// }
    ///
    /// fn draw(socket: &Socket, repaint: &Waker) {
    ///     while let Some(event) = socket.try_next_with(repaint) {
    ///         println!("{event:?}");
    ///     }
    /// }
    ///
    /// draw(&Socket::new(), &Waker::from(Arc::new(Repaint)));
    /// ```
    fn try_next_with(&self, waker: &Waker) -> Option<Event> {
        match unbudgeted(|| self.poll_event(&mut Context::from_waker(waker))) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    /// [`send`](WebSocket::send) for text. A `&str` is copied; a `String` or a [`ByteString`] is not.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::send`].
    fn send_text(&self, text: impl Into<ByteString>) -> Result<usize, Error> {
        self.send(Message::text(text))
    }

    /// [`send`](WebSocket::send) for bytes. A `Vec<u8>` or [`Bytes`] are not copied.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::send`].
    fn send_binary(&self, data: impl Into<Bytes>) -> Result<usize, Error> {
        self.send(Message::binary(data))
    }
}

impl<S: WebSocket + ?Sized> WebSocketExt for S {}

/// So that a `Box<dyn WebSocket>` is a stream of events, as a [`Socket`](crate::Socket) is.
impl Stream for dyn WebSocket + '_ {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(cx)
    }
}

/// A socket that is polled, and whether that has come to its end.
#[derive(Debug)]
struct Fused<'a, S: ?Sized> {
    socket: &'a S,
    is_over: bool,
}

impl<'a, S: ?Sized> Fused<'a, S> {
    fn new(socket: &'a S) -> Fused<'a, S> {
        Fused {
            socket,
            is_over: false,
        }
    }

    fn over<T>(&mut self, result: T) -> Poll<T> {
        self.is_over = true;
        Poll::Ready(result)
    }
}

/// The future of [`WebSocketExt::next_event`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct NextEvent<'a, S: ?Sized>(Fused<'a, S>);

impl<S: WebSocket + ?Sized> Future for NextEvent<'_, S> {
    type Output = Option<Event>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let event = ready!(self.0.socket.poll_event(cx));
        self.0.over(event)
    }
}

impl<S: WebSocket + ?Sized> FusedFuture for NextEvent<'_, S> {
    fn is_terminated(&self) -> bool {
        self.0.is_over
    }
}

/// The stream of [`WebSocketExt::events`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Events<'a, S: ?Sized>(Fused<'a, S>);

impl<S: WebSocket + ?Sized> Stream for Events<'_, S> {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        match ready!(self.0.socket.poll_event(cx)) {
            Some(event) => Poll::Ready(Some(event)),
            None => self.0.over(None),
        }
    }
}

impl<S: WebSocket + ?Sized> FusedStream for Events<'_, S> {
    fn is_terminated(&self) -> bool {
        self.0.is_over
    }
}

/// The future of [`WebSocketExt::next_message`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct NextMessage<'a, S: ?Sized>(Fused<'a, S>);

impl<S: WebSocket + ?Sized> Future for NextMessage<'_, S> {
    type Output = Option<Result<Message, Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match ready!(self.0.socket.poll_event(cx)) {
                Some(Event::Message(message)) => return self.0.over(Some(Ok(message))),
                Some(Event::Error(error)) => return self.0.over(Some(Err(error))),
                Some(_) => {}
                None => return self.0.over(None),
            }
        }
    }
}

impl<S: WebSocket + ?Sized> FusedFuture for NextMessage<'_, S> {
    fn is_terminated(&self) -> bool {
        self.0.is_over
    }
}

/// The future of [`WebSocketExt::flush`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Flush<'a, S: ?Sized>(Fused<'a, S>);

impl<S: WebSocket + ?Sized> Future for Flush<'_, S> {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let flushed = ready!(self.0.socket.poll_flush(cx));
        self.0.over(flushed)
    }
}

impl<S: WebSocket + ?Sized> FusedFuture for Flush<'_, S> {
    fn is_terminated(&self) -> bool {
        self.0.is_over
    }
}

/// The future of [`WebSocketExt::close_and_wait`]. Nothing is closed before it is polled.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CloseAndWait<'a, S: ?Sized> {
    socket: Fused<'a, S>,
    close: Option<Close>,
    error: Option<Error>,
}

impl<S: WebSocket + ?Sized> Future for CloseAndWait<'_, S> {
    type Output = Result<Option<Close>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let socket = self.socket.socket;
        if let Some(close) = self.close.take()
            && let Err(error) = socket.close(close)
        {
            return self.socket.over(Err(error));
        }
        while let Some(event) = ready!(socket.poll_event(cx)) {
            if let Event::Error(error) = event {
                self.error = Some(error);
            }
        }
        let result = match self.error.take() {
            Some(error) => Err(error),
            None => Ok(socket.closed()),
        };
        self.socket.over(result)
    }
}

impl<S: WebSocket + ?Sized> FusedFuture for CloseAndWait<'_, S> {
    fn is_terminated(&self) -> bool {
        self.socket.is_over
    }
}
