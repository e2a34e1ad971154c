//! The state machine of reconnecting: when to connect, when to wait, what to report. It has no
//! clock and calls no code.
//!
//! ```text
//!             it is time          there is a request
//!   Waiting ─────────────► Asking ──────────────────► Attached ◄─┐
//!    ▲  ▲ │                  │                          │  │  │  │ greeted
//!    │  │ │ set_online       │ there is none            │  │  └──┘
//!    │  │ ▼                  ▼                          │  │ own close
//!    │  Offline           Deciding ◄────────────────────┘  ▼
//!    │                     │    │    the socket has ended  Over
//!    └─────────────────────┘    └────────────────────────► Over ──► Waiting
//!         try again                give up          reconnect_now
//! ```
//!
//! `close` and `abort` lead from everywhere to `Over`; `Attached` passes the socket's end on before.
//! While attempts are not wanted, `Offline` stands for `Waiting`.
//!
//! A [`Step`] is what has to be called: the socket, or a closure of the application's. Whoever does
//! it ([`Driver`](super::driver::Driver)) has let go of the core meanwhile, so what is called may
//! call back, and what it answers may come too late: each answer is checked against the stage.

mod loss;

use std::collections::VecDeque;
use std::mem;
use std::task::Waker;
use std::time::Duration;

use super::backoff::Backoff;
use super::ending::Ending;
use super::event::{Notice, ReconnectEvent};
use super::hinted::Hinted;
use super::link::Payload;
use super::outbox::Outbox;
use crate::close::Close;
use crate::error::Error;
use crate::event::Event;
use crate::platform::Hint;

pub(crate) struct Core<M> {
    backoff: Backoff,
    pub(super) outbox: Outbox<M>,
    stage: Stage,
    /// The application does not want attempts now.
    is_offline: bool,
    /// The platform thinks that there is no network.
    seems_offline: bool,
    hinted: Hinted,
    /// The application wanted an attempt while `decide` was being called.
    is_hurried: bool,
    /// The server wants no attempt before this time.
    not_before: Duration,
    /// Attempts in a row that were refused in a way that does not change by itself.
    refusals: u32,
    /// Events that the application has not taken.
    events: VecDeque<Notice<M>>,
    /// An order for the socket, left for the task that is calling it.
    order: Option<Order>,
    /// There is something to hand over, or an order.
    has_work: bool,
    /// The task that waits for events.
    waker: Option<Waker>,
    /// Tasks that found another one at work.
    contenders: Vec<Waker>,
    /// Tasks to wake once the core is unlocked.
    woken: Vec<Waker>,
}

enum Stage {
    /// For the next attempt; until it is due.
    Waiting(Duration),
    /// For the next attempt, however long.
    Offline,
    /// For the request of an attempt.
    Asking,
    /// The socket has events.
    Attached(Attachment),
    /// For the verdict on an ending.
    Deciding(Ending),
    Over,
}

#[derive(Default)]
struct Attachment {
    connected_at: Option<Duration>,
    /// The greetings are made.
    is_greeted: bool,
    /// No other connection will follow.
    is_last: bool,
    /// Our close came before the peer's, so that the peer's is the answer to it.
    awaits_answer: bool,
}

/// The next action.
pub(super) enum Step<M> {
    Tell(Notice<M>),
    /// Carry out what other tasks left to be done.
    Obey,
    /// Call the closure for the request of this attempt, or poll its future.
    Ask(u32),
    /// Call the closure for the greetings.
    Greet,
    /// Call the closure for the verdict.
    Decide(Ending),
    /// Poll the socket.
    Drive,
    /// Call nothing before this time.
    Wait(Option<Duration>),
    End,
}

/// An order for the socket.
pub(super) enum Order {
    Close(Close),
    Abort,
}

/// How the socket's connection ended.
pub(super) struct Detached {
    pub(super) error: Option<Error>,
    pub(super) close: Option<Close>,
    pub(super) peer_close: Option<Close>,
}

