//! The keep-alive, by probes: a browser has no ping. It lies behind a pointer that only options
//! make, so that a program without one does not load its code.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::error::Error;
use crate::features::Features;
use crate::keep_alive::{IsAnswer, KeepAlive};
use crate::message::Message;
use crate::platform;
use crate::session::keep_alive::{self, KeepAliveState, KeepAliveStep};

/// Watches over the peer of one connection, from its start to its end. Of that nothing may be
/// borrowed.
pub(crate) trait Watch<C> {
    /// The connection is there, or the time that was set is over.
    fn step(&self, connection: &C);

    /// Recognizes the answer to a probe, while one is owed. It is code of the application.
    fn awaited_answer(&self) -> Option<IsAnswer>;

    /// A message arrived.
    fn heard(&self, is_answer: bool, connection: &C);

    /// The program was suspended.
    fn resumed(&self);
}

/// The operations of a connection that a keep-alive needs.
pub(crate) trait Watched: 'static {
    type Timer;

    fn is_connected(&self) -> bool;

    /// Comes back to [`Watch::step`] after so many milliseconds.
    fn later(&self, ms: f64) -> Option<Self::Timer>;

    fn send_probe(&self, probe: &Message);

    fn lost(&self, error: Error);
}

/// Creates the watcher of a connection with this keep-alive.
pub(crate) fn watch<C: Watched>(keep_alive: &KeepAlive) -> Option<Rc<dyn Watch<C>>> {
    // Pings are only here when they may be left out.
    if keep_alive.required() != Features::NONE {
        return None;
    }
    Some(Rc::new(Prober::<C> {
        state: RefCell::new(KeepAliveState::new(keep_alive.clone())),
        timer: Cell::default(),
    }))
}

struct Prober<C: Watched> {
    state: RefCell<KeepAliveState>,
    timer: Cell<Option<C::Timer>>,
}

impl<C: Watched> Watch<C> for Prober<C> {
    fn step(&self, connection: &C) {
        self.timer.take();
        if !connection.is_connected() {
            return;
        }
        let now = platform::now();
        let mut state = self.state.borrow_mut();
        let mut step = state.step(now);
        let mut probe = None;
        if step == KeepAliveStep::Ask {
            probe = state.probe().cloned();
            step = state.step(now);
        }
        drop(state);
        match step {
            KeepAliveStep::Rest(until) => {
                let pause = until.saturating_sub(now);
                self.timer
                    .set(connection.later(pause.as_secs_f64() * 1000.0));
            }
            KeepAliveStep::Ask | KeepAliveStep::GiveUp => connection.lost(keep_alive::silent()),
        }
        if let Some(probe) = probe {
            connection.send_probe(&probe);
        }
    }

    fn awaited_answer(&self) -> Option<IsAnswer> {
        self.state.borrow().awaited_answer()
    }

    fn heard(&self, is_answer: bool, connection: &C) {
        let mut state = self.state.borrow_mut();
        if is_answer {
            state.answered();
        }
        let is_due = state.heard(platform::now());
        drop(state);
        if is_due {
            self.step(connection);
        }
    }

    fn resumed(&self) {
        self.state.borrow_mut().resumed(platform::now());
    }
}
