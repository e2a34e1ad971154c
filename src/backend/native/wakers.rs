use std::sync::Arc;
use std::task::{Wake, Waker};

use futures::task::AtomicWaker;

/// Who waits for the socket. A transport remembers one waker for each direction, but one task may
/// wait for events while another flushes; so it gets this one, which wakes both.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    /// Waits for events.
    pub(crate) events: AtomicWaker,
    /// Waits for everything to be written.
    pub(crate) flush: AtomicWaker,
}

impl Wakers {
    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(self.clone())
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.events.wake();
        self.flush.wake();
    }
}
