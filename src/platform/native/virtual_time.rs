//! Time that passes when a test says so, for the sockets of its thread.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::platform::Sleep;

/// The look-up of this name never ends.
pub(crate) const NEVER_RESOLVES: &str = "never.resolves.test";

thread_local! {
    static TIME: RefCell<Option<Arc<Mutex<Duration>>>> = const { RefCell::new(None) };
}

/// While it lives, timers of this thread wait for [`advance`](Self::advance) alone. Whoever waits
/// is polled again by the test.
pub(crate) struct VirtualTime(Arc<Mutex<Duration>>);

impl VirtualTime {
    pub(crate) fn start() -> VirtualTime {
        let time = Arc::<Mutex<Duration>>::default();
        TIME.set(Some(time.clone()));
        VirtualTime(time)
    }

    pub(crate) fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

impl Drop for VirtualTime {
    fn drop(&mut self) {
        TIME.set(None);
    }
}

/// The virtual time, if that is on.
pub(crate) fn now() -> Option<Duration> {
    let time = TIME.with_borrow(Clone::clone)?;
    Some(*time.lock().unwrap())
}

/// A timer in virtual time, if that is on.
pub(crate) fn sleep(duration: Duration) -> Option<Sleep> {
    struct Sleeping {
        time: Arc<Mutex<Duration>>,
        end: Duration,
    }

    impl Future for Sleeping {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if *self.time.lock().unwrap() < self.end {
                return Poll::Pending;
            }
            Poll::Ready(())
        }
    }

    let time = TIME.with_borrow(Clone::clone)?;
    let end = *time.lock().unwrap() + duration;
    Some(Box::pin(Sleeping { time, end }))
}