impl Detached {
    /// It never was.
    pub(super) fn failed(error: Error) -> Detached {
        Detached {
            error: Some(error),
            close: None,
            peer_close: None,
        }
    }
}

impl<M: Payload> Core<M> {
    pub(super) fn new(backoff: Backoff, outbox: Outbox<M>) -> Core<M> {
        Core {
            backoff,
            outbox,
            stage: Stage::Waiting(Duration::ZERO),
            is_offline: false,
            seems_offline: false,
            hinted: Hinted::default(),
            is_hurried: false,
            not_before: Duration::ZERO,
            refusals: 0,
            events: VecDeque::new(),
            order: None,
            has_work: false,
            waker: None,
            contenders: Vec::new(),
            woken: Vec::new(),
        }
    }

    /// Returns the next action at the time `now`.
    pub(super) fn step(&mut self, now: Duration) -> Step<M> {
        if self.has_work {
            return Step::Obey;
        }
        match &self.stage {
            Stage::Deciding(ending) => return Step::Decide(ending.clone()),
            Stage::Attached(it) if it.connected_at.is_some() && !it.is_greeted => {
                return Step::Greet;
            }
            Stage::Waiting(until) if self.events.is_empty() && now >= *until => self.begin(),
            _ => {}
        }
        if let Some(event) = self.events.pop_front() {
            return Step::Tell(event);
        }
        match self.stage {
            Stage::Waiting(until) => Step::Wait(Some(until)),
            Stage::Offline => Step::Wait(None),
            Stage::Asking => Step::Ask(self.backoff.attempt()),
            Stage::Over => Step::End,
            Stage::Attached(_) | Stage::Deciding(_) => Step::Drive,
        }
    }

    /// Returns whether no event will come by itself any more.
    #[allow(dead_code)] // The npm package has no streams.
    pub(crate) fn is_over(&self) -> bool {
        self.events.is_empty() && matches!(self.stage, Stage::Over)
    }

    pub(super) fn accept(&mut self, message: M) -> Result<u64, Error> {
        if self.is_ending() {
            return Err(Error::wrong_state("there will be no further connection"));
        }
        let events = &mut self.events;
        let before = events.len();
        let number = self.outbox.push(message, |number, message| {
            events.push_back(Notice::Dropped(number, message));
        })?;
        if self.events.len() > before {
            self.wake();
        }
        self.has_work = true;
        Ok(number)
    }

    pub(crate) fn acknowledge(&mut self, number: u64) {
        self.outbox.acknowledge(number);
    }

    pub(crate) fn unwritten(&self) -> usize {
        self.outbox.len()
    }

    pub(crate) fn take_unsent(&mut self) -> VecDeque<(u64, M)> {
        self.outbox.take_all()
    }

    /// There will be no further connection. Whether there is one that has to be closed.
    pub(super) fn end(&mut self, peer_is_silent: bool) -> bool {
        self.wake();
        self.has_work = true;
        let Stage::Attached(it) = &mut self.stage else {
            self.stage = Stage::Over;
            return false;
        };
        it.is_last = true;
        it.awaits_answer = peer_is_silent;
        true
    }

    /// The socket refused to close: nothing changed.
    pub(super) fn go_on(&mut self) {
        if let Stage::Attached(it) = &mut self.stage {
            it.is_last = false;
        }
    }

    /// Leaves it to the task that is calling the socket.
    pub(super) fn order(&mut self, order: Order, peer_is_silent: bool) {
        if self.end(peer_is_silent) {
            self.order = Some(order);
        }
    }

    pub(super) fn take_order(&mut self) -> Option<Order> {
        self.has_work = false;
        self.order.take()
    }

    pub(super) fn has_work(&self) -> bool {
        self.has_work
    }

