//! A socket whose network is a test.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::{CloseStage, Session, check_ping, remote_closed};
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::{Facts, Info};
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::limits::Limits;
use crate::options::{Options, check_read_buffer_size};
use crate::request::Request;
use crate::socket::WebSocket;

/// A [`WebSocket`] without a network: the test says what happens, and reads what was called.
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
/// [told otherwise](Self::with_features).
#[derive(Clone, Debug, Default)]
pub struct ScriptedSocket(Arc<Mutex<Script>>);

/// A call of the application that a [`ScriptedSocket`] has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call {
    /// [`open`](WebSocket::open).
    Open(Request),
    /// [`close`](WebSocket::close).
    Close(Close),
    /// [`abort`](WebSocket::abort).
    Abort,
    /// [`send`](WebSocket::send) or [`send_prepared`](WebSocket::send_prepared).
    Send(Message),
    /// [`send_part`](WebSocket::send_part).
    SendPart {
        /// What was sent.
        part: Message,
        /// Whether the message ends with it.
        is_last: bool,
    },
    /// [`ping`](WebSocket::ping).
    Ping(Bytes),
}

#[derive(Debug)]
struct Script {
    session: Session,
    options: Options,
    features: Features,
    info: Info,
    calls: VecDeque<Call>,
    refusal: Option<Error>,
    /// What waits to be written, and whether a message ends with it.
    queue: VecDeque<(Message, bool)>,
    written: Vec<Message>,
    /// Why not all was written.
    cut_off: Option<Error>,
    is_silent: bool,
    is_stalled: bool,
    events: Option<Waker>,
    flushes: Vec<Waker>,
    awaited_calls: Option<Waker>,
}

impl ScriptedSocket {
    /// A socket without a connection.
    pub fn new() -> ScriptedSocket {
        ScriptedSocket::default()
    }

    /// A socket that is connected already, and tells no event of it.
    pub fn connected() -> ScriptedSocket {
        let socket = ScriptedSocket::new();
        socket.lock().session = Session::accepted();
        socket
    }

    /// With these options, of which the bound of the [write queue](Options::write_queue) counts;
    /// the others are only [told](WebSocket::options).
    pub fn with_options(self, options: Options) -> ScriptedSocket {
        self.set_options(options);
        self
    }

    /// With these features alone, such as those of a browser, which are
    /// [none](Features::NONE). What needs another is refused with
    /// [`Unsupported`](ErrorKind::Unsupported). Default: [`Features::ALL`].
    pub fn with_features(self, features: Features) -> ScriptedSocket {
        self.lock().features = features;
        self
    }

    /// Changes the [options](Self::with_options).
    pub fn set_options(&self, options: Options) {
        self.lock().options = options;
    }

    /// What [`info`](WebSocket::info) tells from now on. [`Negotiated`](crate::Negotiated) makes one:
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

    /// Whether the peer leaves a close frame unanswered, so that the state stays
    /// [`Closing`](State::Closing) until [`close_by_peer`](Self::close_by_peer) or
    /// [`lose`](Self::lose). Default: no.
    pub fn set_silent(&self, is_silent: bool) {
        self.lock().is_silent = is_silent;
    }

    /// Whether the peer takes nothing, so that a [flush](WebSocket::poll_flush) waits. Default: no.
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

    /// Tells an event as it is, such as a [`Frame`](Event::Frame) or a [`Pong`](Event::Pong). The
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

    /// Writes so many of the messages that wait.
    pub fn write(&self, messages: usize) {
        self.change(|script| script.write(messages));
    }

    /// What was written so far, on all connections.
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

    /// Changes the script, and wakes whoever waits when nothing is locked any more.
    fn change<R>(&self, change: impl FnOnce(&mut Script) -> R) -> R {
        let mut script = self.lock();
        let result = change(&mut script);
        let events = script.events.take();
        let others = script.take_others();
        drop(script);
        events.into_iter().chain(others).for_each(Waker::wake);
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
        others.into_iter().for_each(Waker::wake);
        next
    }
}

impl Script {
    fn take_others(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        if !self.calls.is_empty() {
            wakers.extend(self.awaited_calls.take());
        }
        if self.is_flushed() {
            wakers.append(&mut self.flushes);
        }
        wakers
    }

    /// Whether a flush has nothing to wait for.
    fn is_flushed(&self) -> bool {
        self.queue.is_empty() || !self.is_stalled
    }

    fn next_event(&mut self) -> Option<Event> {
        let event = self.session.next_event();
        self.say_goodbye();
        event.or_else(|| self.session.next_event())
    }

    /// Once the application came back behind `AboutToClose`, the close frame goes out behind what
    /// is queued.
    fn say_goodbye(&mut self) {
        if self.is_stalled || !self.session.take_due_close() {
            return;
        }
        self.write(usize::MAX);
        if self.session.peer_close().is_some() {
            return self.finish();
        }
        if !self.is_silent {
            let answer = self.session.closed().cloned();
            self.session.peer_closed(answer);
            self.finish();
        }
    }

    fn close_by_peer(&mut self, close: Close) {
        self.session.peer_closed(Some(close));
        if self.session.close_stage == CloseStage::Sent {
            self.finish();
        }
    }

    fn fail(&mut self, error: Error) {
        match self.session.state() {
            State::Connecting => self.session.failed(error),
            _ => self.session.lost(error),
        }
        self.cut_off();
    }

    fn finish(&mut self) {
        self.session.finished();
        self.cut_off();
    }

    fn cut_off(&mut self) {
        if !mem::take(&mut self.queue).is_empty() {
            let told = self.session.error().cloned();
            self.cut_off = Some(told.unwrap_or_else(remote_closed));
        }
    }

