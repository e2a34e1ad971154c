//! A socket whose network is a test.

mod call;
mod script;
mod socket;

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

pub use self::call::Call;
use self::script::Script;
use super::{Session, remote_closed};
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::message::Message;
use crate::options::Options;
use crate::socket::WebSocket;
use crate::trace::{self, Span};

/// A [`WebSocket`] without a network: the test determines what happens, and inspects the calls.
///
/// States, errors, codes and the order of events follow the same rules as those of a
/// [`Socket`](crate::Socket). What is sent waits until it is [written](Self::write) or flushed. A
/// [`close`](WebSocket::close) is answered at once, unless the peer is [silent](Self::set_silent).
/// There is no clock, so no time limit passes unless the test says so.
///
/// A clone is the same socket: the application takes one, the test keeps the other.
///
/// ```
/// use futures::{executor::block_on, join};
/// use qwebsocket::testing::{Call, ScriptedSocket};
/// use qwebsocket::{Error, Message, Request, WebSocket, WebSocketExt};
///
/// async fn ask(socket: &impl WebSocket, question: &str) -> Result<Option<Message>, Error> {
///     socket.send_text(question)?;
///     socket.next_message().await.transpose()
/// }
///
/// let socket = ScriptedSocket::connected();
/// let script = async {
///     assert_eq!(socket.next_call().await, Call::Send("how much?".into()));
///     socket.receive("42");
/// };
/// let (answer, ()) = block_on(async { join!(ask(&socket, "how much?"), script) });
/// assert_eq!(answer?, Some("42".into()));
/// # Ok::<(), Error>(())
/// ```
///
/// # Platform-specific
///
/// The same everywhere: it has [every feature](Features::ALL), unless it was
/// [set otherwise](Self::with_features).
#[derive(Clone, Debug, Default)]
pub struct ScriptedSocket(Arc<Mutex<Script>>);

impl ScriptedSocket {
    /// A socket without a connection.
    pub fn new() -> ScriptedSocket {
        ScriptedSocket::default()
    }

    /// A socket that is connected already, and emits no event for it.
    pub fn connected() -> ScriptedSocket {
        let socket = ScriptedSocket::new();
        socket.lock().session = Session::accepted();
        socket
    }

    /// Sets the options. Only the bound of the [write queue](Options::write_queue) has an effect;
    /// the others are [returned](WebSocket::options).
    pub fn with_options(self, options: Options) -> ScriptedSocket {
        self.set_options(options);
        self
    }

    /// Restricts the socket to these features, such as those of a browser, which are
    /// [none](Features::NONE). Calls that need another one fail with
    /// [`Unsupported`](crate::ErrorKind::Unsupported). Default: [`Features::ALL`].
    pub fn with_features(self, features: Features) -> ScriptedSocket {
        self.lock().features = features;
        self
    }

    /// Changes the [options](Self::with_options).
    pub fn set_options(&self, options: Options) {
        self.lock().options = options;
    }

    /// Sets what [`info`](WebSocket::info) returns from now on. [`Negotiated`](crate::Negotiated) makes one:
    ///
    /// ```
    /// use qwebsocket::testing::ScriptedSocket;
    /// use qwebsocket::{Negotiated, Role, WebSocket};
    ///
    /// let socket = ScriptedSocket::connected();
    /// let chat = Negotiated::new(Role::Client).subprotocol("chat");
    /// socket.set_info(chat.info().clone());
    /// assert_eq!(socket.subprotocol().as_deref(), Some("chat"));
    /// ```
    pub fn set_info(&self, info: Info) {
        self.lock().info = info;
    }

    /// Sets whether the peer leaves close frames unanswered, so that the state stays
    /// [`Closing`](State::Closing) until [`close_by_peer`](Self::close_by_peer) or
    /// [`lose`](Self::lose). Default: no.
    pub fn set_silent(&self, is_silent: bool) {
        self.lock().is_silent = is_silent;
    }

    /// Sets whether the peer reads nothing, so that a [flush](WebSocket::poll_flush) waits.
    /// Default: no.
    pub fn set_stalled(&self, is_stalled: bool) {
        self.change(|script| script.is_stalled = is_stalled);
    }

    /// Refuses the next call that returns an error, with this one.
    pub fn refuse_next(&self, error: Error) {
        self.lock().refusal = Some(error);
    }

    /// The opening handshake succeeds.
    ///
    /// # Panics
    ///
    /// Unless the state is [`Connecting`](State::Connecting).
    #[track_caller]
    pub fn connect(&self) {
        self.require(&[State::Connecting]);
        self.change(|script| script.session.connected());
    }