    pub(super) fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asking)
    }

    pub(crate) fn reconnect_now(&mut self) {
        match &mut self.stage {
            Stage::Waiting(until) => *until = Duration::ZERO,
            Stage::Over => {
                self.backoff.reset();
                self.refusals = 0;
                self.wait_until(Duration::ZERO);
            }
            Stage::Deciding(_) => self.is_hurried = true,
            Stage::Offline | Stage::Asking | Stage::Attached(_) => return,
        }
        self.wake();
    }

    pub(crate) fn set_online(&mut self, online: bool) {
        self.is_offline = !online;
        match self.stage {
            Stage::Offline if online => self.stage = Stage::Waiting(self.not_before),
            Stage::Waiting(_) if !online => self.wait_until(Duration::ZERO),
            _ => return,
        }
        self.wake();
    }

    /// The platform may be wrong, so a hint only moves the next attempt.
    pub(crate) fn take_hint(&mut self, hint: Hint, now: Duration) {
        let Stage::Waiting(until) = &mut self.stage else {
            self.seems_offline = hint.seems_offline(self.seems_offline);
            return self.hinted.hear(hint, now);
        };
        self.seems_offline = hint.seems_offline(self.seems_offline);
        let not_before = self.not_before;
        if hint == Hint::Offline {
            *until = now.saturating_add(self.backoff.maximum).max(not_before);
        } else {
            *until = self.hinted.hasten(*until, now.max(not_before));
        }
    }

    fn begin(&mut self) {
        let attempt = self.backoff.attempt();
        self.not_before = Duration::ZERO;
        self.tell(ReconnectEvent::Connecting { attempt });
        self.stage = Stage::Asking;
    }

    /// There is a request. Whether it is still wanted: then the socket is about to be opened.
    pub(super) fn attach(&mut self) -> bool {
        let is_wanted = matches!(self.stage, Stage::Asking);
        if is_wanted {
            self.stage = Stage::Attached(Attachment::default());
        }
        is_wanted
    }

    /// Takes an event of the socket; returns what to report now, unless it waits behind the
    /// greetings.
    pub(super) fn hear(&mut self, event: Event, now: Duration) -> Option<Notice<M>> {
        let is_connected = matches!(event, Event::Connected);
        let event = ReconnectEvent::Socket(event);
        match &mut self.stage {
            Stage::Attached(it) if is_connected => it.connected_at = Some(now),
            _ => return Some(event.into()),
        }
        self.seems_offline = false;
        self.hinted.clear();
        self.refusals = 0;
        self.tell(event);
        None
    }

    pub(super) fn greet(&mut self, greetings: Vec<M>) {
        if let Stage::Attached(it) = &mut self.stage {
            it.is_greeted = true;
            self.outbox.connected(greetings);
        }
    }

    /// Returns whether the socket may be given messages.
    pub(super) fn hands_over(&self) -> bool {
        matches!(&self.stage, Stage::Attached(it) if it.is_greeted)
    }

    fn wait_until(&mut self, until: Duration) {
        if self.is_offline {
            self.tell(ReconnectEvent::Offline);
            self.stage = Stage::Offline;
        } else {
            self.stage = Stage::Waiting(until);
        }
    }

    fn is_ending(&self) -> bool {
        match &self.stage {
            Stage::Attached(it) => it.is_last,
            stage => matches!(stage, Stage::Over),
        }
    }

    fn tell(&mut self, event: ReconnectEvent) {
        self.events.push_back(event.into());
    }

    /// Another task waits for events, or the same with another waker. The one before is returned,
    /// to be dropped when the core is let go of.
    pub(super) fn wait(&mut self, waker: Waker) -> Option<Waker> {
        self.waker.replace(waker)
    }

    pub(super) fn waiting(&self) -> Option<&Waker> {
        self.waker.as_ref()
    }

    /// This task found another one at work.
    pub(super) fn contend(&mut self, waker: Waker) {
        self.contenders.push(waker);
    }

    /// The task that was at work is done.
    pub(super) fn wake_contenders(&mut self) {
        self.woken.append(&mut self.contenders);
    }

    fn wake(&mut self) {
        self.woken.extend(self.waker.take());
    }

    pub(super) fn take_woken(&mut self) -> Vec<Waker> {
        mem::take(&mut self.woken)
    }
}
