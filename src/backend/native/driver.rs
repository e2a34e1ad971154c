//! A session and its connection. Polling the socket drives it, whatever is awaited.
//!
//! ```text
//!        start                     attempt succeeds
//! Idle ─────────▶ Connecting ──────────────────────▶ Open
//!  ▲                  │ fails, abort                    │ over, lost, abort, leave
//!  └──────────────────┴─────────────────────────────────┘
//! ```
//!
//! The driver itself calls no foreign code: what is the application's, or may be, is called by
//! [`Driving`](super::driving::Driving) while the driver is not locked. As long as something is
//! lent for that, nobody else drives; whoever tried is woken afterwards.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::connection::{self, Connection, Round};
use super::event_sink::EventSink;
use super::opening::{Connecting, Established};
use super::server::registry::Seat;
use super::transport::{Role, Transport};
use super::turn::Turn;
use super::wakers::Wakers;
use crate::error::{Error, ErrorKind};
use crate::event::State;
use crate::info::Info;
use crate::message::Message;
use crate::options::Options;
use crate::session::Session;
use crate::trace::{self, Span};

pub(crate) struct Driver {
    pub(crate) session: Session,
    pub(crate) phase: Phase,
    pub(crate) options: Options,
    pub(crate) info: Info,
    /// The connection's place in its listener.
    pub(crate) seat: Option<Seat>,
    /// The work done since `Pending` was last returned.
    pub(crate) turn: Turn,
    /// A task waits for events.
    pub(crate) is_awaited: bool,
    /// Tasks wait for the queue to be written.
    pub(crate) is_flushed_for: bool,
    /// Whether the transport is the application's code, which is not called with the lock held.
    pub(crate) calls_unlocked: bool,
    /// A part of the phase is lent out for a call.
    is_lent: bool,
    /// Another task tried to drive meanwhile, and is woken afterwards.
    is_wanted: bool,
    /// Counts phases, so that what is lent finds out whether it still belongs here.
    generation: u64,
    /// Why accepted messages of the last connection were thrown away.
    discarded: Option<Error>,
    /// Runs after the driver is unlocked.
    pub(crate) effects: Effects,
    /// Of the connection, or of the attempt at one.
    pub(crate) span: Span,
}

pub(crate) enum Phase {
    Idle,
    /// The attempt; `None` while it is lent.
    Connecting(Option<Connecting>),
    Open(Box<Connection>),
}

/// The outcome of a step of the driver.
pub(crate) enum Step {
    Idle,
    /// The attempt to connect is to be polled.
    Attempt,
    Connection(connection::Step),
    /// Another task is driving.
    Lent,
}

/// Calls of foreign code (wakers, drops), deferred until the driver is unlocked.
#[derive(Default)]
pub(crate) struct Effects {
    wake_events: bool,
    wake_flushes: bool,
    trash: Vec<Trash>,
}

/// Values to drop after unlocking, since they may hold a transport or a question of the
/// application.
#[allow(dead_code)] // They are kept to be dropped.
pub(crate) enum Trash {
    Attempt(Connecting),
    Connection(Box<Connection>),
    Transport(Box<dyn Transport>),
    /// Wakes the listener.
    Seat(Seat),
}

impl Effects {
    fn is_empty(&self) -> bool {
        !self.wake_events && !self.wake_flushes && self.trash.is_empty()
    }

    /// To be called while nothing is locked.
    pub(crate) fn run(self, wakers: &Wakers) {
        drop(self.trash);
        if self.wake_events {
            wakers.events.wake();
        }
        if self.wake_flushes {
            wakers.flushes.wake();
        }
    }
}

impl Driver {
    pub(crate) fn new(session: Session, phase: Phase, info: Info, options: Options) -> Driver {
        Driver {
            session,
            phase,
            options,
            info,
            seat: None,
            turn: Turn::new(),
            is_awaited: false,
            is_flushed_for: false,
            calls_unlocked: false,
            is_lent: false,
            is_wanted: false,
            generation: 0,
            discarded: None,
            effects: Effects::default(),
            span: Span::none(),
        }
    }

