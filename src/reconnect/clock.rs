//! The time of a [`Driver`](super::driver::Driver), and the hints of the platform.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;

use crate::platform;
use crate::platform::{Hint, Hints, Sleep};

pub(crate) trait Clock {
    /// The time since some point in the past; it never goes back.
    fn now(&mut self) -> Duration;

    fn poll_hint(&mut self, cx: &mut Context<'_>) -> Poll<Hint>;

    /// Ready at this time, seen from `now`, or soon enough to look again.
    fn poll_until(
        &mut self,
        due: Option<Duration>,
        now: Duration,
        cx: &mut Context<'_>,
    ) -> Poll<()>;
}

/// The platform's.
pub(super) struct SystemClock {
    hints: Hints,
    timer: Option<Timer>,
    /// A timer may end a moment early, such as a browser's: a time that was waited for is over.
    reached: Duration,
}

struct Timer {
    due: Duration,
    /// When it ends: no later, and earlier where that is too long for a timer.
    end: Duration,
    sleep: Sleep,
}

/// No platform's timer is too short for it.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl SystemClock {
    pub(super) fn new() -> SystemClock {
        SystemClock {
            hints: Hints::new(),
            timer: None,
            reached: Duration::ZERO,
        }
    }
}

impl Clock for SystemClock {
    fn now(&mut self) -> Duration {
        platform::now().max(self.reached)
    }

    fn poll_hint(&mut self, cx: &mut Context<'_>) -> Poll<Hint> {
        self.hints.poll(cx)
    }

    fn poll_until(
        &mut self,
        due: Option<Duration>,
        now: Duration,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(due) = due else {
            self.timer = None;
            return Poll::Pending;
        };
        let timer = match self.timer.take().filter(|timer| timer.due == due) {
            Some(timer) => self.timer.insert(timer),
            None => {
                let delay = due.saturating_sub(now).min(LONGEST);
                let end = now.saturating_add(delay);
                self.timer.insert(Timer {
                    due,
                    end,
                    sleep: platform::sleep_until(end),
                })
            }
        };
        ready!(timer.sleep.poll_unpin(cx));
        self.reached = timer.end;
        self.timer = None;
        Poll::Ready(())
    }
}

// Virtual time is there where panics unwind.
#[cfg(all(test, panic = "unwind"))]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::platform::native::virtual_time::VirtualTime;

    const DAY: Duration = LONGEST;

    fn poll(clock: &mut SystemClock, due: Duration) -> Poll<()> {
        let now = clock.now();
        clock.poll_until(Some(due), now, &mut Context::from_waker(Waker::noop()))
    }

    /// Else it would be set again and again, while its own clock runs away.
    #[test]
    fn a_time_that_was_waited_for_is_over_whatever_the_clock_says() {
        let _time = VirtualTime::start().unwrap();
        let mut clock = SystemClock::new();
        let due = clock.now() + DAY;
        clock.timer = Some(Timer {
            due,
            end: due,
            sleep: platform::sleep_until(Duration::ZERO),
        });
        assert!(poll(&mut clock, due).is_ready());
        assert_eq!(clock.now(), due);
    }

    #[test]
    fn what_is_too_long_for_a_timer_takes_several() {
        let time = VirtualTime::start().unwrap();
        let mut clock = SystemClock::new();
        let due = clock.now() + 40 * DAY;
        let mut timers = 0;
        while clock.now() < due {
            assert!(poll(&mut clock, due).is_pending());
            time.advance(DAY);
            assert!(poll(&mut clock, due).is_ready());
            timers += 1;
        }
        assert_eq!(timers, 40);
    }

    #[test]
    fn a_late_timer_is_one_that_is_over() {
        let time = VirtualTime::start().unwrap();
        let mut clock = SystemClock::new();
        let due = clock.now() + Duration::from_secs(1);
        assert!(poll(&mut clock, due).is_pending());
        time.advance(3 * DAY);
        assert!(poll(&mut clock, due).is_ready());
        assert!(clock.now() >= due + 2 * DAY);
    }
}
