//! A time limit that is looked at late at times.

use std::time::Duration;

/// A point in time, or a length of it: a `Duration`, or the milliseconds that a browser counts, of
/// which infinity is no end.
pub(crate) trait Time: Copy + PartialOrd {
    /// The lateness that is normal for a timer.
    const ON_TIME: Self;

    /// The pause in which events queued in the platform can arrive.
    const AGAIN: Self;

    fn plus(self, length: Self) -> Self;

    /// From `start`, which is not behind this.
    fn since(self, start: Self) -> Self;
}

impl Time for Duration {
    const ON_TIME: Duration = Duration::from_millis(5);
    const AGAIN: Duration = Duration::from_millis(50);

    fn plus(self, length: Duration) -> Duration {
        self.saturating_add(length)
    }

    fn since(self, start: Duration) -> Duration {
        self.saturating_sub(start)
    }
}

impl Time for f64 {
    const ON_TIME: f64 = 5.0;
    const AGAIN: f64 = 50.0;

    fn plus(self, length: f64) -> f64 {
        self + length
    }

    fn since(self, start: f64) -> f64 {
        self - start
    }
}

/// A time limit. Whoever looks at it late was suspended or busy, and may not have heard what it
/// waits for: then it lasts longer once, by the time that was slept through, but at most by its own
/// length.
#[derive(Debug)]
pub(crate) struct Limit<T> {
    length: T,
    due: T,
    was_late: bool,
}

impl<T: Time> Limit<T> {
    /// A limit of this length from `now` on.
    pub(crate) fn new(length: T, now: T) -> Limit<T> {
        Limit {
            length,
            due: now.plus(length),
            was_late: false,
        }
    }

    /// When to look again; `None` when it is over.
    pub(crate) fn look(&mut self, now: T) -> Option<T> {
        if now >= self.due {
            let late = now.since(self.due);
            if self.was_late || late <= T::ON_TIME {
                return None;
            }
            self.was_late = true;
            let more = if late < T::AGAIN { T::AGAIN } else { late };
            let more = if self.length < more {
                self.length
            } else {
                more
            };
            self.due = now.plus(more);
        }
        Some(self.due)
    }

    /// Begins anew.
    #[allow(dead_code)] // Not every backend is told that it was suspended.
    pub(crate) fn restart(&mut self, now: T) {
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
        let mut limit = Limit::new(f64::INFINITY, 1.0);
        assert_eq!(limit.look(f64::MAX), Some(f64::INFINITY));
    }

    #[test]
    fn a_browsers_milliseconds_are_as_good() {
        let mut limit = Limit::new(1000.0, 0.0);
        assert_eq!(limit.look(1400.0), Some(1800.0));
        assert_eq!(limit.look(1900.0), None);
    }
}