    fn write(&mut self, messages: usize) {
        let count = messages.min(self.queue.len());
        let mut whole = self.session.messages_written();
        for (message, is_last) in self.queue.drain(..count) {
            self.session.bytes_written(message.len());
            whole += u64::from(is_last);
            self.written.push(message);
        }
        self.session.set_messages_written(whole);
    }

    fn flush(&mut self) -> Result<bool, Error> {
        self.session.make_close_due();
        let has_written = !self.is_stalled && !self.queue.is_empty();
        if !self.is_stalled {
            self.write(usize::MAX);
        }
        self.say_goodbye();
        match &self.cut_off {
            Some(error) => Err(error.clone()),
            None => Ok(has_written),
        }
    }

    fn queue(&mut self, message: Message, is_last: bool) -> Result<usize, Error> {
        self.session.check_sendable()?;
        let length = message.len();
        let queued = self.queued();
        let is_over = |bound| !self.queue.is_empty() && queued.saturating_add(length) > bound;
        if self.options.get_write_queue().is_some_and(is_over) {
            return Err(ErrorKind::QueueFull.into());
        }
        self.queue.push_back((message, is_last));
        Ok(length)
    }

    fn queued(&self) -> usize {
        self.queue.iter().map(|(message, _)| message.len()).sum()
    }

    fn check(&self, required: Features) -> Result<(), Error> {
        self.options
            .check_missing(required.difference(self.features))
    }

    /// What is still connected when it is opened anew.
    fn leave(&mut self) {
        match self.session.state() {
            State::Unconnected => return,
            State::Connecting => {
                self.session.abort();
                return;
            }
            _ => {}
        }
        let close = Close::new(CloseCode::GOING_AWAY, "Connection closed");
        self.session.begin_close(close);
        self.write(usize::MAX);
        self.session.finished();
    }

    fn open(&mut self, request: Request) -> Result<(), Error> {
        let target = request.check()?;
        self.check(request.required(&target))?;
        let info = Info::from(Facts {
            request_url: target.without_userinfo(),
            resource_name: target.path_and_query.to_owned(),
            ..Facts::default()
        });
        self.leave();
        self.info = info;
        self.cut_off = None;
        self.session.open();
        self.calls.push_back(Call::Open(request));
        Ok(())
    }

    fn close(&mut self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        match self.session.state() {
            State::Connecting => self.abort(),
            _ => {
                self.session.begin_close(close.clone());
            }
        }
        self.calls.push_back(Call::Close(close));
        Ok(())
    }

    fn abort(&mut self) {
        self.session.abort();
        self.cut_off();
    }
}

impl Default for Script {
    fn default() -> Script {
        Script {
            session: Session::default(),
            options: Options::default(),
            features: Features::ALL,
            info: Info::default(),
            calls: VecDeque::new(),
            refusal: None,
            queue: VecDeque::new(),
            written: Vec::new(),
            cut_off: None,
            is_silent: false,
            is_stalled: false,
            events: None,
            flushes: Vec::new(),
            awaited_calls: None,
        }
    }
}

impl WebSocket for ScriptedSocket {
    fn open(&self, request: Request) -> Result<(), Error> {
        self.call(|script| script.open(request))
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        self.call(|script| script.close(close))
    }

    fn abort(&self) {
        self.change(|script| {
            script.abort();
            script.calls.push_back(Call::Abort);
        });
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        self.call(|script| {
            let length = script.queue(message.clone(), true)?;
            script.calls.push_back(Call::Send(message));
            Ok(length)
        })
    }

    fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.call(|script| {
            script.check(Features::PARTS)?;
            let length = script.queue(part.clone(), is_last)?;
            script.calls.push_back(Call::SendPart { part, is_last });
            Ok(length)
        })
    }

    fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        self.call(|script| {
            script.check(Features::PING)?;
            script.session.check_sendable()?;
            script.calls.push_back(Call::Ping(payload));
            Ok(())
        })
    }

    fn try_flush(&self) -> Result<bool, Error> {
        self.change(Script::flush)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.change(|script| {
            let flushed = script.flush();
            if flushed.is_ok() && !script.is_flushed() {
                script.flushes.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(flushed.map(drop))
        })
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.next(Some(cx.waker()))
    }

    fn try_next_event(&self) -> Option<Event> {
        match self.next(None) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    fn bytes_to_write(&self) -> usize {
        self.lock().queued()
    }

    fn messages_written(&self) -> u64 {
        self.lock().session.messages_written()
    }

    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        self.call(|script| {
            if bytes.is_some() {
                script.check(Features::READ_BUFFER)?;
            }
            script.options = script.options.clone().read_buffer_size(bytes);
            Ok(())
        })
    }

    fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        self.call(|script| {
            script.check(limits.required())?;
            script.options = script.options.clone().limits(limits);
            Ok(())
        })
    }

    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        self.call(|script| match generator {
            Some(_) => script.check(Features::MASKS),
            None => Ok(()),
        })
    }

    fn state(&self) -> State {
        self.lock().session.state()
    }

    fn info(&self) -> Info {
        self.lock().info.clone()
    }

    fn last_error(&self) -> Option<Error> {
        self.lock().session.error().cloned()
    }

    fn closed(&self) -> Option<Close> {
        self.lock().session.closed().cloned()
    }

    fn peer_close(&self) -> Option<Close> {
        self.lock().session.peer_close().cloned()
    }

    fn options(&self) -> Options {
        self.lock().options.clone()
    }

    fn features(&self) -> Features {
        self.lock().features
    }
}

#[cfg(test)]
mod tests;
