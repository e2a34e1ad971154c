//! The lock around a driver, and the calls that are made while it is not held.
//!
//! What is the application's, or may be, is called between two locks: its transport, mask generator
//! and closures, the wakers of its tasks, and subscribers of `tracing`. So it may call the socket, and
//! a panic in it leaves the driver as it was.

use std::any::Any;
use std::convert::identity;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::FutureExt;

use super::connection::{Connection, Round, Step};
use super::driver::{self, Driver, Phase, Trash};
use super::opening::Connecting;
use super::turn::{self, Turn};
use super::wakers::Wakers;
use super::wire::port::{Io, Unmoved, Writing};
use super::wire::{Lent, ReadBuffer};
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::keep_alive::IsAnswer;
use crate::message::Message;
use crate::platform::unbudgeted;
use crate::trace;

/// A driver, and who waits for it.
pub(crate) struct Shared {
    driver: Mutex<Driver>,
    pub(crate) wakers: Arc<Wakers>,
    /// The waker that transports and timers get.
    waker: Waker,
}

/// A locked driver. What its work leads to, such as waking tasks, follows when it is unlocked.
pub(crate) struct Driving<'a> {
    shared: &'a Shared,
    /// `None` only while something is called without it.
    guard: Option<MutexGuard<'a, Driver>>,
}

/// The outcome of driving.
pub(crate) enum Driven<T> {
    Ready(T),
    /// Nothing can be done before the waker is woken.
    Pending,
    /// There is more to be done, but others have waited long enough.
    Yield,
}

type Panic = Box<dyn Any + Send>;

impl Shared {
    pub(crate) fn new(driver: Driver) -> Shared {
        let wakers = Arc::<Wakers>::default();
        Shared {
            driver: Mutex::new(driver),
            waker: wakers.waker(),
            wakers,
        }
    }

