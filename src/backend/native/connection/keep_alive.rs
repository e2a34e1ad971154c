use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;

use crate::keep_alive::{IsAnswer, KeepAlive};
use crate::message::Message;
use crate::platform::{self, Sleep};
use crate::session::keep_alive::{KeepAliveState, KeepAliveStep};

/// The keep-alive of a connection, with a timer and with pings.
pub(crate) struct KeepAliveTimer {
    keep_alive: KeepAliveState,
    /// Ends when something is due, or before.
    timer: Option<Sleep>,
    /// The payload of our pings: the application's own pings have another one.
    payload: Bytes,
}

/// The next action.
pub(crate) enum Due {
    Ping(Bytes),
    Probe(Message),
    GiveUp,
}

impl KeepAliveTimer {
    pub(crate) fn new(keep_alive: KeepAlive) -> KeepAliveTimer {
        KeepAliveTimer {
            keep_alive: KeepAliveState::new(keep_alive),
            timer: None,
            payload: Bytes::copy_from_slice(&rand::random::<[u8; 8]>()),
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            let now = platform::now();
            match self.keep_alive.step(now) {
                KeepAliveStep::Rest(until) => {
                    let sleep = || platform::sleep_until(until);
                    let timer = self.timer.get_or_insert_with(sleep);
                    ready!(timer.poll_unpin(cx));
                    self.timer = None;
                }
                KeepAliveStep::Ask => {
                    self.timer = None;
                    return Poll::Ready(match self.keep_alive.probe() {
                        Some(message) => Due::Probe(message.clone()),
                        None => Due::Ping(self.payload.clone()),
                    });
                }
                KeepAliveStep::GiveUp => return Poll::Ready(Due::GiveUp),
            }
        }
    }

    /// Bytes arrived.
    pub(crate) fn heard(&mut self, now: Duration) {
        if self.keep_alive.heard(now) {
            self.timer = None;
        }
    }

    pub(crate) fn postpone(&mut self, now: Duration) {
        self.keep_alive.postpone(now);
    }

    /// Recognizes the answers to outstanding probes.
    pub(crate) fn awaited_answer(&self) -> Option<IsAnswer> {
        self.keep_alive.awaited_answer()
    }

    /// A probe was answered.
    pub(crate) fn answered(&mut self) {
        self.keep_alive.answered();
    }

    /// Returns whether the pong answers a ping of ours.
    pub(crate) fn takes_pong(&self, payload: &Bytes) -> bool {
        *payload == self.payload
    }
}
