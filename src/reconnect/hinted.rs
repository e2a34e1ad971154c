//! Attempts that hints of the platform start: at most one in a second.

use std::time::Duration;

use crate::platform::Hint;

/// A browser fires several events for one cause, and an attempt that fails at once may cause more.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a hint waits for the loss that it belongs to: a page that comes back hears of its
/// connection's end behind `pageshow`.
const MOMENT: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Hinted {
    /// When a hint came that no attempt has followed.
    heard_at: Option<Duration>,
    /// No hint starts an attempt before.
    next: Duration,
}

impl Hinted {
    /// There is no attempt to hasten: maybe there will be.
    pub(super) fn hear(&mut self, hint: Hint, now: Duration) {
        self.heard_at = (hint != Hint::Offline).then_some(now);
    }

    /// There is a connection again, which is all that the hints were for.
    pub(super) fn clear(&mut self) {
        self.heard_at = None;
    }

    /// When the attempt is due that was due at `until`, and may not be before `earliest`.
    pub(super) fn hasten(&mut self, until: Duration, earliest: Duration) -> Duration {
        self.heard_at = None;
        let at = earliest.max(self.next);
        if at >= until {
            return until;
        }
        self.next = at.saturating_add(INTERVAL);
        at
    }

    /// The same for an attempt behind a loss, which a hint may have come before.
    pub(super) fn after_loss(&mut self, until: Duration, now: Duration) -> Duration {
        match self.heard_at {
            Some(heard_at) if now.saturating_sub(heard_at) <= MOMENT => self.hasten(until, now),
            _ => until,
        }
    }
}
