//! When a silent peer is asked, and when it is given up.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::keep_alive::{Form, KeepAlive};
use crate::message::Message;

/// When a connection's peer is asked, and when it is given up. Both backends tell it the time and
/// what they hear.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    keep_alive: KeepAlive,
    /// Since when the peer is silent; the time starts with the first look.
    silent_since: Option<Duration>,
    asked_at: Option<Duration>,
    /// Answers to probes that are still to come.
    owed: usize,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Nothing before this time.
    Rest(Duration),
    Ask,
    GiveUp,
}

impl Heartbeat {
    pub(crate) fn new(keep_alive: KeepAlive) -> Heartbeat {
        Heartbeat {
            keep_alive,
            silent_since: None,
            asked_at: None,
            owed: 0,
        }
    }

    pub(crate) fn beat(&mut self, now: Duration) -> Beat {
        let silent_since = *self.silent_since.get_or_insert(now);
        let (due, then) = match self.asked_at {
            None => (
                silent_since.saturating_add(self.keep_alive.interval),
                Beat::Ask,
            ),
            Some(asked_at) => (asked_at.saturating_add(self.keep_alive.limit), Beat::GiveUp),
        };
        if now < due {
            return Beat::Rest(due);
        }
        if then == Beat::Ask {
            self.asked_at = Some(now);
            self.owed += usize::from(self.probe().is_some());
        }
        then
    }

    /// Something arrived. True when it is due earlier than [`beat`](Self::beat) told.
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

    /// Whether a message answers a probe, and so is not the application's; once for each probe.
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
    fn probing() -> Heartbeat {
        let is_answer = |message: &Message| message.as_text() == Some("here");
        Heartbeat::new(KeepAlive::probe(s(30), "there?", is_answer).limit(s(10)))
    }

    #[test]
    fn a_silent_peer_is_asked_and_given_up() {
        let mut heartbeat = probing();
        assert_eq!(heartbeat.beat(s(100)), Beat::Rest(s(130)));
        assert_eq!(heartbeat.beat(s(129)), Beat::Rest(s(130)));
        assert_eq!(heartbeat.beat(s(130)), Beat::Ask);
        assert_eq!(heartbeat.beat(s(130)), Beat::Rest(s(140)));
        assert_eq!(heartbeat.beat(s(140)), Beat::GiveUp);
    }

    #[test]
    fn whatever_arrives_breaks_the_silence() {
        let mut heartbeat = probing();
        heartbeat.beat(s(0));
        assert!(!heartbeat.heard(s(29)));
        assert_eq!(heartbeat.beat(s(58)), Beat::Rest(s(59)));
        assert_eq!(heartbeat.beat(s(59)), Beat::Ask);
        assert!(heartbeat.heard(s(68)));
        assert_eq!(heartbeat.beat(s(69)), Beat::Rest(s(98)));
        assert_eq!(heartbeat.beat(s(98)), Beat::Ask);
    }

    /// The answer of a peer that was asked before nobody looked is read first.
    #[test]
    fn a_late_look_asks_before_it_gives_up() {
        let mut heartbeat = probing();
        heartbeat.beat(s(0));
        assert_eq!(heartbeat.beat(s(1000)), Beat::Ask);
        assert_eq!(heartbeat.beat(s(1009)), Beat::Rest(s(1010)));
    }

    #[test]
    fn one_answer_is_taken_for_each_probe() {
        let mut heartbeat = probing();
        assert!(!heartbeat.takes(&"here".into()));
        heartbeat.beat(s(0));
        heartbeat.beat(s(30));
        heartbeat.heard(s(31));
        heartbeat.beat(s(61));
        assert!(!heartbeat.takes(&"there".into()));
        assert!(heartbeat.takes(&"here".into()));
        assert!(heartbeat.takes(&"here".into()));
        assert!(!heartbeat.takes(&"here".into()));
    }

    #[test]
    fn a_probe_that_was_put_off_owes_no_answer() {
        let mut heartbeat = probing();
        heartbeat.beat(s(0));
        assert_eq!(heartbeat.beat(s(30)), Beat::Ask);
        heartbeat.postpone(s(30));
        assert!(!heartbeat.takes(&"here".into()));
        assert_eq!(heartbeat.beat(s(31)), Beat::Rest(s(60)));
    }

    #[test]
    fn times_never_overflow() {
        let mut heartbeat = Heartbeat::new(KeepAlive::ping(Duration::MAX));
        assert_eq!(heartbeat.beat(s(1)), Beat::Rest(Duration::MAX));
    }
}
