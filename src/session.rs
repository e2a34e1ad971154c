//! The state machine of a socket: states, the order of events, the bookkeeping of the closing
//! handshake, ping times, as Qt has them. It has no I/O, no clock and no target; both backends feed
//! it, so both behave alike.
//!
//! ```text
//!               open               connected               begin_close
//! Unconnected ───────▶ Connecting ───────────▶ Connected ───────────────▶ Closing
//!   ▲  ▲  ▲      failed, abort │                   │      peer_closed        │
//!   │  │  └────────────────────┘    lost, abort    │      violated           │
//!   │  └───────────────────────────────────────────┘                         │
//!   └────────────────────────────────────────────────────────────────────────┘
//!                              finished, lost, abort
//! ```
//!
//! Within `Closing` the close frame waits until the application has seen `AboutToClose` and comes
//! back for the next event, or flushes: Queued ▶ Delivered ▶ Due ▶ Sent.

pub(crate) mod keep_alive;
pub(crate) mod limit;
pub(crate) mod scripted;

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use bytes::Bytes;

use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::message::Message;
use crate::trace;

/// More pings than this without a pong: the oldest is forgotten.
const MAX_PINGS: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Session {
    state: State,
    events: VecDeque<Event>,
    error: Option<Error>,
    close: Option<Close>,
    peer_close: Option<Close>,
    close_stage: CloseStage,
    pings: Vec<(Bytes, Duration)>,
    /// Payload bytes of the messages in `events`.
    waiting: usize,
    messages_written: u64,
}

/// How far the connection's `AboutToClose` has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CloseStage {
    #[default]
    None,
    /// It waits in the queue.
    Queued,
    /// The application has it, and may send a last message.
    Delivered,
    /// The application came back: the close frame may be queued.
    Due,
    /// The close frame was handed out.
    Sent,
}

