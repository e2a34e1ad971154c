use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::mem;
use std::task::{Context, Waker};
use std::time::Duration;

/// The look-up of this name never ends.
#[cfg(test)]
pub(crate) const NEVER_RESOLVES: &str = "never.resolves.test";

thread_local! {
    static NOW: Cell<Option<Duration>> = const { Cell::new(None) };
    static SLEEPERS: RefCell<Vec<Sleeper>> = const { RefCell::new(Vec::new()) };
}

struct Sleeper {
    deadline: Duration,
    waker: Waker,
}

/// Time that passes when a test says so, and not otherwise: time limits, keep-alive and delays of the
/// sockets that are used on this thread while it lives. It takes no runtime; with tokio's, pausing
/// that does the same for everything else, too.
///
/// Start it before the sockets are made. Other threads keep their time.
///
/// ```
/// use std::time::Duration;
/// use qwebsocket::testing::{self, VirtualTime};
/// use qwebsocket::{ErrorKind, KeepAlive, Options, WebSocket, WebSocketExt};
///
/// let time = VirtualTime::start().unwrap();
/// let keep_alive = KeepAlive::ping(Duration::from_secs(30)).limit(Duration::from_secs(10));
/// let (_client, server) = testing::pair(Options::new(), Options::new().keep_alive(keep_alive))?;
/// for seconds in [30, 10] {
///     // Drives it: it looks at the clock, and pings. Nobody polls the client, so it does not answer.
///     while server.try_next().is_some() {}
///     time.advance(Duration::from_secs(seconds));
/// }
/// while server.try_next().is_some() {}
/// assert_eq!(server.last_error().unwrap().kind(), ErrorKind::TimedOut);
/// # Ok::<(), qwebsocket::Error>(())
/// ```
///
/// # Platform-specific
///
/// Not in a browser, whose timers a test replaces by its own.
#[derive(Debug)]
#[must_use = "time passes again when it is dropped"]
pub struct VirtualTime(PhantomData<*const ()>);

impl VirtualTime {
    /// Stops the time of this thread. `None` where it is stopped already, and in a browser.
    pub fn start() -> Option<VirtualTime> {
        if NOW.get().is_some() {
            return None;
        }
        NOW.set(Some(Duration::ZERO));
        Some(VirtualTime(PhantomData))
    }

    /// Lets so much time pass at once, and wakes the tasks whose timers are over. What they begin then
    /// takes its own time from there.
    pub fn advance(&self, duration: Duration) {
        let now = NOW.get().unwrap_or_default().saturating_add(duration);
        NOW.set(Some(now));
        wake(|sleeper| sleeper.deadline <= now);
    }
}

impl Drop for VirtualTime {
    fn drop(&mut self) {
        NOW.set(None);
        wake(|_| true);
    }
}

/// Nothing is borrowed while they are woken, since that may poll them.
fn wake(is_due: impl Fn(&Sleeper) -> bool) {
    let due: Vec<Sleeper> = SLEEPERS.with_borrow_mut(|sleepers| {
        let (due, rest) = mem::take(sleepers).into_iter().partition(is_due);
        *sleepers = rest;
        due
    });
    due.into_iter().for_each(|sleeper| sleeper.waker.wake());
}

/// The reading of the clock, if time is virtual.
pub(super) fn now() -> Option<Duration> {
    NOW.get()
}

/// Wakes the task once the clock shows `deadline`. False where time is not virtual.
pub(super) fn wake_at(deadline: Duration, cx: &Context<'_>) -> bool {
    if NOW.get().is_none() {
        return false;
    }
    let waker = cx.waker();
    SLEEPERS.with_borrow_mut(|sleepers| {
        let is_same =
            |sleeper: &Sleeper| sleeper.deadline == deadline && sleeper.waker.will_wake(waker);
        if !sleepers.iter().any(is_same) {
            let waker = waker.clone();
            sleepers.push(Sleeper { deadline, waker });
        }
    });
    true
}
