mod keep_alive;
mod waiting;

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use super::message_data::TooLarge;
use super::raw_socket::{Attached, Bounds, RawSocket, TimerKind};
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::State;
use crate::message::Message;
use crate::session::keep_alive::KeepAliveState;
use crate::session::{self, Session};
use bytestring::ByteString;

/// How long `AboutToClose` waits for an application that does not poll: time for the next turn of
/// a frame loop. Then the close frame goes out.
const GRACE: Duration = Duration::from_millis(100);

const GOODBYE: ByteString = ByteString::from_static("Attached closed");

/// In place of 1009, which a browser does not send.
const TOO_LARGE: u16 = 4009;

/// A session and the connection that feeds it.
#[derive(Debug)]
pub(crate) struct Core<W: RawSocket> {
    pub(crate) session: Session,
    pub(crate) options: W::Options,
    /// There is one unless the session is `Unconnected`.
    connection: Option<Attached<W>>,
    /// The wire of this connection or else the last one, which still tells of it.
    wire: Option<Rc<W>>,
    /// What was in the browser's buffer when it was last asked, and what was sent since.
    unwritten: usize,
    /// What was sent on this connection, and where in it the messages end that are not written.
    sent: u64,
    ends: VecDeque<u64>,
    /// What the browser told with its last `error`.
    failure: Option<String>,
    /// [`TimerKind::Open`], [`TimerKind::Failing`] or [`TimerKind::Close`].
    deadline: Option<W::Timer>,
    grace: Option<W::Timer>,
    drain: Option<W::Timer>,
    keep_alive: Option<KeepAliveState>,
    keep_alive_timer: Option<W::Timer>,
    /// A probe that is due.
    probe: Option<Message>,
    event_waiter: Option<Waker>,
    flush_waiter: Option<Waker>,
}

impl<W: RawSocket> Core<W> {
    pub(crate) fn new(options: W::Options) -> Core<W> {
        Core {
            session: Session::default(),
            options,
            connection: None,
            wire: None,
            unwritten: 0,
            sent: 0,
            ends: VecDeque::new(),
            failure: None,
            deadline: None,
            grace: None,
            drain: None,
            keep_alive: None,
            keep_alive_timer: None,
            probe: None,
            event_waiter: None,
            flush_waiter: None,
        }
    }

    /// Replaces the old connection by a new one.
    pub(crate) fn open(&mut self, connection: Attached<W>) {
        self.leave();
        self.session.open();
        self.wire = Some(connection.wire().clone());
        self.connection = Some(connection);
        self.deadline = self.later(TimerKind::Open, self.options.open_limit());
    }

    /// A timer is over.
    pub(crate) fn timer_fired(&mut self, timer: TimerKind) {
        match timer {
            TimerKind::Open => {
                self.session.failed(ErrorKind::TimedOut.into());
                self.let_go(None);
            }
            TimerKind::Failing => self.ended(false, CloseCode::ABNORMAL.into()),
            TimerKind::Close => self.leave(),
            // An application that has `AboutToClose` may take its time.
            TimerKind::Grace if self.session.check_sendable().is_ok() => {}
            TimerKind::Grace => self.session.make_close_due(),
            TimerKind::Drain => {
                self.drain = None;
                self.count_written();
                self.watch_buffer();
            }
            TimerKind::Pulse => self.step(),
        }
    }

    pub(crate) fn opened(&mut self) {
        self.deadline = None;
        self.session.connected();
        self.start_heartbeat();
    }

    /// Takes a message, unless it is too large with what waits already. True when it is told.
    pub(crate) fn admit(
        &mut self,
        waiting: usize,
        message: impl FnOnce(usize) -> Result<Message, TooLarge>,
    ) -> bool {
        if self.session.error().is_some() {
            // What is behind a message that was refused.
            return false;
        }
        let limit = self.options.incoming_message();
        let room = match self.options.receive_queue() {
            Some(bound) => bound.saturating_sub(waiting),
            None => usize::MAX,
        };
        match message(limit.min(room)) {
            Ok(message) if self.hear_peer(&message) => false,
            Ok(message) => {
                self.session.message(message);
                true
            }
            Err(TooLarge) => {
                self.refuse(match room < limit {
                    true => "receive queue over the limit",
                    false => "message over the limit",
                });
                false
            }
        }
    }

    /// What is behind the refused message stays with the browser, which delivers nothing once
    /// `close()` was called (WebSockets §4).
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
        self.deadline = self.later(TimerKind::Failing, Some(Duration::ZERO));
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
        self.deadline = self.later(TimerKind::Close, self.options.close_limit());
        self.grace = self.later(TimerKind::Grace, Some(GRACE));
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
        self.sent = 0;
        self.unwritten = 0;
        self.failure = None;
        self.deadline = None;
        self.grace = None;
        self.drain = None;
        self.keep_alive = None;
        self.keep_alive_timer = None;
        self.probe = None;
        if let Some(connection) = self.connection.take() {
            connection.let_go(close);
        }
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

    fn later(&self, timer: TimerKind, delay: Option<Duration>) -> Option<W::Timer> {
        let wire = self.connection.as_ref()?.wire();
        wire.later(timer, delay?)
    }
}
