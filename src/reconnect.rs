//! A connection that comes back.

pub(crate) mod backoff;
mod carry;
pub(crate) mod clock;
pub(crate) mod core;
pub(crate) mod driver;
pub(crate) mod ending;
pub(crate) mod event;
mod hinted;
mod http_date;
pub(crate) mod link;
pub(crate) mod outbox;
pub(crate) mod policy;
// The tests catch panics and share threads, which takes a target that unwinds.
#[cfg(all(test, panic = "unwind"))]
mod rig;
#[cfg(all(test, panic = "unwind"))]
mod tests;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::FutureExt;
use futures::Stream;
use futures::future::FusedFuture;
use futures::stream::FusedStream;

use self::clock::SystemClock;
use self::driver::Driver;
use self::event::ReconnectEvent;
use self::policy::Reconnect;
use crate::close::Close;
use crate::error::Error;
use crate::event::State;
use crate::features::Features;
use crate::info::Info;
use crate::message::Message;
use crate::options::Options;
use crate::platform::unbudgeted;
use crate::socket::WebSocket;

/// A socket that connects again when its connection is lost.
///
/// Attempts follow an exponential backoff with jitter. Messages sent meanwhile are queued, and
/// those that were not written are sent again; [`Reconnect`] has the settings. Everything that
/// happens is an [event](ReconnectEvent), including the events of the socket. Like the socket it
/// spawns nothing: **polling for events drives it**, the delays and attempts included. Every future
/// may be dropped at any time. A peer that vanishes silently is noticed soon only with a
/// [keep-alive](crate::Options::keep_alive).
///
/// ```no_run
/// # async fn example() {
/// use qwebsocket::{Event, Reconnect, ReconnectEvent, Reconnecting, Socket};
///
/// let socket = Reconnecting::new(Socket::new(), Reconnect::to("ws://127.0.0.1:9000/"));
/// socket.send("queued until there is a connection".into()).unwrap();
/// while let Some(event) = socket.next_event().await {
///     match event {
///         ReconnectEvent::Socket(Event::Message(message)) => println!("{message:?}"),
///         ReconnectEvent::Ended { unknown, .. } => println!("maybe lost: {unknown:?}"),
///         _ => {}
///     }
/// }
/// # }
/// ```
///
/// # What becomes of a message
///
/// [`send`](Self::send) **accepts** a message, gives it the next number and hands it to the socket
/// as soon as that is connected. It is **written** when its last byte has left for the network
/// ([`WebSocket::messages_written`]). A connection that ends has written some of what it was
/// given:
///
/// - What was not wholly written has not arrived. It is sent again on the next connection, in its
///   order, in front of what was accepted since.
/// - What was written may have arrived. It is not sent again, and [`ReconnectEvent::Ended`] reports
///   it as unknown, unless the application has [acknowledged](Self::acknowledge) it, since only
///   the application's protocol can know.
///
/// So nothing that was accepted is lost silently, and nothing arrives twice.
///
/// # Platform-specific
///
/// A browser announces changes of its network and its page: on `online`, `pageshow`, `resume` and
/// when the page becomes visible, an attempt that waits is made at once, and so is one that follows
/// within 2 s, since a page that comes back hears later of its connection's end. That starts at most
/// one attempt in a second and ends no `Retry-After`. On `offline` it waits for the longest
/// [delay](Reconnect::delays). Natively the application may know:
/// [`reconnect_now`](Self::reconnect_now), [`set_online`](Self::set_online). Firefox delays attempts
/// by itself, too, after failures at the same host and port.
pub struct Reconnecting<S> {
    socket: S,
    driver: Driver<Message, SystemClock>,
}

impl<S: WebSocket> Reconnecting<S> {
    /// Connects this socket again and again, from the first poll on.
    pub fn new(socket: S, reconnect: Reconnect) -> Reconnecting<S> {
        Reconnecting {
            socket,
            driver: Driver::new(reconnect.0, SystemClock::new()),
        }
    }

    /// Accepts a message and returns its number, counted from 0. Without a connection it waits.
    ///
    /// # Errors
    ///
    /// [`QueueFull`](crate::ErrorKind::QueueFull) over the bound of the [queue](Reconnect::queue),
    /// and [`WrongState`](crate::ErrorKind::WrongState) when there will be no further connection.
    pub fn send(&self, message: Message) -> Result<u64, Error> {
        self.driver.send(message, &self.socket)
    }

    /// Confirms that the peer, by the application's protocol, has received the messages up to this
    /// number: they are not reported as [unknown](ReconnectEvent::Ended) any more.
    pub fn acknowledge(&self, number: u64) {
        self.driver.with(|core| core.acknowledge(number));
    }

    /// The number of accepted messages that are not written.
    pub fn unwritten(&self) -> usize {
        self.driver.with(|core| core.unwritten())
    }

    /// Takes the messages back that no connection has, with their numbers: after the end, all that
    /// was accepted and not written.
    pub fn take_unsent(&self) -> Vec<(u64, Message)> {
        self.driver.with(|core| core.take_unsent()).into()
    }

