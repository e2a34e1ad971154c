use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::core::Core;
use super::keep_alive::Watched;
use super::raw_socket::{Attached, RawSocket, TimerKind};
use crate::error::Error;
use crate::event::State;
use crate::keep_alive::IsAnswer;
use crate::message::Message;
use crate::trace::{self, Span};

/// A [`Core`] that the platform's callbacks share.
///
/// It is borrowed for its own bookkeeping and for calls of the platform that return a number or
/// set a timer. What may fail for want of memory, or is the application's (wakers, what
/// recognizes an answer), runs when nothing is borrowed.
pub(crate) struct Shared<W: RawSocket>(RefCell<Core<W>>);

impl<W: RawSocket> Shared<W> {
    pub(crate) fn new(options: Box<W::Options>) -> Rc<Shared<W>> {
        Rc::new(Shared(RefCell::new(Core::new(options))))
    }

    pub(crate) fn get(&self) -> Ref<'_, Core<W>> {
        self.0.borrow()
    }

    /// Changes the core. What follows from it may call us back, so it comes when nothing is
    /// borrowed any more.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut Core<W>) -> R) -> R {
        let result = change(&mut self.0.borrow_mut());
        self.settle();
        result
    }

    /// Lets go of room for events. A page may have thousands of connections that are quiet.
    #[cfg(feature = "__npm")]
    pub(crate) fn rest(&self) {
        self.0.borrow_mut().session.rest();
    }

    fn settle(&self) {
        let mut core = self.0.borrow_mut();
        let farewell = core.take_due_close();
        let [events, flushes] = core.take_wakers();
        drop(core);
        trace::gathered(Span::none()).report_then(|| {
            if let Some((wire, close)) = farewell {
                wire.close(Some(&close));
            }
            events.into_iter().for_each(Waker::wake);
            flushes.into_iter().for_each(Waker::wake);
        });
    }
}

impl<W: RawSocket<Connection = Shared<W>>> Shared<W> {
    /// The connection is there.
    pub(crate) fn opened(&self) {
        self.update(|core| core.opened());
        self.step_keep_alive();
    }

    /// The connection has been there from the start.
    pub(crate) fn accepted(&self, connection: Attached<W>) {
        self.update(|core| core.accepted(connection));
        self.step_keep_alive();
    }

    /// A timer is over.
    pub(crate) fn timer_fired(&self, timer: TimerKind) {
        match timer {
            TimerKind::KeepAlive => self.step_keep_alive(),
            timer => self.update(|core| core.timer_fired(timer)),
        }
    }

    fn step_keep_alive(&self) {
        let keep_alive = self.get().keep_alive();
        if let Some(keep_alive) = keep_alive {
            keep_alive.step(self);
        }
    }

    /// A message arrived. True for the answer to a probe, which is not delivered.
    pub(crate) fn heard(&self, is_answer: impl FnOnce(IsAnswer) -> bool) -> bool {
        let Some(keep_alive) = self.get().keep_alive() else {
            return false;
        };
        let is_answer = keep_alive.awaited_answer().is_some_and(is_answer);
        keep_alive.heard(is_answer, self);
        is_answer
    }
}

impl<W: RawSocket> Watched for Shared<W> {
    type Timer = W::Timer;

    fn is_connected(&self) -> bool {
        self.get().session.state() == State::Connected
    }

    fn later(&self, ms: f64) -> Option<W::Timer> {
        self.get().later(TimerKind::KeepAlive, ms)
    }

    /// A probe neither counts as a message of the application nor heeds the bound of its queue.
    fn send_probe(&self, probe: &Message) {
        let wire = self.get().open_wire().cloned();
        if let Some(Ok(length)) = wire.map(|wire| wire.send(probe)) {
            self.update(|core| core.sent(length, false));
        }
    }

    fn lost(&self, error: Error) {
        self.update(|core| core.lost(error));
    }
}
