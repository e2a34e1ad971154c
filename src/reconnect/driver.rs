//! Performs the actions of a [`Core`]: calls the socket and the application's closures.
//!
//! Two locks. That of the core is held for a moment, and never while a closure, a future or a waker
//! of the application runs, or the socket, which wakes tasks itself. Whoever calls out has the turn:
//! it is only tried, never waited for, so a closure that calls the socket, and a waker that polls at
//! once, leave to the one that has it what they want done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use super::clock::Clock;
use super::core::{Core, Detached, Order, Step};
use super::event::Notice;
use super::link::{Link, Payload};
use super::outbox::Outgoing;
use super::policy::{Ask, Asking, Decide, Greet, Policy};
use crate::close::Close;
use crate::error::Error;
use crate::event::State;
use crate::message::Message;
use crate::socket::WebSocket;

/// How many events a task may take before it lets others run.
const BUDGET: u32 = 128;

pub(crate) struct Driver<M, C> {
    core: Mutex<Core<M>>,
    turn: Mutex<Turn<M, C>>,
    /// A closure or future of the application is running.
    calls_out: AtomicBool,
}

/// The state that only the task that has the turn needs.
struct Turn<M, C> {
    request: Box<dyn Ask>,
    greeting: Option<Box<dyn Greet<M>>>,
    decide: Box<dyn Decide>,
    clock: C,
    asking: Option<Asking>,
    /// On its way to the socket; it stays here when that panics.
    outgoing: Option<Outgoing<M>>,
    /// Events since it was last pending.
    told: u32,
}

impl<M: Payload, C: Clock> Driver<M, C> {
    pub(crate) fn new(policy: Policy<M>, clock: C) -> Driver<M, C> {
        Driver {
            core: Mutex::new(Core::new(policy.backoff, policy.outbox)),
            turn: Mutex::new(Turn {
                request: policy.request,
                greeting: policy.greeting,
                decide: policy.decide,
                clock,
                asking: None,
                outgoing: None,
                told: 0,
            }),
            calls_out: AtomicBool::new(false),
        }
    }

    /// Does something with the core, and wakes afterwards who has to know.
    pub(crate) fn with<R>(&self, then: impl FnOnce(&mut Core<M>) -> R) -> R {
        let mut core = self.lock();
        let result = then(&mut core);
        release(core);
        result
    }

    // Neither this nor `release` is repeated in each caller.
    #[inline(never)]
    fn lock(&self) -> MutexGuard<'_, Core<M>> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn send(&self, message: M, socket: &impl Link<Message = M>) -> Result<u64, Error> {
        let number = self.with(|core| core.accept(message))?;
        self.carry_on(socket);
        Ok(number)
    }

    pub(crate) fn close(&self, close: Close, socket: &impl Link<Message = M>) -> Result<(), Error> {
        close.check_sendable()?;
        let closed = match self.turn() {
            Some(mut turn) => turn.close(self, close, socket),
            None => {
                let is_silent = socket.peer_close().is_none();
                self.with(|core| core.order(Order::Close(close), is_silent));
                Ok(())
            }
        };
        self.carry_on(socket);
        closed
    }

    pub(crate) fn abort(&self, socket: &impl Link<Message = M>) {
        self.with(|core| core.order(Order::Abort, false));
        self.carry_on(socket);
    }

    /// The next event. `None` when there will be no further connection.
    pub(crate) fn poll(
        &self,
        socket: &impl Link<Message = M>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Notice<M>>> {
        // Before anything is looked at, so that no change is missed.
        self.wait(cx.waker());
        let turn = match self.turn() {
            // The task that runs a closure is at it, and would wake itself for ever.
            None if self.calls_out.load(Ordering::SeqCst) => None,
            None => self.contend(cx.waker()),
            turn => turn,
        };
        let Some(mut turn) = turn else {
            return Poll::Pending;
        };
        let polled = turn.poll(self, socket, cx);
        let is_tired = polled.is_none();
        drop(turn);
        self.carry_on(socket);
        if is_tired {
            cx.waker().wake_by_ref();
        }
        polled.unwrap_or(Poll::Pending)
    }

    /// The next event if there is one: no task that waits for events is forgotten for it.
    pub(crate) fn try_next(&self, socket: &impl Link<Message = M>) -> Option<Notice<M>> {
        let waker = self.with(|core| core.waiting().cloned());
        let waker = waker.as_ref().unwrap_or(Waker::noop());
        if let Some(mut turn) = self.turn() {
            turn.told = 0;
        }
        match self.poll(socket, &mut Context::from_waker(waker)) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    /// Gives the socket what it takes; whether that was anything. `None` when another task is at
    /// it.
    pub(crate) fn hand_over(&self, socket: &impl Link<Message = M>) -> Option<bool> {
        let mut turn = self.turn()?;
        let handed_over = turn.hand_over(self, socket, false);
        drop(turn);
        self.carry_on(socket);
        Some(handed_over)
    }

    /// Does what others left to be done while they could not have the turn.
    fn carry_on(&self, socket: &impl Link<Message = M>) {
        let has_work = |core: &mut Core<M>| {
            core.wake_contenders();
            core.has_work()
        };
        while self.with(has_work)
            && let Some(mut turn) = self.turn()
        {
            turn.obey(self, socket);
        }
    }

    /// A panic of what was called leaves nothing half done.
    fn turn(&self) -> Option<MutexGuard<'_, Turn<M, C>>> {
        match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The turn after all, or else to be woken when it is given back.
    fn contend(&self, waker: &Waker) -> Option<MutexGuard<'_, Turn<M, C>>> {
        let waker = waker.clone();
        self.with(|core| core.contend(waker));
        self.turn()
    }

    /// Registers the waker of the task that waits for events.
    fn wait(&self, waker: &Waker) {
        if self.with(|core| core.waiting().is_some_and(|other| other.will_wake(waker))) {
            return;
        }
        let waker = waker.clone();
        let stale = self.with(|core| core.wait(waker));
        drop(stale);
    }

    /// Calls the application.
    fn call_out<R>(&self, call: impl FnOnce() -> R) -> R {
        struct Reset<'a>(&'a AtomicBool);
        impl Drop for Reset<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::SeqCst);
            }
        }
        self.calls_out.store(true, Ordering::SeqCst);
        let _reset = Reset(&self.calls_out);
        call()
    }
}