    /// Queues a ping; see [`WebSocket::ping`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::ping`]: without a connection it is refused.
    pub fn ping(&self, payload: Bytes) -> Result<(), Error> {
        self.socket.ping(payload)
    }

    /// Closes the connection, if there is one, and makes no other. Messages that the socket did not
    /// get yet can be [taken back](Self::take_unsent).
    ///
    /// # Errors
    ///
    /// As [`WebSocket::close`].
    pub fn close(&self, close: Close) -> Result<(), Error> {
        self.driver.close(close, &self.socket)
    }

    /// Ends the connection without a closing handshake; otherwise like [`close`](Self::close).
    pub fn abort(&self) {
        self.driver.abort(&self.socket);
    }

    /// Makes an attempt that waits now, and begins anew after the end. A connection, or an attempt
    /// under way, is not touched.
    pub fn reconnect_now(&self) {
        self.driver.with(|core| core.reconnect_now());
    }

    /// Allows or suspends attempts; for a game in the background, or a machine that knows it is
    /// offline. A connection, or an attempt under way, is unaffected. Default: allowed.
    pub fn set_online(&self, online: bool) {
        self.driver.with(|core| core.set_online(online));
    }

    /// Writes what can be written without waiting; see [`WebSocket::try_flush`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::try_flush`].
    pub fn try_flush(&self) -> Result<bool, Error> {
        self.driver.hand_over(&self.socket);
        self.socket.try_flush()
    }

    /// Ready when the connection has written all accepted messages; without a connection, at once.
    /// As many tasks may wait as [`WebSocket::poll_flush`] allows.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::poll_flush`].
    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.driver.poll_flush(&self.socket, cx)
    }

    /// Waits until the connection has written all that was accepted.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::poll_flush`].
    pub fn flush(&self) -> impl FusedFuture<Output = Result<(), Error>> + '_ {
        std::future::poll_fn(|cx| self.poll_flush(cx)).fuse()
    }

    /// The number of bytes that the connection has to write; see [`WebSocket::bytes_to_write`].
    /// Messages that were not handed to it yet are not included, but count in
    /// [`unwritten`](Self::unwritten).
    pub fn bytes_to_write(&self) -> usize {
        self.socket.bytes_to_write()
    }

    /// The state of the connection.
    pub fn state(&self) -> State {
        self.socket.state()
    }

    /// Details of the connection.
    pub fn info(&self) -> Info {
        self.socket.info()
    }

    /// The last error of the connection, until the next attempt.
    pub fn last_error(&self) -> Option<Error> {
        self.socket.last_error()
    }

    /// The close code and reason of the last connection; see [`WebSocket::closed`].
    pub fn closed(&self) -> Option<Close> {
        self.socket.closed()
    }

    /// The options in force.
    pub fn options(&self) -> Options {
        self.socket.options()
    }

    /// The features of the socket.
    pub fn features(&self) -> Features {
        self.socket.features()
    }

    /// The next event; `None` when there will be no further connection. What the `Stream` calls.
    /// After 128 events in a row it wakes the task and is pending once, so that others run.
    pub fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<ReconnectEvent>> {
        let told = self.driver.poll(&self.socket, cx);
        told.map(|told| told.map(ReconnectEvent::from))
    }

    /// The next event; `None` when there will be no further connection. Dropping the future loses
    /// nothing.
    pub fn next_event(&self) -> NextReconnectEvent<'_, S> {
        NextReconnectEvent {
            socket: self,
            is_over: false,
        }
    }

    /// The next event if there is one, without waiting: for the loops of games and GUIs. Drives
    /// the socket like any poll. A task that waits for events is still woken.
    pub fn try_next(&self) -> Option<ReconnectEvent> {
        let told = unbudgeted(|| self.driver.try_next(&self.socket));
        told.map(ReconnectEvent::from)
    }
}

impl<S: WebSocket> Stream for Reconnecting<S> {
    type Item = ReconnectEvent;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReconnectEvent>> {
        self.poll_event(cx)
    }
}

/// It is at its end until [`reconnect_now`](Reconnecting::reconnect_now) begins anew.
impl<S: WebSocket> FusedStream for Reconnecting<S> {
    fn is_terminated(&self) -> bool {
        self.driver.with(|core| core.is_over())
    }
}

/// The future of [`Reconnecting::next_event`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct NextReconnectEvent<'a, S> {
    socket: &'a Reconnecting<S>,
    is_over: bool,
}

impl<S: WebSocket> Future for NextReconnectEvent<'_, S> {
    type Output = Option<ReconnectEvent>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReconnectEvent>> {
        let event = ready!(self.socket.poll_event(cx));
        self.is_over = true;
        Poll::Ready(event)
    }
}

impl<S: WebSocket> FusedFuture for NextReconnectEvent<'_, S> {
    fn is_terminated(&self) -> bool {
        self.is_over
    }
}

impl<S: fmt::Debug> fmt::Debug for Reconnecting<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnecting")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}
