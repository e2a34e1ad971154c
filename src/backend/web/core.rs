//! A [`Session`] over the platform's socket.
//!
//! # States
//!
//! | state | connection | timers | ends by |
//! |---|---|---|---|
//! | `Unconnected` | none; the wire of the last one still tells of it | none | [`open`](Core::open) |
//! | `Connecting` | wire and listeners | `Open`; `Failing` after an `error` | [`opened`](Core::opened): `Connected`; `ended`, `abort` or a timer: `Unconnected` |
//! | `Connected` | wire and listeners | `KeepAlive` with one | [`close`](Core::close) or a message that is refused: `Closing`; `ended`, `abort`, `leave` or `KeepAlive`: `Unconnected` |
//! | `Closing` | wire and listeners | `Close`; `Grace` | [`ended`](Core::ended), `abort`, `leave` or `Close`: `Unconnected` |
//!
//! In `Closing` the wire's `close()` is called once [`CloseStage`](crate::session) is `Due`: the
//! application comes back behind `AboutToClose`, or `Grace` is over, or the page leaves. `Drain`
//! runs besides, while somebody waits for the buffer.

mod waiting;

use std::collections::VecDeque;
use std::rc::Rc;

use super::keep_alive::Watch;
use super::message_data::Unfit;
use super::raw_socket::{Attached, Bounds, RawSocket, TimerKind};
use super::wakers::Wakers;
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::State;
use crate::message::Message;
use crate::platform::web::clock::now_ms;
use crate::session::limit::Limit;
use crate::session::{self, Session};
use bytestring::ByteString;

/// How long `AboutToClose` waits for an application that does not poll: time for the next turn of
/// a frame loop. Then the close frame goes out.
const GRACE_MS: f64 = 100.0;

const GOODBYE: ByteString = ByteString::from_static("Connection closed");

/// In place of 1009, which a browser does not send.
const TOO_LARGE: u16 = 4009;

/// A session and the connection that feeds it.
pub(crate) struct Core<W: RawSocket> {
    pub(crate) session: Session,
    pub(crate) options: Box<W::Options>,
    /// Counts connections that began or ended.
    attachments: u32,
    /// There is one unless the session is `Unconnected`.
    connection: Option<Attached<W>>,
    /// The wire of this connection, or of the last one for its facts.
    wire: Option<Rc<W>>,
    /// The bytes in the browser's buffer at the last look, and those sent since.
    unwritten: usize,
    /// The bytes sent on this connection, and where in them the unwritten messages end.
    sent: u64,
    ends: VecDeque<u64>,
    /// The reason of the browser's last `error`.
    failure: Option<String>,
    /// [`TimerKind::Open`], [`TimerKind::Failing`] or [`TimerKind::Close`].
    deadline: Option<W::Timer>,
    /// That of `deadline`.
    limit: Option<Limit<f64>>,
    grace: Option<W::Timer>,
    /// The page goes, maybe for ever: nothing may wait for a timer.
    is_leaving: bool,
    drain: Option<W::Timer>,
    /// How often a timer has looked at the buffer since a message was sent or a flush began.
    pauses: u32,
    /// Until when every task looks at the buffer, in the browser's milliseconds.
    every_task_until: f64,
    /// How to come back in the next task: a pointer, so that a program that never flushes does not
    /// load its code.
    next_task: Option<fn(&W, TimerKind) -> W::Timer>,
    /// There is room again in a buffer that was filled.
    has_room: bool,
    /// Why not all was written.
    cut_off: Option<Error>,
    keep_alive: Option<Rc<dyn Watch<W::Connection>>>,
    events: Wakers,
    flushes: Wakers,
}

/// The bytes that may arrive.
#[derive(Clone, Copy)]
pub(crate) struct Admission {
    attachments: u32,
    message: usize,
    room: usize,
}

impl Admission {
    pub(crate) fn limit(self) -> usize {
        self.message.min(self.room)
    }
}

impl<W: RawSocket> Core<W> {
    pub(crate) fn new(options: Box<W::Options>) -> Core<W> {
        Core {
            session: Session::default(),
            options,
            attachments: 0,
            connection: None,
            wire: None,
            unwritten: 0,
            sent: 0,
            ends: VecDeque::new(),
            failure: None,
            deadline: None,
            limit: None,
            grace: None,
            is_leaving: false,
            drain: None,
            pauses: 0,
            every_task_until: 0.0,
            next_task: None,
            has_room: false,
            cut_off: None,
            keep_alive: None,
            events: Wakers::default(),
            flushes: Wakers::default(),
        }
    }

