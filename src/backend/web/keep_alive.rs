//! The keep-alive, by probes: a browser has no ping.

use std::rc::Rc;

use super::Core;
use crate::backend::web::raw_socket::{Bounds, RawSocket, TimerKind};
use crate::event::State;
use crate::features::Features;
use crate::keep_alive::IsAnswer;
use crate::message::Message;
use crate::platform;
use crate::session::keep_alive::{self, KeepAliveState, KeepAliveStep};

impl<W: RawSocket> Core<W> {
    pub(crate) fn start_heartbeat(&mut self) {
        let keep_alive = self.options.keep_alive().cloned();
        // Pings are only here when they may be left out.
        let keep_alive = keep_alive.filter(|keep_alive| keep_alive.required() == Features::NONE);
        self.keep_alive = keep_alive.map(KeepAliveState::new);
        self.step();
    }

    pub(crate) fn step(&mut self) {
        self.keep_alive_timer = None;
        let Some(keep_alive) = &mut self.keep_alive else {
            return;
        };
        if self.session.state() != State::Connected {
            return;
        }
        let now = platform::now();
        let mut step = keep_alive.step(now);
        if step == KeepAliveStep::Ask {
            self.probe = keep_alive.probe().cloned();
            step = keep_alive.step(now);
        }
        match step {
            KeepAliveStep::Rest(until) => {
                self.keep_alive_timer =
                    self.later(TimerKind::Pulse, Some(until.saturating_sub(now)))
            }
            KeepAliveStep::Ask | KeepAliveStep::GiveUp => {
                self.count_written();
                self.session.lost(keep_alive::silent());
                self.let_go(None);
            }
        }
    }

    /// Tells the answer to a probe from other messages, while one is owed.
    pub(crate) fn awaited_answer(&self) -> Option<IsAnswer> {
        self.keep_alive.as_ref()?.awaited_answer()
    }

    /// Hears the peer, who may have answered a probe.
    pub(crate) fn hear_peer(&mut self, is_answer: bool) {
        let Some(keep_alive) = &mut self.keep_alive else {
            return;
        };
        if is_answer {
            keep_alive.answered();
        }
        if keep_alive.heard(platform::now()) {
            self.step();
        }
    }

    /// The probe that is to be sent when nothing is borrowed any more.
    pub(crate) fn take_probe(&mut self) -> Option<(Rc<W>, Message)> {
        let probe = self.probe.take()?;
        let wire = self.connection.as_ref()?.wire().clone();
        wire.is_open().then_some((wire, probe))
    }
}
