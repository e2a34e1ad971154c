//! A time limit that is looked at late at times.

use std::time::Duration;

/// What a timer may be late by its nature.
const ON_TIME: Duration = Duration::from_millis(5);

/// What lies in several queues of a platform needs a moment to come through.
const AGAIN: Duration = Duration::from_millis(50);

/// A time limit. Whoever looks at it late was suspended or busy, and may not have heard what it
/// waits for: then it lasts longer once, by the time that was slept through, but at most by its own
/// length.
#[derive(Debug)]
pub(crate) struct Limit {
    length: Duration,
    due: Duration,
    was_late: bool,
}

impl Limit {
    /// A limit of this length from `now` on.
    pub(crate) fn new(length: Duration, now: Duration) -> Limit {
        Limit {
            length,
            due: now.saturating_add(length),
            was_late: false,
        }
    }

    /// When to look again; `None` when it is over.
    #[inline(never)] // The code is there once, not at each call.
    pub(crate) fn look(&mut self, now: Duration) -> Option<Duration> {
        if let Some(late) = now.checked_sub(self.due) {
            if self.was_late || late <= ON_TIME {
                return None;
            }
            self.was_late = true;
            self.due = now.saturating_add(late.max(AGAIN).min(self.length));
        }
        Some(self.due)
    }

    /// Begins anew.
    #[allow(dead_code)] // Not every backend is told that it was suspended.
    pub(crate) fn restart(&mut self, now: Duration) {
        *self = Limit::new(self.length, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_limit_ends_on_time() {
        let mut limit = Limit::new(ms(1000), ms(500));
        assert_eq!(limit.look(ms(1499)), Some(ms(1500)));
        assert_eq!(limit.look(ms(1502)), None);
    }

    #[test]
    fn what_was_slept_through_is_added_once() {
        let mut limit = Limit::new(ms(1000), ms(0));
        assert_eq!(limit.look(ms(1400)), Some(ms(1800)));
        assert_eq!(limit.look(ms(1900)), None);
        let mut limit = Limit::new(ms(1000), ms(0));
        assert_eq!(limit.look(ms(90_000)), Some(ms(91_000)));
        assert_eq!(limit.look(ms(180_000)), None);
        let mut limit = Limit::new(ms(1000), ms(0));
        assert_eq!(limit.look(ms(1010)), Some(ms(1060)));
    }

    #[test]
    fn a_limit_begins_anew() {
        let mut limit = Limit::new(ms(1000), ms(0));
        limit.look(ms(1400));
        limit.restart(ms(1500));
        assert_eq!(limit.look(ms(2499)), Some(ms(2500)));
        assert_eq!(limit.look(ms(2900)), Some(ms(3300)));
    }

    #[test]
    fn times_never_overflow() {
        let mut limit = Limit::new(Duration::MAX, ms(1));
        assert_eq!(limit.look(ms(2)), Some(Duration::MAX));
    }
}