    /// Replaces the old connection by a new one.
    pub(crate) fn open(&mut self, connection: Attached<W>) {
        self.leave();
        self.session.open();
        self.cut_off = None;
        self.attach(connection);
        self.start_limit(TimerKind::Open, self.options.open_limit());
    }

    /// Begins with a connection that is already open, without events for its opening.
    pub(crate) fn accepted(&mut self, connection: Attached<W>) {
        self.session = Session::accepted();
        self.attach(connection);
        self.keep_alive = self.options.keep_alive();
    }

    fn attach(&mut self, connection: Attached<W>) {
        self.wire = Some(connection.wire().clone());
        self.attachments += 1;
        self.connection = Some(connection);
    }

    fn start_limit(&mut self, timer: TimerKind, ms: f64) {
        self.limit = Some(Limit::new(ms, now_ms()));
        self.deadline = self.later(timer, ms);
    }

    /// A timer is over, but for that of the keep-alive.
    pub(crate) fn timer_fired(&mut self, timer: TimerKind) {
        match timer {
            TimerKind::Open | TimerKind::Close => self.judge(timer),
            TimerKind::Failing => self.ended(false, CloseCode::ABNORMAL.into()),
            // An application that has `AboutToClose` may take its time.
            TimerKind::Grace if self.session.check_sendable().is_ok() => {}
            TimerKind::Grace => self.session.make_close_due(),
            TimerKind::Drain => {
                self.drain = None;
                self.count_written();
                self.watch_buffer();
            }
            TimerKind::KeepAlive => {}
        }
    }

    /// Ends the connection, unless its time limit has begun anew or the timer came late.
    fn judge(&mut self, timer: TimerKind) {
        // A peer that takes something gets its time again.
        self.count_written();
        let now = now_ms();
        if let Some(due) = self.limit.as_mut().and_then(|limit| limit.look(now)) {
            self.deadline = self.later(timer, due - now);
            return;
        }
        if self.session.state() == State::Connecting {
            self.session.failed(ErrorKind::TimedOut.into());
            return self.let_go(None);
        }
        if self.unwritten > 0 {
            self.session.report(session::peer_takes_no_more());
        }
        self.leave();
    }

    /// The page goes, or is frozen: no timer may run any more, so there is no time for last words.
    pub(crate) fn page_leaves(&mut self) {
        self.is_leaving = true;
        self.session.make_close_due();
    }

    /// The page is back. Nobody could be heard meanwhile.
    pub(crate) fn page_returns(&mut self) {
        self.is_leaving = false;
        let now = now_ms();
        if let Some(limit) = &mut self.limit {
            limit.restart(now);
        }
        if let Some(keep_alive) = &self.keep_alive {
            keep_alive.resumed();
        }
    }

    pub(crate) fn opened(&mut self) {
        self.deadline = None;
        self.limit = None;
        self.session.connected();
        self.keep_alive = self.options.keep_alive();
    }

    /// The bytes of a message that may arrive now, besides `waiting` bytes that the application has
    /// not taken; none behind a message that was refused.
    pub(crate) fn admission(&self, waiting: usize) -> Option<Admission> {
        if self.session.error().is_some() {
            return None;
        }
        Some(Admission {
            attachments: self.attachments,
            message: self.options.incoming_message(),
            room: match self.options.receive_queue() {
                Some(bound) => bound.saturating_sub(waiting),
                None => usize::MAX,
            },
        })
    }

    /// Takes a message, or refuses one that does not fit. True if it is delivered.
    pub(crate) fn admit(
        &mut self,
        admission: Admission,
        message: Result<Message, Unfit>,
        is_answer: bool,
    ) -> bool {
        if admission.attachments != self.attachments {
            // The handler of the message has ended the connection.
            return false;
        }
        let is_told = match message {
            Ok(message) => {
                if !is_answer {
                    self.session.message(message);
                }
                !is_answer
            }
            Err(why) => {
                self.refuse(match why {
                    Unfit::NoMemory => "no memory for the message",
                    Unfit::TooLarge if admission.room < admission.message => {
                        "receive queue over the limit"
                    }
                    Unfit::TooLarge => "message over the limit",
                });
                false
            }
        };
        // Behind the message, which is told first.
        self.count_written();
        is_told
    }