    /// A message arrives.
    ///
    /// # Panics
    ///
    /// Unless the state is [`Connected`](State::Connected) or [`Closing`](State::Closing).
    #[track_caller]
    pub fn receive(&self, message: impl Into<Message>) {
        self.require(&[State::Connected, State::Closing]);
        self.change(|script| script.session.message(message.into()));
    }

    /// The peer's close frame arrives: the answer to ours, or its own. Code 1005 is one without a
    /// code.
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive).
    #[track_caller]
    pub fn close_by_peer(&self, close: impl Into<Close>) {
        self.require(&[State::Connected, State::Closing]);
        self.change(|script| script.close_by_peer(close.into()));
    }

    /// The connection, or the attempt to make one, fails.
    ///
    /// # Panics
    ///
    /// When the state is [`Unconnected`](State::Unconnected).
    #[track_caller]
    pub fn fail(&self, error: impl Into<Error>) {
        self.require(&[State::Connecting, State::Connected, State::Closing]);
        self.change(|script| script.fail(error.into()));
    }

    /// The connection is gone, without a word of the peer's. While closing that is no error, as
    /// when the [time limit](crate::Timeouts::close) passes.
    ///
    /// # Panics
    ///
    /// As [`fail`](Self::fail).
    #[track_caller]
    pub fn lose(&self) {
        self.require(&[State::Connecting, State::Connected, State::Closing]);
        self.change(|script| match script.session.state() {
            State::Closing => script.finish(),
            _ => script.fail(remote_closed()),
        });
    }

    /// Emits an event as it is, such as a [`Frame`](Event::Frame) or a [`Pong`](Event::Pong). The
    /// state follows [`StateChanged`](Event::StateChanged), and
    /// [`last_error`](WebSocket::last_error) an [`Error`](Event::Error); nothing else is implied.
    pub fn tell(&self, event: Event) {
        self.change(|script| match event {
            Event::StateChanged(state) => script.session.set_state(state),
            Event::Error(error) => script.session.report(error),
            Event::Message(message) => script.session.message(message),
            event => script.session.tell([event]),
        });
    }

    /// Writes this many of the queued messages.
    pub fn write(&self, messages: usize) {
        self.change(|script| script.write(messages));
    }

    /// Returns the messages written so far, on all connections.
    pub fn written(&self) -> Vec<Message> {
        self.lock().written.clone()
    }

    /// Takes the calls since the last time.
    pub fn take_calls(&self) -> Vec<Call> {
        self.lock().calls.drain(..).collect()
    }

    /// Takes the next call, and waits until there is one. One task at a time should wait.
    pub async fn next_call(&self) -> Call {
        poll_fn(|cx| self.poll_call(cx)).await
    }

    fn poll_call(&self, cx: &mut Context<'_>) -> Poll<Call> {
        let mut script = self.lock();
        match script.calls.pop_front() {
            Some(call) => Poll::Ready(call),
            None => {
                script.awaited_calls = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    fn require(&self, states: &[State]) {
        let state = self.state();
        assert!(states.contains(&state), "the socket is {state:?}");
    }

    /// Changes the script, then reports and wakes when nothing is locked any more.
    fn change<R>(&self, change: impl FnOnce(&mut Script) -> R) -> R {
        let mut script = self.lock();
        let result = change(&mut script);
        let events = script.events.take();
        let others = script.take_others();
        drop(script);
        let woken = events.into_iter().chain(others);
        trace::gathered(Span::none()).report_then(|| woken.for_each(Waker::wake));
        result
    }

    fn call<R>(&self, call: impl FnOnce(&mut Script) -> Result<R, Error>) -> Result<R, Error> {
        self.change(|script| match script.refusal.take() {
            Some(error) => Err(error),
            None => call(script),
        })
    }

    fn next(&self, waiting: Option<&Waker>) -> Poll<Option<Event>> {
        let mut script = self.lock();
        let event = script.next_event();
        let next = match event {
            Some(event) => Poll::Ready(Some(event)),
            None if script.session.is_over() => Poll::Ready(None),
            None => {
                if let Some(waker) = waiting {
                    script.events = Some(waker.clone());
                }
                Poll::Pending
            }
        };
        let others = script.take_others();
        drop(script);
        trace::gathered(Span::none()).report_then(|| others.into_iter().for_each(Waker::wake));
        next
    }
}

#[cfg(test)]
mod tests;
