//! Time that passes when a test says so, for the sockets of its thread.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::Duration;

/// The look-up of this name never ends.
pub(crate) const NEVER_RESOLVES: &str = "never.resolves.test";

thread_local! {
    static NOW: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// While it lives, the clock of this thread shows what [`advance`](Self::advance) says. Whoever
/// waits is polled again by the test.
pub(crate) struct VirtualTime(PhantomData<*const ()>);

impl VirtualTime {
    pub(crate) fn start() -> VirtualTime {
        NOW.set(Some(Duration::ZERO));
        VirtualTime(PhantomData)
    }

    pub(crate) fn advance(&self, duration: Duration) {
        NOW.set(NOW.get().map(|now| now + duration));
    }
}

impl Drop for VirtualTime {
    fn drop(&mut self) {
        NOW.set(None);
    }
}

/// What the clock shows, if time is virtual.
pub(crate) fn now() -> Option<Duration> {
    NOW.get()
}
