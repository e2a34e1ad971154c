//! The keep-alive, by probes: a browser has no ping.

use std::rc::Rc;

use super::Core;
use crate::backend::web::raw_socket::{Alarm, Bounds, Wire};
use crate::event::State;
use crate::features::Features;
use crate::message::Message;
use crate::platform;
use crate::session::keep_alive::{self, Beat, Heartbeat};

impl<W: Wire> Core<W> {
    pub(crate) fn start_heartbeat(&mut self) {
        let keep_alive = self.options.keep_alive().cloned();
        // Pings are only here when they may be left out.
        let keep_alive = keep_alive.filter(|keep_alive| keep_alive.required() == Features::NONE);
        self.heartbeat = keep_alive.map(Heartbeat::new);
        self.beat();
    }

    pub(crate) fn beat(&mut self) {
        self.pulse = None;
        let Some(heartbeat) = &mut self.heartbeat else {
            return;
        };
        if self.session.state() != State::Connected {
            return;
        }
        let now = platform::now();
        let mut beat = heartbeat.beat(now);
        if beat == Beat::Ask {
            self.probe = heartbeat.probe().cloned();
            beat = heartbeat.beat(now);
        }
        match beat {
            Beat::Rest(until) => {
                self.pulse = self.later(Alarm::Pulse, Some(until.saturating_sub(now)))
            }
            Beat::Ask | Beat::GiveUp => {
                self.session.lost(keep_alive::silent());
                self.let_go(None);
            }
        }
    }

    /// Hears the peer; true when the message answers a probe.
    pub(crate) fn hear_peer(&mut self, message: &Message) -> bool {
        let Some(heartbeat) = &mut self.heartbeat else {
            return false;
        };
        let takes = heartbeat.takes(message);
        if heartbeat.heard(platform::now()) {
            self.beat();
        }
        takes
    }

    /// The probe that is to be sent when nothing is borrowed any more.
    pub(crate) fn take_probe(&mut self) -> Option<(Rc<W>, Message)> {
        let probe = self.probe.take()?;
        let wire = self.connection.as_ref()?.wire().clone();
        wire.is_open().then_some((wire, probe))
    }
}
