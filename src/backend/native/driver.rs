//! A session and what carries it. Whoever polls the socket drives it, whatever is waited for.
//!
//! ```text
//!        start                     attempt succeeds
//! Idle ─────────▶ Connecting ──────────────────────▶ Open
//!  ▲                  │ fails, abort                    │ over, lost, abort, leave
//!  └──────────────────┴─────────────────────────────────┘
//! ```
//!
//! The driver itself calls nobody: what is the application's, or may be, is called by
//! [`Driving`](super::driving::Driving) while the driver is not locked. As long as something is lent
//! for that, nobody else drives; whoever tried is woken afterwards.

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
use crate::trace::Span;

pub(crate) struct Driver {
    pub(crate) session: Session,
    pub(crate) phase: Phase,
    pub(crate) options: Options,
    pub(crate) info: Info,
    /// The connection's place in its listener.
    pub(crate) seat: Option<Seat>,
    /// What is done for whoever polls, since `Pending` was last returned.
    pub(crate) turn: Turn,
    /// A task waits for events.
    pub(crate) is_awaited: bool,
    /// Tasks wait for the queue to be written.
    pub(crate) is_flushed_for: bool,
    /// Whether the transport is the application's code, which is not called with the lock held.
    pub(crate) calls_unlocked: bool,
    /// Something of the phase is lent to be called.
    is_lent: bool,
    /// Somebody wanted to drive meanwhile.
    is_wanted: bool,
    /// Counts phases, so that what is lent finds out whether it still belongs here.
    generation: u64,
    /// Why accepted messages of the last connection were thrown away.
    discarded: Option<Error>,
    /// What is to follow once the driver is not locked.
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

/// What a step of the driver led to.
pub(crate) enum Step {
    Idle,
    /// The attempt to connect is to be polled.
    Attempt,
    Connection(connection::Step),
    /// Somebody else drives.
    Lent,
}

/// What follows when the driver is unlocked: it calls code of others.
#[derive(Default)]
pub(crate) struct Effects {
    wake_events: bool,
    wake_flushes: bool,
    trash: Vec<Trash>,
}

/// What is over, and may hold a transport or a question of the application.
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

    /// Goes on as far as that takes nothing from outside.
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

    /// Something of this phase is going to be called while the driver is not locked.
    pub(crate) fn lend(&mut self) -> u64 {
        debug_assert!(!self.is_lent);
        self.is_lent = true;
        self.generation
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.is_lent
    }

    /// It was called. False when the phase it belongs to has ended meanwhile.
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

    /// An attempt to connect is under way.
    pub(crate) fn connecting(&mut self, attempt: Connecting, info: Info) {
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

    /// Who flushes or goes has no last words: the close frame is queued, if the session is closing.
    pub(crate) fn queue_close(&mut self) {
        self.session.make_close_due();
        if let Phase::Open(connection) = &mut self.phase {
            connection.queue_due_close(&mut self.session);
        }
    }

    /// Whether nothing is left to be written, or cannot be any more.
    pub(crate) fn is_flushed(&self) -> bool {
        match &self.phase {
            Phase::Open(connection) => connection.is_flushed(),
            Phase::Idle | Phase::Connecting(_) => true,
        }
    }

    /// What a flush comes to, once nothing is left to be written; the session knows of it then.
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

    /// Whether something follows, once all that was done is done.
    pub(crate) fn has_effects(&mut self) -> bool {
        if self.is_flushed_for && self.is_flushed() {
            self.is_flushed_for = false;
            self.effects.wake_flushes = true;
        }
        !self.effects.is_empty()
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

    /// Tells the session what was written; false when it knows.
    pub(crate) fn report_written(&mut self) -> bool {
        match &mut self.phase {
            Phase::Open(connection) => connection.report_written(&mut self.session),
            Phase::Idle | Phase::Connecting(_) => false,
        }
    }

    /// What is still to be told before the connection ends without waiting for anybody.
    pub(crate) fn leave_connection(&mut self) {
        if let Phase::Open(connection) = &mut self.phase {
            connection.leave(&mut self.session);
        }
    }

    /// The session was told that the connection is over.
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
        if matches!(phase, Phase::Idle) {
            self.span = Span::none();
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
