//! The tasks that wait for a socket.
//!
//! One task waits for events, any number wait for the queue to be written. A transport and a timer
//! remember one waker, so they get one that wakes all of them.
//!
//! A waker is the executor's code, so it is cloned, woken and dropped while the driver is not
//! locked. A task therefore registers *after* the driver has returned `Pending` to it, and what
//! happens in between is noted:
//!
//! ```text
//! task                                  transport, sender, other task
//! seen = events.begin()
//! lock, drive: Pending, unlock
//!                                       events.wake()   notes it; nobody is registered
//! events.wait(waker, seen)  -> false: something was noted since `begin`, drive again
//! ```

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

#[derive(Debug, Default)]
pub(crate) struct Wakers {
    /// Waits for events: one task, the last that came.
    pub(crate) events: Waiters<Option<Waker>>,
    /// Wait for everything to be written.
    pub(crate) flushes: Waiters<Vec<Waker>>,
}

impl Wakers {
    /// The waker that a transport and timers get.
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
        self.flushes.wake();
    }
}

/// Wakers, and how often they were woken.
#[derive(Debug, Default)]
pub(crate) struct Waiters<W> {
    times: AtomicU64,
    registered: Mutex<W>,
}

/// A place for the wakers of tasks.
pub(crate) trait Registry: Default + IntoIterator<Item = Waker> {
    /// Returns whether the task of this waker is registered already.
    fn has(&self, waker: &Waker) -> bool;

    /// Registers a task; what has to make room for it is returned, to be dropped by the caller.
    fn add(&mut self, waker: Waker) -> Option<Waker>;
}

impl Registry for Option<Waker> {
    fn has(&self, waker: &Waker) -> bool {
        self.as_ref().is_some_and(|other| other.will_wake(waker))
    }

    fn add(&mut self, waker: Waker) -> Option<Waker> {
        self.replace(waker)
    }
}

impl Registry for Vec<Waker> {
    fn has(&self, waker: &Waker) -> bool {
        self.iter().any(|other| other.will_wake(waker))
    }

    fn add(&mut self, waker: Waker) -> Option<Waker> {
        self.push(waker);
        None
    }
}

impl<W: Registry> Waiters<W> {
    /// Before a task drives: what [`wait`](Self::wait) is given.
    pub(crate) fn begin(&self) -> u64 {
        self.times.load(Ordering::SeqCst)
    }

    /// Registers a task that found nothing to do since [`begin`](Self::begin). False when it was
    /// woken since: then it has to look again.
    pub(crate) fn wait(&self, waker: &Waker, seen: u64) -> bool {
        if !self.lock().has(waker) {
            let waker = waker.clone();
            let stale = self.lock().add(waker);
            drop(stale);
        }
        self.times.load(Ordering::SeqCst) == seen
    }

    /// Wakes all who wait, and has those look again who are about to.
    pub(crate) fn wake(&self) {
        self.times.fetch_add(1, Ordering::SeqCst);
        let registered = mem::take(&mut *self.lock());
        registered.into_iter().for_each(Waker::wake);
    }

    /// No code of others runs while this is locked.
    fn lock(&self) -> MutexGuard<'_, W> {
        self.registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
