//! When a silent peer is asked, and when it is given up.

use std::time::Duration;

use super::limit::Limit;
use crate::error::{Error, ErrorKind};
use crate::keep_alive::{Form, IsAnswer, KeepAlive};
use crate::message::Message;

/// When a silent peer is probed, and when its connection is ended. Both backends pass it the time
/// and what arrives.
#[derive(Debug)]
pub(crate) struct KeepAliveState {
    keep_alive: KeepAlive,
    /// Since when the peer is silent; the time starts with the first look.
    silent_since: Option<Duration>,
    /// How long the peer that was asked may stay silent.
    patience: Option<Limit<Duration>>,
    /// Answers to probes that are still to come.
    owed: usize,
}

/// The next action.
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
            patience: None,
            owed: 0,
        }
    }

    pub(crate) fn step(&mut self, now: Duration) -> KeepAliveStep {
        if let Some(patience) = &mut self.patience {
            return patience
                .look(now)
                .map_or(KeepAliveStep::GiveUp, KeepAliveStep::Rest);
        }
        let silent_since = *self.silent_since.get_or_insert(now);
        let due = silent_since.saturating_add(self.keep_alive.interval);
        if now < due {
            return KeepAliveStep::Rest(due);
        }
        self.patience = Some(Limit::new(self.keep_alive.limit, now));
        self.owed += usize::from(self.probe().is_some());
        KeepAliveStep::Ask
    }

    /// Something arrived. True when the next [`step`](Self::step) is due at another time than it
    /// said.
    pub(crate) fn heard(&mut self, now: Duration) -> bool {
        self.silent_since = Some(now);
        self.patience.take().is_some()
    }

    /// The program was suspended: a peer that was asked has its time from now on.
    #[allow(dead_code)] // Not every backend is told.
    pub(crate) fn resumed(&mut self, now: Duration) {
        if let Some(patience) = &mut self.patience {
            patience.restart(now);
        }
    }

    /// The probe to send; `None` for a ping.
    pub(crate) fn probe(&self) -> Option<&Message> {
        match &self.keep_alive.form {
            Form::Ping => None,
            Form::Probe { message, .. } => Some(message),
        }
    }

    /// The probe cannot be sent now: the next one is due after another interval.
    #[allow(dead_code)] // Not every backend sends messages in parts.
    pub(crate) fn postpone(&mut self, now: Duration) {
        self.owed = self.owed.saturating_sub(1);
        self.heard(now);
    }

    /// Recognizes answers to outstanding probes among the messages of the application. It is the
    /// application's own, and called where nothing is locked or borrowed.
    pub(crate) fn awaited_answer(&self) -> Option<IsAnswer> {
        match &self.keep_alive.form {
            Form::Probe { is_answer, .. } if self.owed > 0 => Some(is_answer.clone()),
            _ => None,
        }
    }

    /// A probe was answered.
    pub(crate) fn answered(&mut self) {
        self.owed = self.owed.saturating_sub(1);
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

    /// Returns whether the message is taken for an answer.
    fn takes(keep_alive: &mut KeepAliveState, message: &'static str) -> bool {
        let is_answer = keep_alive.awaited_answer();
        let takes = is_answer.is_some_and(|is_answer| is_answer(&message.into()));
        if takes {
            keep_alive.answered();
        }
        takes
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

    /// The peer's answer may be among what was not read meanwhile.
    #[test]
    fn a_late_look_gives_up_only_the_second_time() {
        let mut keep_alive = probing();
        keep_alive.step(s(0));
        keep_alive.step(s(30));
        assert_eq!(keep_alive.step(s(44)), KeepAliveStep::Rest(s(48)));
        assert_eq!(keep_alive.step(s(48)), KeepAliveStep::GiveUp);
    }

    #[test]
    fn the_limit_begins_anew_after_a_suspension() {
        let mut keep_alive = probing();
        keep_alive.step(s(0));
        keep_alive.step(s(30));
        keep_alive.resumed(s(39));
        assert_eq!(keep_alive.step(s(48)), KeepAliveStep::Rest(s(49)));
        assert_eq!(keep_alive.step(s(49)), KeepAliveStep::GiveUp);
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
        assert!(!takes(&mut keep_alive, "here"));
        keep_alive.step(s(0));
        keep_alive.step(s(30));
        keep_alive.heard(s(31));
        keep_alive.step(s(61));
        assert!(!takes(&mut keep_alive, "there"));
        assert!(takes(&mut keep_alive, "here"));
        assert!(takes(&mut keep_alive, "here"));
        assert!(!takes(&mut keep_alive, "here"));
    }

    #[test]
    fn a_probe_that_was_put_off_owes_no_answer() {
        let mut keep_alive = probing();
        keep_alive.step(s(0));
        assert_eq!(keep_alive.step(s(30)), KeepAliveStep::Ask);
        keep_alive.postpone(s(30));
        assert!(!takes(&mut keep_alive, "here"));
        assert_eq!(keep_alive.step(s(31)), KeepAliveStep::Rest(s(60)));
    }

    #[test]
    fn times_never_overflow() {
        let mut keep_alive = KeepAliveState::new(KeepAlive::ping(Duration::MAX));
        assert_eq!(keep_alive.step(s(1)), KeepAliveStep::Rest(Duration::MAX));
    }
}