impl<C: Clock> Driver<Message, C> {
    /// Ready when the connection has written what was accepted, or will not.
    pub(crate) fn poll_flush(
        &self,
        socket: &impl WebSocket,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        loop {
            let handed_over = self.hand_over(socket);
            // Looked at before the flush, which does not cover what is handed over meanwhile.
            let lacks = self.with(|core| core.hands_over() && core.outbox.has_waiting());
            ready!(WebSocket::poll_flush(socket, cx))?;
            // It also counts what was written, which the caller may ask for next; not where the
            // caller is the application's code that a turn calls.
            let more = self.hand_over(socket);
            let is_counted = more.is_some() || self.calls_out.load(Ordering::SeqCst);
            if !lacks && is_counted {
                return Poll::Ready(Ok(()));
            }
            if handed_over.is_none() || !is_counted {
                let Some(turn) = self.contend(cx.waker()) else {
                    return Poll::Pending;
                };
                drop(turn);
                self.carry_on(socket);
            } else if more == Some(false) && self.with(|core| core.outbox.has_waiting()) {
                // The socket takes no more.
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[inline(never)]
fn release<M: Payload>(mut core: MutexGuard<'_, Core<M>>) {
    let woken = core.take_woken();
    drop(core);
    woken.into_iter().for_each(Waker::wake);
}

impl<M: Payload, C: Clock> Turn<M, C> {
    /// `None` when others have to run first.
    fn poll(
        &mut self,
        driver: &Driver<M, C>,
        socket: &impl Link<Message = M>,
        cx: &mut Context<'_>,
    ) -> Option<Poll<Option<Notice<M>>>> {
        if self.told >= BUDGET {
            self.told = 0;
            return None;
        }
        let polled = self.poll_steps(driver, socket, cx);
        self.told = match polled {
            Poll::Ready(_) => self.told + 1,
            Poll::Pending => 0,
        };
        Some(polled)
    }

    fn poll_steps(
        &mut self,
        driver: &Driver<M, C>,
        socket: &impl Link<Message = M>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Notice<M>>> {
        loop {
            let now = self.clock.now();
            while let Poll::Ready(hint) = self.clock.poll_hint(cx) {
                driver.with(|core| core.take_hint(hint, now));
            }
            let step = driver.with(|core| core.step(now));
            if !matches!(step, Step::Ask(_)) {
                self.asking = None;
            }
            match step {
                Step::Tell(event) => return Poll::Ready(Some(event)),
                Step::Obey => self.obey(driver, socket),
                Step::End => return Poll::Ready(None),
                Step::Ask(attempt) => ready!(self.poll_request(driver, attempt, socket, cx)),
                Step::Greet => {
                    let greet = self.greeting.as_mut();
                    let greetings = greet.map(|greet| driver.call_out(|| greet(&socket.info())));
                    driver.with(|core| core.greet(greetings.unwrap_or_default()));
                    self.hand_over(driver, socket, false);
                }
                Step::Decide(ending) => {
                    let verdict = driver.call_out(|| (self.decide)(&ending));
                    driver.with(|core| core.decided(verdict, now));
                }
                Step::Drive => {
                    if let Some(event) = ready!(self.poll_socket(driver, now, socket, cx)) {
                        return Poll::Ready(Some(event));
                    }
                }
                Step::Wait(due) => ready!(self.clock.poll_until(due, now, cx)),
            }
        }
    }

    /// Opens the socket, as soon as there is a request. What panics is called again by the next
    /// poll.
    fn poll_request(
        &mut self,
        driver: &Driver<M, C>,
        attempt: u32,
        socket: &impl Link<Message = M>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let asking = self.asking.take();
        let asked = driver.call_out(|| {
            let mut asking = asking.unwrap_or_else(|| self.request.ask(attempt));
            match asking.as_mut().poll(cx) {
                Poll::Ready(request) => Ok(request),
                Poll::Pending => Err(asking),
            }
        });
        let request = match asked {
            Ok(request) => request,
            Err(asking) => {
                self.asking = Some(asking);
                return Poll::Pending;
            }
        };
        if driver.with(Core::attach)
            && let Err(error) = request.and_then(|request| socket.open(request))
        {
            driver.with(|core| core.detach(Detached::failed(error), Duration::ZERO));
        }
        Poll::Ready(())
    }

    fn poll_socket(
        &mut self,
        driver: &Driver<M, C>,
        now: Duration,
        socket: &impl Link<Message = M>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Notice<M>>> {
        self.hand_over(driver, socket, false);
        match socket.poll_event(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(driver.with(|core| core.hear(event, now))),
            Poll::Ready(None) => {
                let written = socket.messages_written();
                let detached = Detached {
                    error: socket.last_error(),
                    close: socket.closed(),
                    peer_close: socket.peer_close(),
                };
                driver.with(|core| {
                    core.outbox.count_written(written);
                    core.detach(detached, now);
                });
                Poll::Ready(None)
            }
            // Messages written meanwhile have made room.
            Poll::Pending => match self.hand_over(driver, socket, false) {
                true => Poll::Ready(None),
                false => Poll::Pending,
            },
        }
    }

    /// Does what others left to be done.
    fn obey(&mut self, driver: &Driver<M, C>, socket: &impl Link<Message = M>) {
        if !driver.with(|core| core.is_asking()) {
            self.asking = None;
        }
        match driver.with(Core::take_order) {
            None => {
                self.hand_over(driver, socket, false);
            }
            Some(Order::Abort) => socket.abort(),
            Some(Order::Close(close)) => {
                self.hand_over(driver, socket, true);
                // The caller has returned, and cannot get the error.
                if socket.close(close).is_err() {
                    socket.abort();
                }
            }
        }
    }

    fn close(
        &mut self,
        driver: &Driver<M, C>,
        close: Close,
        socket: &impl Link<Message = M>,
    ) -> Result<(), Error> {
        self.hand_over(driver, socket, true);
        let is_silent = socket.peer_close().is_none();
        if !driver.with(|core| core.end(is_silent)) {
            return Ok(());
        }
        let closed = socket.close(close);
        if closed.is_err() {
            driver.with(Core::go_on);
        }
        closed
    }

    /// Gives the socket what it takes, within the window or `all`; whether that was anything.
    fn hand_over(
        &mut self,
        driver: &Driver<M, C>,
        socket: &impl Link<Message = M>,
        all: bool,
    ) -> bool {
        if let Some(outgoing) = self.outgoing.take() {
            driver.with(|core| core.outbox.put_back(outgoing));
        }
        if !driver.with(|core| core.hands_over() && core.outbox.has_messages()) {
            return false;
        }
        let written = socket.messages_written();
        driver.with(|core| core.outbox.count_written(written));
        let mut any = false;
        while socket.state() == State::Connected {
            self.outgoing = driver.with(|core| core.outbox.take_next(all));
            let Some(outgoing) = &self.outgoing else {
                break;
            };
            let sent = socket.send(&outgoing.message);
            let Some(outgoing) = self.outgoing.take() else {
                break;
            };
            if sent.is_err() {
                driver.with(|core| core.outbox.put_back(outgoing));
                break;
            }
            driver.with(|core| core.outbox.handed_over(outgoing));
            any = true;
        }
        any
    }
}