    /// Advances until something from outside is needed.
    pub(crate) fn step(&mut self, round: &mut Round, turn: &mut Turn, waker: &Waker) -> Step {
        if self.is_lent {
            self.is_wanted |= round.waits;
            return Step::Lent;
        }
        match &mut self.phase {
            Phase::Idle => Step::Idle,
            Phase::Connecting(_) => Step::Attempt,
            Phase::Open(connection) => {
                let mut cx = Context::from_waker(waker);
                let session = &mut self.session;
                Step::Connection(connection.step(session, &self.options, round, turn, &mut cx))
            }
        }
    }

    /// Lends a part of this phase for a call while the driver is unlocked.
    pub(crate) fn lend(&mut self) -> u64 {
        debug_assert!(!self.is_lent);
        self.is_lent = true;
        self.generation
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.is_lent
    }

    /// Takes back what was lent. False if its phase has ended meanwhile.
    pub(crate) fn give_back(&mut self, generation: u64) -> bool {
        if self.generation != generation {
            return false;
        }
        self.is_lent = false;
        if mem::take(&mut self.is_wanted) {
            self.effects.wake_events = true;
            self.effects.wake_flushes = true;
        }
        true
    }

    /// An attempt to connect is under way, and what is reported from now on belongs to its span.
    pub(crate) fn connecting(&mut self, attempt: Connecting, info: Info, span: Span) {
        trace::end_group(mem::replace(&mut self.span, span));
        self.session.open();
        self.discarded = None;
        self.info = info;
        self.set_phase(Phase::Connecting(Some(attempt)));
    }

    /// An attempt to connect ended.
    pub(crate) fn connected(&mut self, result: Result<Established, Error>, sink: Arc<EventSink>) {
        match result {
            Ok(established) => {
                let Established { url, route, opened } = established;
                let info = self.info.facts_mut();
                info.request_url = url.to_string();
                info.peer_name = url.host.to_lookup().into_owned();
                info.resource_name = url.target;
                info.subprotocol = opened.subprotocol;
                info.extensions = opened.extensions;
                info.headers = opened.headers;
                info.local_address = route.local_address;
                info.peer_address = route.peer_address;
                info.tls = route.tls;
                let connection = Connection::new(
                    route.transport,
                    opened.early,
                    Role::Client,
                    opened.deflate,
                    &self.options,
                    sink,
                );
                self.set_phase(Phase::Open(Box::new(connection)));
                self.session.connected();
            }
            Err(error) => {
                self.set_phase(Phase::Idle);
                self.session.failed(error);
            }
        }
    }

    /// A message that has arrived, for who takes it at once, where no event waits that comes first.
    pub(crate) fn next_message(&mut self) -> Option<Message> {
        let is_next = self.session.state() == State::Connected && !self.session.has_events();
        if !is_next || self.is_lent || self.turn.is_over() {
            return None;
        }
        let Phase::Open(connection) = &mut self.phase else {
            return None;
        };
        connection.next_message(&mut self.session, &mut self.turn)
    }

    /// The connection, if a payload of this length may be queued.
    pub(crate) fn sendable(&mut self, length: usize) -> Result<&mut Connection, Error> {
        self.session.check_sendable()?;
        let Phase::Open(connection) = &mut self.phase else {
            return Err(ErrorKind::WrongState.into());
        };
        let encoder = &connection.wire().encoder;
        if !encoder.is_empty()
            && let Some(bound) = self.options.get_write_queue()
            && encoder.held() + encoder.wire_size(length) > bound
        {
            return Err(ErrorKind::QueueFull.into());
        }
        Ok(connection)
    }

    pub(crate) fn connection_mut(&mut self) -> Option<&mut Connection> {
        match &mut self.phase {
            Phase::Open(connection) => Some(connection),
            Phase::Idle | Phase::Connecting(_) => None,
        }
    }

