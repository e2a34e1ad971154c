//! The rules for what follows the end of a connection or of an attempt.

use std::mem;
use std::time::Duration;

use super::{Core, Detached, Stage};
use crate::error::Error;
use crate::reconnect::ending::{Ending, Verdict};
use crate::reconnect::event::ReconnectEvent;
use crate::reconnect::link::Payload;

impl<M: Payload> Core<M> {
    /// The socket has no more events.
    pub(in crate::reconnect) fn detach(&mut self, with: Detached, now: Duration) {
        let Stage::Attached(it) = mem::replace(&mut self.stage, Stage::Over) else {
            return;
        };
        self.order = None;
        let Detached {
            error,
            close,
            peer_close,
        } = with;
        let Some(connected_at) = it.connected_at else {
            if !it.is_last {
                self.fail(error);
            }
            return;
        };
        // RFC 6455 §5.5.1: whoever answers a close frame has read what came before it, and echoes
        // its code. One with another code may have crossed it.
        let is_echo =
            matches!((&close, &peer_close), (Some(ours), Some(echo)) if ours.code() == echo.code());
        let unknown = self.outbox.disconnected(it.awaits_answer && is_echo);
        self.tell(ReconnectEvent::Ended {
            error: error.clone(),
            close: close.clone(),
            peer_close: peer_close.clone(),
            unknown,
        });
        if !it.is_last {
            self.backoff.lost(now.saturating_sub(connected_at));
            self.stage = Stage::Deciding(Ending {
                was_connected: true,
                error,
                close,
                peer_close,
                ..self.ending()
            });
        }
    }

    /// The attempt led to no connection.
    fn fail(&mut self, error: Option<Error>) {
        self.tell(ReconnectEvent::Failed {
            error: error.clone(),
        });
        self.backoff.failed();
        let mut ending = self.ending();
        ending.error = error;
        self.refusals = match ending.is_refusal() {
            true => self.refusals.saturating_add(1),
            false => 0,
        };
        ending.refusals = self.refusals;
        self.stage = Stage::Deciding(ending);
    }

    fn ending(&self) -> Ending {
        Ending {
            retry_after: self.backoff.retry_after,
            ..Ending::default()
        }
    }

    pub(in crate::reconnect) fn decided(&mut self, verdict: Verdict, now: Duration) {
        if !matches!(self.stage, Stage::Deciding(_)) {
            return;
        }
        let is_hurried = mem::take(&mut self.is_hurried);
        if verdict == Verdict::GiveUp || self.backoff.is_exhausted() {
            let attempts = self.backoff.attempt() - 1;
            self.tell(ReconnectEvent::GivenUp { attempts });
            self.stage = Stage::Over;
            return;
        }
        let until = match is_hurried {
            true => now,
            false => self.due_after(verdict, now),
        };
        if !self.is_offline {
            let attempt = self.backoff.attempt();
            let delay = until.saturating_sub(now);
            self.tell(ReconnectEvent::Waiting { attempt, delay });
        }
        self.wait_until(until);
    }

    /// When the next attempt is due, at `now` or later.
    fn due_after(&mut self, verdict: Verdict, now: Duration) -> Duration {
        let delay = match self.seems_offline {
            true => self.backoff.maximum,
            false => self.backoff.delay(verdict != Verdict::Retry),
        };
        let until = now.saturating_add(delay);
        if let Verdict::RetryAfter(time) = verdict {
            self.not_before = until.saturating_add(time);
            return self.not_before;
        }
        self.hinted.after_loss(until, now)
    }
}
