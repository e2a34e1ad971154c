//! An established connection: tungstenite over the wire, and the way to its end.
//!
//! ```text
//!         the peer's close frame       all is written        our direction ended
//! Open ─────────────────────────▶ Flush ─────────▶ Shutdown ─────────▶ Linger ─▶ over
//!  │  or a violation by the peer    │                 │    a client ▶ over  │
//!  │                                └── write fails ──┴─── close limit ─────┴▶ over
//!  ├── the transport ends or fails, or the peer is silent ▶ Lost ─ our direction ended ▶ over
//!  └── close limit ▶ over
//! ```
//!
//! A write that fails in `Open` is held back while the peer's last words may still be read.
//!
//! A connection never calls its transport: [`step`](Connection::step) returns the call to make, and
//! [`complete`](Connection::complete) takes its result. In between the driver may be unlocked.

mod close_limit;
mod control;
mod ending;
mod keep_alive;
mod round;
mod write_failure;

use std::io;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::{self, WebSocketConfig};
use bytes::Bytes;
use futures::FutureExt;

use self::close_limit::CloseLimit;
use self::keep_alive::{Due, KeepAliveTimer};
pub(crate) use self::round::Round;
use self::write_failure::WriteFailure;
use super::error::io_error;
use super::event_sink::EventSink;
use super::permessage_deflate::Deflate;
use super::transport::{Role, Transport};
use super::turn::{self, Turn};
use super::wire::decoder::Decoded;
use super::wire::encoder::Write;
use super::wire::port::{Called, Io};
use super::wire::{self, Wire};
use crate::close::Close;
use crate::error::Error;
use crate::event::State;
use crate::keep_alive::IsAnswer;
use crate::message::Message;
use crate::options::Options;
use crate::platform;
use crate::prepared_message::PreparedMessage;
use crate::session::{self, Session, remote_closed};
use crate::trace;

pub(crate) struct Connection {
    stream: WebSocketStream<Wire>,
    role: Role,
    stage: Stage,
    /// Nothing more has wholly arrived.
    is_drained: bool,
    close_limit: CloseLimit,
    /// Writing has failed, and the peer's last words may still be read.
    write_failure: Option<WriteFailure>,
    /// Why the connection is lost.
    loss: Option<Error>,
    keep_alive: Option<KeepAliveTimer>,
    /// Bytes that were written and that the session does not know of: one event for a batch.
    unreported: usize,
    /// Events of the TLS layer.
    sink: Arc<EventSink>,
}

/// How far the end of the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Messages may arrive.
    Open,
    /// The last frame is a close frame: write everything, then end our direction.
    Flush { then_linger: bool },
    /// End our direction.
    Shutdown { then_linger: bool },
    /// Let the peer read our close frame: closing while bytes of it are unread would reset the
    /// connection and take the close frame along.
    Linger,
    /// End our direction, which TLS announces to the peer (RFC 8446 §6.1), before the loss is
    /// reported.
    Lost,
    /// The driver ends it, without waiting for anybody.
    Left,
}

/// The outcome of a step.
pub(crate) enum Step {
    /// There may be events, or another step to go.
    Progress,
    /// The transport is to be called.
    Io(Io),
    /// A mask of the application's generator is needed.
    Mask,
    /// The application has to decide whether this message answers a probe.
    Judge(Box<(Message, IsAnswer)>),
    /// Writing failed, for who only writes.
    Failed(Error),
    /// Nothing more can be done until the waker is woken.
    Pending,
    /// The connection is over, and the session knows it.
    Over,
}

