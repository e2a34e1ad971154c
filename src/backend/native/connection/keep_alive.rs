use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;

use crate::keep_alive::KeepAlive;
use crate::message::Message;
use crate::platform::{self, Sleep};
use crate::session::keep_alive::{Beat, Heartbeat};

/// The keep-alive of a connection: its heartbeat with a timer and with pings.
pub(crate) struct Pulse {
    heartbeat: Heartbeat,
    /// Ends when the heartbeat is due, or before.
    timer: Option<Sleep>,
    /// The payload of our pings: the application's own pings have another one.
    payload: Bytes,
}

/// What is to be done.
pub(crate) enum Due {
    Ping(Bytes),
    Probe(Message),
    GiveUp,
}

impl Pulse {
    pub(crate) fn new(keep_alive: KeepAlive) -> Pulse {
        Pulse {
            heartbeat: Heartbeat::new(keep_alive),
            timer: None,
            payload: Bytes::copy_from_slice(&rand::random::<[u8; 8]>()),
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            let now = platform::now();
            match self.heartbeat.beat(now) {
                Beat::Rest(until) => {
                    let rest = until - now;
                    let timer = self.timer.get_or_insert_with(|| platform::sleep(rest));
                    ready!(timer.poll_unpin(cx));
                    self.timer = None;
                }
                Beat::Ask => {
                    self.timer = None;
                    return Poll::Ready(match self.heartbeat.probe() {
                        Some(message) => Due::Probe(message.clone()),
                        None => Due::Ping(self.payload.clone()),
                    });
                }
                Beat::GiveUp => return Poll::Ready(Due::GiveUp),
            }
        }
    }

    /// Bytes arrived.
    pub(crate) fn heard(&mut self, now: Duration) {
        if self.heartbeat.heard(now) {
            self.timer = None;
        }
    }

    pub(crate) fn postpone(&mut self, now: Duration) {
        self.heartbeat.postpone(now);
    }

    /// Whether the message answers a probe.
    pub(crate) fn takes_message(&mut self, message: &Message) -> bool {
        self.heartbeat.takes(message)
    }

    /// Whether the pong answers a ping of ours.
    pub(crate) fn takes_pong(&self, payload: &Bytes) -> bool {
        *payload == self.payload
    }
}