    /// Returns whether a message that fits would be delivered, without other effects.
    #[cfg(feature = "__npm")]
    pub(crate) fn only_tells(&self) -> bool {
        self.session.state() == State::Connected
            && !self.session.has_events()
            && self.session.error().is_none()
            && self.unwritten == 0
            && self.keep_alive.is_none()
    }

    /// Refuses a message. Those behind it are dropped by the browser, which delivers nothing after
    /// `close()` (WebSockets §4).
    fn refuse(&mut self, why: &'static str) {
        let error = Error::new(ErrorKind::TooLarge, why);
        if self
            .session
            .violated(error, Close::new(TOO_LARGE, ByteString::from_static(why)))
        {
            self.start_closing();
        }
        self.session.make_close_due();
    }

    /// A `close` follows in the same task (WebSockets §4), and that is what counts. Only Node 22
    /// leaves it out when the connection did not come about.
    pub(crate) fn failing(&mut self, why: Option<String>) {
        self.failure = why.filter(|why| !why.is_empty());
        self.start_limit(TimerKind::Failing, 0.0);
    }

    pub(crate) fn ended(&mut self, clean: bool, close: Close) {
        self.count_written();
        // The browser has let go of these, too.
        self.ends.clear();
        match self.session.state() {
            State::Unconnected => {}
            State::Connecting => {
                let why = self.failure.take();
                let why = why.unwrap_or_else(|| "a browser does not tell why".to_owned());
                let why = "the connection failed: ".to_owned() + &why;
                self.session.failed(Error::new(ErrorKind::Connection, why));
            }
            _ if clean => {
                self.session.peer_closed(Some(close));
                self.session.finished();
            }
            // Maybe just the browser's own time limit of the closing handshake.
            State::Closing => self.session.finished(),
            State::Connected => self.session.lost(session::remote_closed()),
        }
        self.let_go(None);
    }

    pub(crate) fn close(&mut self, close: Close) {
        if self.session.state() == State::Connecting {
            self.abort();
        } else if self.session.begin_close(close) {
            self.start_closing();
        }
    }

    fn start_closing(&mut self) {
        self.start_limit(TimerKind::Close, self.options.close_limit());
        if self.is_leaving {
            self.session.make_close_due();
        } else {
            self.grace = self.later(TimerKind::Grace, GRACE_MS);
        }
    }

    pub(crate) fn abort(&mut self) {
        if self.session.abort() {
            self.let_go(None);
        }
    }

    /// Ends the connection in the politest way that needs no waiting.
    pub(crate) fn leave(&mut self) {
        match self.session.state() {
            State::Unconnected => return,
            State::Connecting => return self.abort(),
            _ => {}
        }
        // Natively 1001, which a browser does not send.
        let close = Close::new(CloseCode::NORMAL, GOODBYE);
        self.session.begin_close(close);
        self.session.make_close_due();
        let close = match self.session.take_due_close() {
            true => self.session.closed().cloned(),
            false => None,
        };
        self.session.finished();
        self.let_go(close.as_ref());
    }

    fn let_go(&mut self, close: Option<&Close>) {
        // The browser may still write what it has.
        let messages = self.session.messages_written() + self.ends.len() as u64;
        self.session.set_messages_written(messages);
        self.ends.clear();
        if self.unwritten > 0 {
            self.cut_off = self.session.error().cloned();
        }
        self.sent = 0;
        self.unwritten = 0;
        self.failure = None;
        self.deadline = None;
        self.limit = None;
        self.grace = None;
        self.drain = None;
        self.keep_alive = None;
        if let Some(connection) = self.connection.take() {
            self.attachments += 1;
            connection.let_go(close);
        }
    }

    /// The connection ends without a closing handshake.
    pub(crate) fn lost(&mut self, error: Error) {
        self.count_written();
        self.session.lost(error);
        self.let_go(None);
    }

    /// The keep-alive of this connection.
    pub(crate) fn keep_alive(&self) -> Option<Rc<dyn Watch<W::Connection>>> {
        self.keep_alive.clone()
    }

    pub(crate) fn take_due_close(&mut self) -> Option<(Rc<W>, Close)> {
        if !self.session.take_due_close() {
            return None;
        }
        let wire = self.connection.as_ref()?.wire().clone();
        Some((wire, self.session.closed()?.clone()))
    }

    /// The wire of this connection or else the last one.
    pub(crate) fn wire(&self) -> Option<&W> {
        self.wire.as_deref()
    }

    pub(crate) fn later(&self, timer: TimerKind, ms: f64) -> Option<W::Timer> {
        self.connection.as_ref()?.wire().later(timer, ms)
    }
}