impl Connection {
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        early: Vec<u8>,
        role: Role,
        deflate: Option<Deflate>,
        options: &Options,
        sink: Arc<EventSink>,
    ) -> Connection {
        let wire = Wire::new(transport, early, role, deflate, options);
        let protocol_role = match role {
            Role::Client => protocol::Role::Client,
            Role::Server => protocol::Role::Server,
        };
        // The wire keeps the limits and takes the masks off. Its control frames are in memory, so no
        // buffer is needed before one comes.
        let config = WebSocketConfig::default()
            .read_buffer_size(0)
            .max_frame_size(None)
            .max_message_size(None)
            .accept_unmasked_frames(true);
        let stream = WebSocketStream::from_raw_socket(wire, protocol_role, Some(config))
            .now_or_never()
            .expect("wrapping a stream does not wait");
        Connection {
            stream,
            role,
            stage: Stage::Open,
            is_drained: false,
            close_limit: CloseLimit::default(),
            write_failure: None,
            loss: None,
            keep_alive: options.get_keep_alive().cloned().map(KeepAliveTimer::new),
            unreported: 0,
            sink,
        }
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    pub(crate) fn wire(&self) -> &Wire {
        self.stream.get_ref()
    }

    pub(crate) fn wire_mut(&mut self) -> &mut Wire {
        self.stream.get_mut()
    }

    /// Queues a message.
    pub(crate) fn send(&mut self, message: Message) {
        let (opcode, payload) = wire::payload(message);
        self.wire_mut().encoder.push_message(opcode, payload);
    }

    /// Queues a message that other connections send as well.
    pub(crate) fn send_prepared(&mut self, prepared: &PreparedMessage) {
        let (opcode, payload) = wire::payload(prepared.message().clone());
        let encoder = &mut self.wire_mut().encoder;
        encoder.push_prepared(opcode, payload, prepared);
    }

    /// Queues a part of a message.
    pub(crate) fn send_part(&mut self, part: Message, is_last: bool) -> Result<(), Error> {
        let (opcode, payload) = wire::payload(part);
        let queued = self.wire_mut().encoder.push_part(opcode, payload, is_last);
        queued.map_err(|_| Error::invalid_input("the parts of the text are not UTF-8"))
    }

    /// Queues a ping.
    pub(crate) fn ping(&mut self, payload: Bytes) {
        self.wire_mut().encoder.push_control(wire::PING, payload);
    }

    /// Delivers a message that was judged, unless it is the answer to a probe.
    pub(crate) fn judged(&mut self, session: &mut Session, message: Message, is_answer: bool) {
        match &mut self.keep_alive {
            Some(keep_alive) if is_answer => keep_alive.answered(),
            _ => session.message(message),
        }
    }

    /// Advances until something from outside is needed.
    pub(crate) fn step(
        &mut self,
        session: &mut Session,
        options: &Options,
        round: &mut Round,
        turn: &mut Turn,
        cx: &mut Context<'_>,
    ) -> Step {
        if session.state() == State::Closing && !self.close_limit.has_begun() {
            self.close_limit.begin(options.get_timeouts().get_close());
        }
        self.queue_due_close(session);
        if round.may_read(session)
            && let Some(step) = self.decode(session, turn)
        {
            return step;
        }
        if turn.is_over() {
            return Step::Progress;
        }
        match self.stage {
            Stage::Open => self.step_open(session, round, cx),
            Stage::Flush { then_linger } => self.step_flush(session, round, cx, then_linger),
            Stage::Lost => Step::Io(Io::Close),
            Stage::Left => Step::Pending,
            Stage::Shutdown { .. } if !round.is_write_blocked => Step::Io(Io::Close),
            Stage::Linger if !round.is_read_blocked => self.read_and_drop(),
            Stage::Shutdown { .. } | Stage::Linger => self.keep_close_limit(session, cx),
        }
    }

    /// Takes the result of a call of the transport.
    pub(crate) fn complete(
        &mut self,
        io: Io,
        called: Called,
        session: &mut Session,
        round: &mut Round,
        turn: &mut Turn,
    ) -> Step {
        turn.spend(turn::CALL);
        let events = self.sink.take_events();
        if self.stage == Stage::Lost {
            return self.tell_loss(events, session);
        }
        if !events.is_empty() {
            session.tell(events);
        }
        match io {
            Io::Write | Io::Flush => {
                self.complete_write(io, called.moved, session, round, turn);
                if let Some(flushed) = called.flushed {
                    turn.spend(turn::CALL);
                    self.complete_write(Io::Flush, flushed, session, round, turn);
                }
                Step::Progress
            }
            Io::Read => self.complete_read(called.moved, session, round, turn),
            Io::Close => match (called.moved, self.stage) {
                (Poll::Ready(Ok(_)), Stage::Shutdown { then_linger: true }) => {
                    self.stage = Stage::Linger;
                    Step::Progress
                }
                (Poll::Ready(_), Stage::Shutdown { .. }) => self.over(session),
                _ => {
                    round.is_write_blocked = true;
                    Step::Progress
                }
            },
        }
    }

    /// Writes once, where that is the next step. True when all is written by it.
    pub(crate) fn write_first(
        &mut self,
        session: &mut Session,
        round: &mut Round,
        cx: &mut Context<'_>,
    ) -> bool {
        let is_open = self.stage == Stage::Open && self.write_failure.is_none();
        if !is_open || self.wire_mut().encoder.next_write() != Write::Bytes {
            return false;
        }
        let Some(called) = self.wire_mut().poll(Io::Write, cx) else {
            return false;
        };
        if let Poll::Ready(Ok(bytes)) = called.moved
            && let Some(Poll::Ready(Ok(_))) = called.flushed
        {
            self.wire_mut().encoder.wrote(Poll::Ready(bytes));
            self.wire_mut().encoder.flushed();
            self.unreported += bytes;
            return true;
        }
        self.complete(Io::Write, called, session, round, &mut Turn::unlimited());
        false
    }

    /// Queues the close frame, or the echo of the peer's, when the session owes it.
    pub(crate) fn queue_due_close(&mut self, session: &mut Session) {
        if session.take_due_close()
            && let Some(close) = session.closed()
        {
            trace::close_queued(close.code());
            self.wire_mut().push_close(close);
        }
    }

    /// Hands the next thing that has arrived to the session; `None` when there is none.
    fn decode(&mut self, session: &mut Session, turn: &mut Turn) -> Option<Step> {
        if self.is_drained || self.stage != Stage::Open {
            return None;
        }
        let decoded = self.wire_mut().decoder.next(turn);
        self.tell(decoded, session, turn)
    }

    /// The next message that has wholly arrived, for who takes it at once. What else arrives before
    /// it is left with the session, and then there is none.
    pub(crate) fn next_message(
        &mut self,
        session: &mut Session,
        turn: &mut Turn,
    ) -> Option<Message> {
        if self.is_drained || self.stage != Stage::Open || self.awaited_answer().is_some() {
            return None;
        }
        let decoder = &mut self.wire_mut().decoder;
        if let Some(message) = decoder.next_whole(turn) {
            return Some(message);
        }
        match decoder.next(turn) {
            Some(Decoded::Message(message)) => Some(message),
            decoded => {
                self.tell(decoded, session, turn);
                None
            }
        }
    }

    fn awaited_answer(&self) -> Option<IsAnswer> {
        self.keep_alive
            .as_ref()
            .and_then(KeepAliveTimer::awaited_answer)
    }

    fn tell(
        &mut self,
        decoded: Option<Decoded>,
        session: &mut Session,
        turn: &Turn,
    ) -> Option<Step> {
        match decoded {
            Some(Decoded::Message(message)) => match self.awaited_answer() {
                Some(is_answer) => return Some(Step::Judge(Box::new((message, is_answer)))),
                None => session.message(message),
            },
            Some(Decoded::Frame(frame)) => session.frame(frame),
            Some(Decoded::Control) => self.read_control(session),
            Some(Decoded::Close(close)) => {
                self.read_control(session);
                trace::close_received(close.as_ref().map(Close::code));
                session.peer_closed(close);
                // The server ends its direction first and waits for the client's end, as long as
                // the closing handshake may take (RFC 6455 §7.1.1).
                self.stage = Stage::Flush {
                    then_linger: self.role == Role::Server,
                };
            }
            None if turn.is_over() => {}
            None => {
                self.is_drained = true;
                let violation = self.wire().decoder.violation().cloned()?;
                let close = Close::new(violation.code, &*violation.reason);
                let error = Error::new(violation.kind(), violation.reason);
                self.violated(session, error, close);
            }
        }
        Some(Step::Progress)
    }

    fn step_open(
        &mut self,
        session: &mut Session,
        round: &mut Round,
        cx: &mut Context<'_>,
    ) -> Step {
        if self.write_failure.is_none()
            && let Some(step) = self.step_write(session, round)
        {
            return step;
        }
        if round.may_read(session) && !round.is_read_blocked {
            return Step::Io(Io::Read);
        }
        if let Some(error) = round.write_error.take() {
            self.write_failure = Some(WriteFailure::new(io_error(error)));
        }
        if let Some(failure) = &mut self.write_failure {
            return match failure.poll(round, cx) {
                // Nobody reads who would find out more.
                Poll::Ready(error) if round.read_ahead.is_some() => Step::Failed(error),
                Poll::Ready(error) => self.lost(session, error),
                Poll::Pending => Step::Pending,
            };
        }
        match self.close_limit.poll(cx) {
            Poll::Ready(()) if round.reads_first(session) => {
                round.read_before_limit();
                Step::Progress
            }
            Poll::Ready(()) => self.timed_out(session),
            Poll::Pending => self.keep_alive(session, round, cx),
        }
    }

    /// Writes, and lets the session know; `None` when there is no more to be done.
    fn step_write(&mut self, session: &mut Session, round: &mut Round) -> Option<Step> {
        if !round.is_write_blocked {
            match self.wire_mut().encoder.next_write() {
                Write::Bytes => return Some(Step::Io(Io::Write)),
                Write::Flush => return Some(Step::Io(Io::Flush)),
                Write::Mask => return Some(Step::Mask),
                Write::Nothing => {}
            }
        }
        self.report_written(session).then_some(Step::Progress)
    }

    /// Reports to the session what was written; false if there was nothing new.
    pub(crate) fn report_written(&mut self, session: &mut Session) -> bool {
        let written = mem::take(&mut self.unreported);
        session.bytes_written(written);
        session.set_messages_written(self.wire().encoder.messages_written());
        written > 0
    }

    /// The last frame is queued.
    fn step_flush(
        &mut self,
        session: &mut Session,
        round: &mut Round,
        cx: &mut Context<'_>,
        then_linger: bool,
    ) -> Step {
        if self.write_failure.is_none()
            && let Some(step) = self.step_write(session, round)
        {
            return step;
        }
        let failure = self.write_failure.take().map(WriteFailure::into_error);
        if let Some(error) = failure.or_else(|| round.write_error.take().map(io_error)) {
            // Nobody is left to read our close frame; the peer's has been read.
            return self.cut_off(session, error);
        }
        if self.wire().encoder.is_empty() {
            trace::shutting_down();
            self.stage = Stage::Shutdown { then_linger };
            return Step::Progress;
        }
        // A peer that writes, and reads only when that is done, gets on.
        if then_linger && !round.is_read_blocked {
            return self.read_and_drop();
        }
        self.keep_close_limit(session, cx)
    }

    /// Reads, and discards what arrives.
    fn read_and_drop(&mut self) -> Step {
        self.wire_mut().decoder.discard();
        Step::Io(Io::Read)
    }

    fn complete_write(
        &mut self,
        io: Io,
        result: Poll<io::Result<usize>>,
        session: &Session,
        round: &mut Round,
        turn: &mut Turn,
    ) {
        match result {
            Poll::Ready(Ok(0)) if io == Io::Write => {
                round.write_error = Some(io::ErrorKind::WriteZero.into());
                round.is_write_blocked = true;
            }
            Poll::Ready(Ok(bytes)) if io == Io::Write => {
                let is_close_written = self.wire().encoder.is_close_written();
                self.wire_mut().encoder.wrote(Poll::Ready(bytes));
                round.written += bytes;
                self.unreported += bytes;
                turn.spend(bytes);
                if session.state() == State::Closing && !is_close_written {
                    self.close_limit.begin_anew();
                }
            }
            Poll::Ready(Ok(_)) => self.wire_mut().encoder.flushed(),
            Poll::Ready(Err(error)) => {
                round.write_error = Some(error);
                round.is_write_blocked = true;
            }
            Poll::Pending => {
                self.wire_mut().encoder.wrote(Poll::Pending);
                round.is_write_blocked = true;
            }
        }
    }

    fn complete_read(
        &mut self,
        result: Poll<io::Result<usize>>,
        session: &mut Session,
        round: &mut Round,
        turn: &mut Turn,
    ) -> Step {
        if result.is_pending() {
            round.is_read_blocked = true;
            return Step::Progress;
        }
        if self.stage != Stage::Open {
            return match result {
                Poll::Ready(Ok(bytes @ 1..)) if !self.close_limit.read(bytes) => Step::Progress,
                _ if self.stage == Stage::Linger => self.over(session),
                // It may go on taking what is queued for it.
                _ => {
                    round.is_read_blocked = true;
                    Step::Progress
                }
            };
        }
        match result {
            Poll::Ready(Ok(bytes @ 1..)) => {
                turn.spend(bytes);
                self.is_drained = false;
                if let Some(keep_alive) = &mut self.keep_alive {
                    keep_alive.heard(platform::now());
                }
                if self.close_limit.read(bytes) {
                    return self.timed_out(session);
                }
                Step::Progress
            }
            Poll::Ready(Err(error)) => self.lost(session, io_error(error)),
            _ => self.lost(session, remote_closed()),
        }
    }

    /// Asks a silent peer whether it is still there, once all that has arrived is read.
    fn keep_alive(
        &mut self,
        session: &mut Session,
        round: &mut Round,
        cx: &mut Context<'_>,
    ) -> Step {
        let in_parts = self.wire().encoder.has_open_message();
        if session.state() != State::Connected {
            return Step::Pending;
        }
        let reads_first = round.reads_first(session);
        let Some(keep_alive) = &mut self.keep_alive else {
            return Step::Pending;
        };
        let now = platform::now();
        match keep_alive.poll(cx) {
            Poll::Pending => return Step::Pending,
            Poll::Ready(Due::GiveUp) if reads_first => {
                round.read_before_limit();
            }
            Poll::Ready(Due::GiveUp) if round.is_read_blocked => {
                trace::gave_up("the answer of a silent peer");
                return self.lost(session, session::keep_alive::silent());
            }
            // The silence is ours: nobody takes what was read.
            Poll::Ready(Due::GiveUp) => keep_alive.heard(now),
            Poll::Ready(Due::Ping(payload)) => self.ping(payload),
            Poll::Ready(Due::Probe(_)) if in_parts => keep_alive.postpone(now),
            Poll::Ready(Due::Probe(message)) => {
                let (opcode, payload) = wire::payload(message);
                self.wire_mut().encoder.push_probe(opcode, payload);
            }
        }
        round.is_write_blocked = false;
        Step::Progress
    }

    /// Returns whether nothing is left to be written.
    pub(crate) fn is_flushed(&self) -> bool {
        self.wire().encoder.is_empty()
    }
}