impl Session {
    /// A session that is connected from the start, without events.
    pub(crate) fn accepted() -> Session {
        Session {
            state: State::Connected,
            // Mostly one event waits at a time.
            events: VecDeque::with_capacity(2),
            ..Session::default()
        }
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    pub(crate) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    pub(crate) fn closed(&self) -> Option<&Close> {
        self.close.as_ref()
    }

    /// The peer's own close frame.
    pub(crate) fn peer_close(&self) -> Option<&Close> {
        self.peer_close.as_ref()
    }

    /// Bytes of messages that the application has not taken.
    #[allow(dead_code)] // Where reading can stop, nothing piles up.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(crate) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether an event waits that tells more than what was written.
    #[allow(dead_code)] // Not every backend writes for others than who waits.
    pub(crate) fn has_news(&self) -> bool {
        let is_news = |event: &Event| !matches!(event, Event::BytesWritten(_));
        self.events.iter().any(is_news)
    }

    /// Lets go of room for events, when there are none.
    #[cfg(feature = "__npm")]
    #[allow(dead_code)] // Not every backend has such a core.
    pub(crate) fn rest(&mut self) {
        if self.events.is_empty() {
            self.events = VecDeque::new();
        }
    }

    /// Returns whether no event will come before the next connection.
    pub(crate) fn is_over(&self) -> bool {
        self.state == State::Unconnected && self.events.is_empty()
    }

    /// Hands out the next event. Coming back for it ends the time for last words.
    pub(crate) fn next_event(&mut self) -> Option<Event> {
        if self.close_stage == CloseStage::Delivered {
            self.close_stage = CloseStage::Due;
        }
        let event = self.events.pop_front()?;
        match &event {
            Event::AboutToClose if self.close_stage == CloseStage::Queued => {
                self.close_stage = CloseStage::Delivered;
            }
            Event::Message(message) => self.waiting -= message.len(),
            _ => {}
        }
        Some(event)
    }

    /// Checks that a message or a ping can be queued.
    pub(crate) fn check_sendable(&self) -> Result<(), Error> {
        match self.state {
            State::Connected => Ok(()),
            State::Closing if self.close_stage == CloseStage::Delivered => Ok(()),
            State::Closing => Err(Error::wrong_state("the connection is closing")),
            State::Connecting => Err(Error::wrong_state("not connected yet")),
            State::Unconnected => Err(Error::wrong_state("not connected")),
        }
    }

    /// Returns whether the close frame, or the echo of the peer's, may be queued now; true once.
    pub(crate) fn take_due_close(&mut self) -> bool {
        let due = self.close_stage == CloseStage::Due;
        if due {
            self.close_stage = CloseStage::Sent;
        }
        due
    }

    /// Ends the time for last words: the application flushes or goes.
    pub(crate) fn make_close_due(&mut self) {
        if matches!(self.close_stage, CloseStage::Queued | CloseStage::Delivered) {
            self.close_stage = CloseStage::Due;
        }
    }

    /// A new connection begins. What the last one left is forgotten, but not its events.
    pub(crate) fn open(&mut self) {
        debug_assert_eq!(self.state, State::Unconnected);
        self.error = None;
        self.close = None;
        self.peer_close = None;
        self.close_stage = CloseStage::None;
        self.pings.clear();
        self.messages_written = 0;
        self.set_state(State::Connecting);
    }

    /// The opening handshake succeeded.
    pub(crate) fn connected(&mut self) {
        self.set_state(State::Connected);
        self.events.push_back(Event::Connected);
    }

    /// Queues events from below that concern the application only: a question, an alert.
    #[allow(dead_code)] // Not every backend has something to tell.
    pub(crate) fn tell(&mut self, events: impl IntoIterator<Item = Event>) {
        self.events.extend(events);
    }

    /// The connection did not come about.
    pub(crate) fn failed(&mut self, error: Error) {
        self.report(error);
        self.set_state(State::Unconnected);
        self.events.push_back(Event::Disconnected);
    }

    /// The application closes. False when there is nothing to do.
    pub(crate) fn begin_close(&mut self, close: Close) -> bool {
        if self.state != State::Connected {
            return false;
        }
        self.close = Some(close);
        self.start_closing();
        true
    }

    /// The peer's close frame arrived. True when it was the first word of the closing handshake,
    /// so that an echo is owed; else it answers ours, and what we said stays, as in Qt.
    pub(crate) fn peer_closed(&mut self, close: Option<Close>) -> bool {
        let close = close.unwrap_or_else(|| CloseCode::NO_STATUS.into());
        self.peer_close = Some(close.clone());
        self.begin_close(close)
    }

    /// The peer broke the rules and is sent `close`. True if that close frame is still to be
    /// queued.
    pub(crate) fn violated(&mut self, error: Error, close: Close) -> bool {
        self.report(error);
        self.begin_close(close)
    }

    /// The transport ended without a closing handshake.
    pub(crate) fn lost(&mut self, error: Error) {
        self.report(error);
        self.broken();
    }

    /// The same, once the error is reported.
    pub(crate) fn broken(&mut self) {
        self.close = Some(CloseCode::ABNORMAL.into());
        self.finished();
    }

    /// The closing handshake is over, or its time is.
    pub(crate) fn finished(&mut self) {
        self.set_state(State::Unconnected);
        self.events.push_back(Event::ReadFinished);
        self.events.push_back(Event::Disconnected);
    }

    /// Withdraws pending questions about the opening, and the events that they are about: no answer
    /// is awaited any more.
    #[allow(dead_code)] // Not every backend asks.
    pub(crate) fn withdraw_questions(&mut self) {
        self.events.retain(|event| {
            !matches!(
                event,
                Event::Authenticate(_)
                    | Event::ProxyAuthenticate(_)
                    | Event::HandshakeInterrupted(_)
                    | Event::PeerVerifyError(_)
                    | Event::TlsErrors(_)
            )
        });
    }

    /// Ends the connection, or the making of it, at once. False when there is none.
    pub(crate) fn abort(&mut self) -> bool {
        if self.state == State::Unconnected {
            return false;
        }
        if self.close_stage == CloseStage::None {
            self.events.push_back(Event::AboutToClose);
        }
        self.close_stage = CloseStage::Sent;
        self.close = Some(CloseCode::ABNORMAL.into());
        self.finished();
        true
    }

    /// A message arrived.
    pub(crate) fn message(&mut self, message: Message) {
        self.waiting += message.len();
        self.events.push_back(Event::Message(message));
    }

    /// A ping was queued at the time `now`.
    #[allow(dead_code)] // Not every backend has pings.
    pub(crate) fn ping(&mut self, payload: Bytes, now: Duration) {
        if self.pings.len() == MAX_PINGS {
            // Not `remove`, whose panic brings the formatting of numbers into a wasm.
            let mut is_oldest = true;
            self.pings.retain(|_| !mem::take(&mut is_oldest));
        }
        self.pings.push((payload, now));
    }

    /// A pong arrived at the time `now`. It answers the oldest ping with its payload.
    #[allow(dead_code)] // As above.
    pub(crate) fn pong(&mut self, payload: Bytes, now: Duration) {
        let mut elapsed = None;
        self.pings.retain(|(sent, at)| {
            let is_answered = elapsed.is_none() && *sent == payload;
            if is_answered {
                elapsed = Some(now.saturating_sub(*at));
            }
            !is_answered
        });
        self.events.push_back(Event::Pong { elapsed, payload });
    }

    /// Bytes went to the transport. Those that nobody has asked for yet are added up.
    pub(crate) fn bytes_written(&mut self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        if let Some(Event::BytesWritten(sum)) = self.events.back_mut() {
            *sum += bytes;
        } else {
            self.events.push_back(Event::BytesWritten(bytes));
        }
    }

    /// Messages of this connection that were written wholly.
    pub(crate) fn messages_written(&self) -> u64 {
        self.messages_written
    }

    pub(crate) fn set_messages_written(&mut self, messages: u64) {
        self.messages_written = messages;
    }

    /// A frame arrived that the application wants to see.
    #[allow(dead_code)] // Not every backend sees frames.
    pub(crate) fn frame(&mut self, frame: crate::Frame) {
        self.events.push_back(Event::Frame(frame));
    }

    /// A failure that does not end the connection by itself.
    pub(crate) fn report(&mut self, error: Error) {
        trace::error(&error);
        self.error = Some(error.clone());
        self.events.push_back(Event::Error(error));
    }

    fn start_closing(&mut self) {
        self.events.push_back(Event::AboutToClose);
        self.close_stage = CloseStage::Queued;
        self.set_state(State::Closing);
    }

    fn set_state(&mut self, state: State) {
        trace::state(state);
        self.state = state;
        self.events.push_back(Event::StateChanged(state));
    }
}

/// Checks that a ping may carry this payload (RFC 6455 §5.5). Qt would cut it; losing bytes
/// silently is worse.
pub(crate) fn check_ping(payload: &[u8]) -> Result<(), Error> {
    const MAX_PING: usize = 125;
    if payload.len() <= MAX_PING {
        return Ok(());
    }
    Err(Error::invalid_input(
        "the payload of a ping is over 125 bytes (RFC 6455 §5.5)",
    ))
}

/// The error of a connection that ended without a closing handshake.
pub(crate) fn remote_closed() -> Error {
    ErrorKind::RemoteClosed.into()
}

/// The error of a closing handshake that ends while the peer leaves what was queued.
pub(crate) fn peer_takes_no_more() -> Error {
    let why = "the peer took no more within the time limit of closing";
    Error::new(ErrorKind::TimedOut, why)
}

#[cfg(test)]
#[path = "session/tests.rs"]
mod tests;