    pub(crate) fn lock(&self) -> Driving<'_> {
        Driving {
            shared: self,
            guard: Some(self.guard()),
        }
    }

    pub(crate) fn close(&self, close: Close) {
        let mut driver = self.lock();
        match driver.session.state() {
            State::Connected => {
                driver.session.begin_close(close);
            }
            State::Connecting => driver.abort(),
            State::Closing | State::Unconnected => return,
        }
        driver.wake_events();
    }

    pub(crate) fn abort(&self) {
        let mut driver = self.lock();
        driver.abort();
        driver.wake_events();
    }

    /// A panic while it is locked is one of ours; events that are queued may still be delivered.
    fn guard(&self) -> MutexGuard<'_, Driver> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Driving<'_> {
    /// The next event; `None` when there will be none. Who does not wait for it only looks.
    pub(crate) fn next_event(&mut self, waits: bool) -> Driven<Option<Event>> {
        if let Some(message) = self.next_message() {
            self.turn.spend(turn::EVENT);
            return Driven::Ready(Some(Event::Message(message)));
        }
        let mut round = Round::for_events();
        round.waits = waits;
        let driven = self.drive(&mut round, |driver, turn| {
            match driver.session.next_event() {
                Some(event) => {
                    turn.spend(turn::EVENT);
                    Some(Some(event))
                }
                None => matches!(driver.phase, Phase::Idle).then_some(None),
            }
        });
        match driven {
            Driven::Ready(event) => Driven::Ready(event.ok().flatten()),
            Driven::Pending => Driven::Pending,
            Driven::Yield => Driven::Yield,
        }
    }

    /// Writes until all is written, and reads ahead meanwhile up to the bound of the options.
    pub(crate) fn flush(&mut self) -> Driven<Result<(), Error>> {
        self.queue_close();
        let mut round = Round::for_writing(self.options.get_read_while_flushing());
        let driven = self.drive(&mut round, |driver, _| driver.flushed());
        if round.written > 0 || self.session.has_events() {
            self.wake_events();
        }
        match driven {
            Driven::Ready(result) => Driven::Ready(result.and_then(identity)),
            Driven::Pending => Driven::Pending,
            Driven::Yield => Driven::Yield,
        }
    }

    /// Writes what was queued in front of nothing, as far as the transport takes it. True when that
    /// is all: the session hears of it once somebody asks for events.
    pub(crate) fn write_first(&mut self) -> bool {
        let mut round = Round::for_writing(0);
        round.waits = false;
        let mut cx = Context::from_waker(&self.shared.waker);
        if !self.calls_unlocked
            && !self.is_lent()
            && let Driver { session, phase, .. } = &mut **self
            && let Phase::Open(connection) = phase
            && unbudgeted(|| connection.write_first(session, &mut round, &mut cx))
        {
            return true;
        }
        // An error is met again by whoever polls.
        let _ = self.write_on(&mut round);
        self.is_flushed() && !self.session.has_news()
    }

    /// Writes all that the transport takes, however long that takes us: the bytes, and the error
    /// that ended it.
    pub(crate) fn write(&mut self) -> (usize, Result<(), Error>) {
        let mut round = Round::for_writing(0);
        round.waits = false;
        self.write_on(&mut round)
    }

    fn write_on(&mut self, round: &mut Round) -> (usize, Result<(), Error>) {
        let turn = mem::replace(&mut self.turn, Turn::unlimited());
        let driven = unbudgeted(|| self.drive(round, |driver, _| driver.flushed()));
        self.turn = turn;
        match driven {
            Driven::Ready(result) => (round.written, result.and_then(identity)),
            Driven::Pending | Driven::Yield => (round.written, Ok(())),
        }
    }

    /// Leaves the connection, or the attempt at one, without waiting: the socket is dropped or
    /// opened anew.
    pub(crate) fn leave(&mut self) {
        match &self.phase {
            Phase::Idle => return,
            Phase::Connecting(_) => return self.abort(),
            Phase::Open(_) => {}
        }
        let close = Close::new(CloseCode::GOING_AWAY, "Connection closed");
        self.session.begin_close(close);
        self.queue_close();
        // Whatever cannot be written at once is lost, and so is an error.
        let _ = self.write();
        if matches!(self.phase, Phase::Open(_)) {
            self.hang_up();
            self.leave_connection();
            self.session.finished();
            let text = "the socket was opened anew before all was written";
            self.end_connection(Error::wrong_state(text));
        }
    }

    /// Ends the connection, or the making of it, at once.
    pub(crate) fn abort(&mut self) {
        self.hang_up();
        (**self).abort();
    }

    /// Ends our direction as far as that does not wait.
    fn hang_up(&mut self) {
        let mut round = Round::for_writing(0);
        let connection = self.connection_mut().map(Connection::begin_leaving);
        if connection.is_some() && !self.is_lent() {
            let mut turn = Turn::unlimited();
            let _ = unbudgeted(|| self.call_transport(Io::Close, &mut round, &mut turn));
        }
    }

    /// Steps until `ready` returns a result, nothing can be done, or the turn is over.
    fn drive<T>(
        &mut self,
        round: &mut Round,
        mut ready: impl FnMut(&mut Driver, &mut Turn) -> Option<T>,
    ) -> Driven<Result<T, Error>> {
        let waker = &self.shared.waker;
        let mut turn = mem::replace(&mut self.turn, Turn::new());
        loop {
            // Written bytes are reported before the turn ends.
            if turn.is_over() && !self.report_written() {
                return Driven::Yield;
            }
            if let Some(result) = ready(self, &mut turn) {
                self.turn = turn;
                return Driven::Ready(Ok(result));
            }
            let step = match self.step(round, &mut turn, waker) {
                driver::Step::Attempt => self.poll_attempt(),
                driver::Step::Connection(step) => step,
                driver::Step::Idle | driver::Step::Lent => Step::Pending,
            };
            let step = match step {
                Step::Io(io) => self.call_transport(io, round, &mut turn),
                Step::Mask => self.ask_mask(),
                Step::Judge(judged) => self.judge(*judged),
                step => step,
            };
            match step {
                Step::Over => {
                    let text = "the connection ended before all was written";
                    self.end_connection(Error::new(ErrorKind::RemoteClosed, text));
                }
                Step::Failed(error) => {
                    self.turn = turn;
                    return Driven::Ready(Err(error));
                }
                Step::Pending => return Driven::Pending,
                _ => {}
            }
        }
    }

    /// Polls the attempt to connect, which calls closures and may run over the application's stream.
    fn poll_attempt(&mut self) -> Step {
        let Phase::Connecting(attempt) = &mut self.phase else {
            return Step::Progress;
        };
        let Some(mut attempt) = attempt.take() else {
            return Step::Pending;
        };
        let generation = self.lend();
        let waker = &self.shared.waker;
        let polled = self.unlocked(|| attempt.poll_unpin(&mut Context::from_waker(waker)));
        if !self.give_back(generation) {
            self.throw_away(Trash::Attempt(attempt));
            return Step::Progress;
        }
        self.attempted(attempt, polled)
    }

    fn attempted(&mut self, attempt: Connecting, polled: Result<Attempted, Panic>) -> Step {
        let sink = attempt.sink.clone();
        self.session.bytes_written(sink.take_written());
        self.session.tell(sink.take_events());
        let result = match polled {
            Ok(Poll::Ready(result)) => result,
            Ok(Poll::Pending) => {
                self.phase = Phase::Connecting(Some(attempt));
                return match self.session.has_events() {
                    true => Step::Progress,
                    false => Step::Pending,
                };
            }
            Err(panic) => {
                self.throw_away(Trash::Attempt(attempt));
                self.connected(Err(panicked()), sink);
                self.unlock();
                resume_unwind(panic);
            }
        };
        self.throw_away(Trash::Attempt(attempt));
        self.connected(result, sink);
        Step::Progress
    }

    fn call_transport(&mut self, io: Io, round: &mut Round, turn: &mut Turn) -> Step {
        let mut cx = Context::from_waker(&self.shared.waker);
        if self.calls_unlocked {
            return match io {
                Io::Write => self.call_lent::<Writing>(io, round, turn, &mut cx),
                Io::Read => self.call_lent::<ReadBuffer>(io, round, turn, &mut cx),
                Io::Flush | Io::Close => self.call_lent::<Unmoved>(io, round, turn, &mut cx),
            };
        }
        let Driver { session, phase, .. } = &mut **self;
        let Phase::Open(connection) = phase else {
            return Step::Pending;
        };
        match connection.wire_mut().poll(io, &mut cx) {
            Some(called) => connection.complete(io, called, session, round, turn),
            None => Step::Pending,
        }
    }

    fn call_lent<L: Lent>(
        &mut self,
        io: Io,
        round: &mut Round,
        turn: &mut Turn,
        cx: &mut Context<'_>,
    ) -> Step {
        let lend = |connection: &mut Connection| connection.wire_mut().lend::<L>(io);
        let Some(mut port) = self.connection_mut().and_then(lend) else {
            return Step::Pending;
        };
        let generation = self.lend();
        let result = self.unlocked(|| port.poll(cx));
        if !self.give_back(generation) {
            self.throw_away(Trash::Transport(port.transport));
            return Step::Progress;
        }
        let Driver { session, phase, .. } = &mut **self;
        let Phase::Open(connection) = phase else {
            return Step::Progress;
        };
        connection.wire_mut().give_back(port);
        match result {
            Ok(called) => connection.complete(io, called, session, round, turn),
            Err(panic) => {
                session.lost(panicked());
                self.end_connection(panicked());
                self.unlock();
                resume_unwind(panic);
            }
        }
    }

    /// Before a frame is queued: has a mask for it, where the application makes them.
    pub(crate) fn prepare_mask(&mut self) {
        let lacks_mask = |c: &mut Connection| !c.wire().encoder.has_mask();
        if self.connection_mut().is_some_and(lacks_mask) && !self.is_lent() {
            self.ask_mask();
        }
    }

    /// Asks the application's generator for a mask.
    fn ask_mask(&mut self) -> Step {
        let connection = self.connection_mut();
        let Some(generator) = connection.and_then(|c| c.wire().encoder.generator().cloned()) else {
            return Step::Progress;
        };
        let generation = self.lend();
        let mask = self.unlocked(|| generator.next_mask());
        let is_there = self.give_back(generation);
        match mask {
            Ok(mask) if is_there => {
                if let Some(connection) = self.connection_mut() {
                    connection.wire_mut().encoder.supply_mask(mask);
                }
                Step::Progress
            }
            Ok(_) => Step::Progress,
            Err(panic) => {
                self.unlock();
                resume_unwind(panic)
            }
        }
    }

    /// Asks the application whether a message answers its probe. It does not when that panics.
    fn judge(&mut self, (message, is_answer): (Message, IsAnswer)) -> Step {
        let generation = self.lend();
        let verdict = self.unlocked(|| is_answer(&message));
        if self.give_back(generation) {
            let Driver { session, phase, .. } = &mut **self;
            if let Phase::Open(connection) = phase {
                let is_answer = *verdict.as_ref().unwrap_or(&false);
                Connection::judged(connection, session, message, is_answer);
            }
        }
        if let Err(panic) = verdict {
            self.unlock();
            resume_unwind(panic);
        }
        Step::Progress
    }

    /// Calls something of the application's while the driver is not locked.
    fn unlocked<R>(&mut self, call: impl FnOnce() -> R) -> Result<R, Panic> {
        let span = self.span.clone();
        self.unlock();
        // The span is dropped before the driver is locked again.
        let result = catch_unwind(AssertUnwindSafe(move || span.in_scope(call)));
        self.guard = Some(self.shared.guard());
        result
    }

    /// Unlocks the driver, and then does what is to follow.
    fn unlock(&mut self) {
        let Some(mut driver) = self.guard.take() else {
            return;
        };
        if driver.has_effects() || trace::has_gathered() {
            let effects = mem::take(&mut driver.effects);
            let gathered = trace::gathered(driver.take_span());
            drop(driver);
            gathered.report_then(|| effects.run(&self.shared.wakers));
        }
    }
}

type Attempted = Poll<Result<super::opening::Established, Error>>;

fn panicked() -> Error {
    Error::new(ErrorKind::Connection, "code of the application panicked")
}

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        self.unlock();
    }
}

impl Deref for Driving<'_> {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        self.guard
            .as_ref()
            .expect("it is locked again after a call")
    }
}

impl DerefMut for Driving<'_> {
    fn deref_mut(&mut self) -> &mut Driver {
        self.guard
            .as_mut()
            .expect("it is locked again after a call")
    }
}
