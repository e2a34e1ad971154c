//! When a silent peer is asked, and when it is given up.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::keep_alive::{Form, IsAnswer, KeepAlive};
use crate::message::Message;

/// When a connection's peer is asked, and when it is given up. Both backends tell it the time and
/// what they hear.
#[derive(Debug)]
pub(crate) struct KeepAliveState {
    keep_alive: KeepAlive,
    /// Since when the peer is silent; the time starts with the first look.
    silent_since: Option<Duration>,
    asked_at: Option<Duration>,
    /// Answers to probes that are still to come.
    owed: usize,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeepAliveStep {
    /// Nothing before this time.
    Rest(Duration),
    Ask,
    GiveUp,
}

impl KeepAliveState {
    pub(crate) fn new(keep_alive: KeepAlive) -> KeepAliveState {
        KeepAliveState {
            keep_alive,
            silent_since: None,
            asked_at: None,
            owed: 0,
        }
    }

    pub(crate) fn step(&mut self, now: Duration) -> KeepAliveStep {
        let silent_since = *self.silent_since.get_or_insert(now);
        let (due, then) = match self.asked_at {
            None => (
                silent_since.saturating_add(self.keep_alive.interval),
                KeepAliveStep::Ask,
            ),
            Some(asked_at) => (
                asked_at.saturating_add(self.keep_alive.limit),
                KeepAliveStep::GiveUp,
            ),
        };
        if now < due {
            return KeepAliveStep::Rest(due);
        }
        if then == KeepAliveStep::Ask {
            self.asked_at = Some(now);
            self.owed += usize::from(self.probe().is_some());
        }
        then
    }

    /// Something arrived. True when it is due earlier than [`step`](Self::step) said.
    pub(crate) fn heard(&mut self, now: Duration) -> bool {
        self.silent_since = Some(now);
        self.asked_at.take().is_some()
    }

    /// What is sent to ask; `None` is a ping.
    pub(crate) fn probe(&self) -> Option<&Message> {
        match &self.keep_alive.form {
            Form::Ping => None,
            Form::Probe { message, .. } => Some(message),
        }
    }

    /// What was to be sent cannot be now: it is not asked before the next interval.
    #[allow(dead_code)] // Not every backend sends messages in parts.
    pub(crate) fn postpone(&mut self, now: Duration) {
        self.owed = self.owed.saturating_sub(1);
        self.heard(now);
    }

    /// Tells answers to probes that are still to come from messages of the application.
    #[allow(dead_code)] // For a backend that is shared between threads.
    pub(crate) fn awaited_answer(&self) -> Option<IsAnswer> {
        match &self.keep_alive.form {
            Form::Probe { is_answer, .. } if self.owed > 0 => Some(is_answer.clone()),
            _ => None,
        }
    }

    /// A probe was answered.
    #[allow(dead_code)] // As above.
    pub(crate) fn answered(&mut self) {
        self.owed = self.owed.saturating_sub(1);
    }

    /// Whether a message answers a probe, and so is not the application's; once for each probe.
    #[allow(dead_code)] // For a backend that is not.
    pub(crate) fn takes(&mut self, message: &Message) -> bool {
        let Form::Probe { is_answer, .. } = &self.keep_alive.form else {
            return false;
        };
        let takes = self.owed > 0 && is_answer(message);
        self.owed -= usize::from(takes);
        takes
    }
}

/// The error of a peer that is given up.
pub(crate) fn silent() -> Error {
    Error::new(
        ErrorKind::TimedOut,
        "the peer did not answer within the limit of the keep-alive",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Asks after 30 s, gives up after 10 s.
    fn probing() -> KeepAliveState {
        let is_answer = |message: &Message| message.as_text() == Some("here");
        KeepAliveState::new(KeepAlive::probe(s(30), "there?", is_answer).limit(s(10)))
    }

    #[test]
    fn a_silent_peer_is_asked_and_given_up() {
        let mut keep_alive = probing();
        assert_eq!(keep_alive.step(s(100)), KeepAliveStep::Rest(s(130)));
        assert_eq!(keep_alive.step(s(129)), KeepAliveStep::Rest(s(130)));
        assert_eq!(keep_alive.step(s(130)), KeepAliveStep::Ask);
        assert_eq!(keep_alive.step(s(130)), KeepAliveStep::Rest(s(140)));
        assert_eq!(keep_alive.step(s(140)), KeepAliveStep::GiveUp);
    }

    #[test]
    fn whatever_arrives_breaks_the_silence() {
        let mut keep_alive = probing();
        keep_alive.step(s(0));
        assert!(!keep_alive.heard(s(29)));
        assert_eq!(keep_alive.step(s(58)), KeepAliveStep::Rest(s(59)));
        assert_eq!(keep_alive.step(s(59)), KeepAliveStep::Ask);
        assert!(keep_alive.heard(s(68)));
        assert_eq!(keep_alive.step(s(69)), KeepAliveStep::Rest(s(98)));
        assert_eq!(keep_alive.step(s(98)), KeepAliveStep::Ask);
    }

    /// The answer of a peer that was asked before nobody looked is read first.
    #[test]
    fn a_late_look_asks_before_it_gives_up() {
        let mut keep_alive = probing();
        keep_alive.step(s(0));
        assert_eq!(keep_alive.step(s(1000)), KeepAliveStep::Ask);
        assert_eq!(keep_alive.step(s(1009)), KeepAliveStep::Rest(s(1010)));
    }

    #[test]
    fn one_answer_is_taken_for_each_probe() {
        let mut keep_alive = probing();
        assert!(!keep_alive.takes(&"here".into()));
        keep_alive.step(s(0));
        keep_alive.step(s(30));
        keep_alive.heard(s(31));
        keep_alive.step(s(61));
        assert!(!keep_alive.takes(&"there".into()));
        assert!(keep_alive.takes(&"here".into()));
        assert!(keep_alive.takes(&"here".into()));
        assert!(!keep_alive.takes(&"here".into()));
    }

    #[test]
    fn a_probe_that_was_put_off_owes_no_answer() {
        let mut keep_alive = probing();
        keep_alive.step(s(0));
        assert_eq!(keep_alive.step(s(30)), KeepAliveStep::Ask);
        keep_alive.postpone(s(30));
        assert!(!keep_alive.takes(&"here".into()));
        assert_eq!(keep_alive.step(s(31)), KeepAliveStep::Rest(s(60)));
    }

    #[test]
    fn times_never_overflow() {
        let mut keep_alive = KeepAliveState::new(KeepAlive::ping(Duration::MAX));
        assert_eq!(keep_alive.step(s(1)), KeepAliveStep::Rest(Duration::MAX));
    }
}