    /// Queues the close frame if the session is closing. A flush or a drop ends the time for last
    /// messages.
    pub(crate) fn queue_close(&mut self) {
        self.session.make_close_due();
        if let Phase::Open(connection) = &mut self.phase {
            connection.queue_due_close(&mut self.session);
        }
    }

    /// Returns whether nothing is left to be written, or cannot be any more.
    pub(crate) fn is_flushed(&self) -> bool {
        match &self.phase {
            Phase::Open(connection) => connection.is_flushed(),
            Phase::Idle | Phase::Connecting(_) => true,
        }
    }

    /// The result of a flush, once nothing is left to write; the session has counted it by then.
    pub(crate) fn flushed(&mut self) -> Option<Result<(), Error>> {
        if !self.is_flushed() {
            return None;
        }
        self.report_written();
        Some(match (&self.phase, &self.discarded) {
            (Phase::Idle, Some(error)) => Err(error.clone()),
            _ => Ok(()),
        })
    }

    /// Lets the task that waits for events see what has changed.
    pub(crate) fn wake_events(&mut self) {
        self.effects.wake_events |= mem::take(&mut self.is_awaited);
    }

    /// Returns whether something follows, once all that was done is done.
    pub(crate) fn has_effects(&mut self) -> bool {
        if self.is_flushed_for && self.is_flushed() {
            self.is_flushed_for = false;
            self.effects.wake_flushes = true;
        }
        !self.effects.is_empty()
    }

    /// The span of what was reported under this lock. It ends with the connection.
    pub(crate) fn take_span(&mut self) -> Span {
        match self.phase {
            Phase::Idle => mem::take(&mut self.span),
            Phase::Connecting(_) | Phase::Open(_) => self.span.clone(),
        }
    }

    /// Ends the connection, or the making of it, at once.
    pub(crate) fn abort(&mut self) {
        self.leave_connection();
        self.session.withdraw_questions();
        if self.session.abort() {
            let text = "the connection was aborted before all was written";
            self.end_connection(Error::wrong_state(text));
        }
    }

    /// Reports to the session what was written; false if there was nothing new.
    pub(crate) fn report_written(&mut self) -> bool {
        match &mut self.phase {
            Phase::Open(connection) => connection.report_written(&mut self.session),
            Phase::Idle | Phase::Connecting(_) => false,
        }
    }

    /// Reports what is left to report before the connection is ended at once.
    pub(crate) fn leave_connection(&mut self) {
        if let Phase::Open(connection) = &mut self.phase {
            connection.leave(&mut self.session);
        }
    }

    /// Ends the phase of a connection that the session knows to be over.
    pub(crate) fn end_connection(&mut self, reason: Error) {
        if let Phase::Open(connection) = &self.phase
            && connection.wire().encoder.has_unwritten_messages()
        {
            let told = self.session.error().cloned();
            self.discarded = Some(told.unwrap_or(reason));
        }
        self.set_phase(Phase::Idle);
    }

    /// Nothing that is lent belongs to the phase that begins.
    fn set_phase(&mut self, phase: Phase) {
        self.generation += 1;
        self.is_lent = false;
        if mem::take(&mut self.is_wanted) {
            self.effects.wake_events = true;
            self.effects.wake_flushes = true;
        }
        let trash = &mut self.effects.trash;
        match mem::replace(&mut self.phase, phase) {
            Phase::Idle | Phase::Connecting(None) => {}
            Phase::Connecting(Some(attempt)) => trash.push(Trash::Attempt(attempt)),
            Phase::Open(connection) => {
                trash.push(Trash::Connection(connection));
                trash.extend(self.seat.take().map(Trash::Seat));
            }
        }
    }

    /// To be dropped when the driver is not locked.
    pub(crate) fn throw_away(&mut self, trash: Trash) {
        self.effects.trash.push(trash);
    }
}
