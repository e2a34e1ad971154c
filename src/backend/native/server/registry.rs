//! The connections of a listener: what its limits count, and what its end reaches.
//!
//! Each has a [`Seat`], which goes with it from TCP's accept to the end of its socket. While the
//! registry is locked, no waker is woken or dropped, since a task may end with it, and no socket is
//! called. A socket may call the registry while it is locked itself, but gives up its seat only
//! afterwards.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};

/// An unfinished handshake has at least so long, whoever else wants to come in.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// A socket, as far as its listener has to do with it. It may be gone.
pub(crate) trait Member: Send + Sync {
    fn close(&self, close: Close);
    fn abort(&self);
}

/// How a listener says goodbye.
pub(crate) fn goodbye() -> Close {
    CloseCode::GOING_AWAY.into()
}

#[derive(Default)]
pub(crate) struct Registry {
    /// Of connections, and of unfinished handshakes.
    connections: Option<usize>,
    handshakes: Option<usize>,
    state: Mutex<State>,
}

/// Keys are in the order of accepting.
#[derive(Default)]
struct State {
    next: u64,
    /// Handshakes that are being read.
    unfinished: BTreeMap<u64, Unfinished>,
    /// Those that were read, and the sockets that they became.
    finished: BTreeMap<u64, Option<Arc<dyn Member>>>,
    is_ending: bool,
    /// How many sockets are gone since the end began.
    closed: usize,
    /// Of the listener, which waits for room, or for the last to go.
    waker: Option<Waker>,
}

struct Unfinished {
    since: Duration,
    waker: Option<Waker>,
}

/// The room for another connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Free,
    /// Once a connection ends; the waker is kept.
    Later,
    /// That, or at the latest after this time.
    After(Duration),
}

/// Why a handshake is not gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenUp {
    GaveWay,
    Ending,
}

impl From<GivenUp> for Error {
    fn from(why: GivenUp) -> Error {
        match why {
            GivenUp::GaveWay => {
                let why = "the opening handshake gave way to newer ones";
                Error::new(ErrorKind::TimedOut, why)
            }
            GivenUp::Ending => Error::wrong_state("the listener is shutting down"),
        }
    }
}

impl Registry {
    pub(crate) fn new(connections: Option<usize>, handshakes: Option<usize>) -> Arc<Registry> {
        Arc::new(Registry {
            connections,
            handshakes,
            state: Mutex::default(),
        })
    }

    /// Returns the room for another connection. An unfinished handshake that has had its time gives
    /// way.
    pub(crate) fn room(&self, now: Duration, waker: &Waker) -> Room {
        let mut waker = Some(waker.clone());
        let mut state = self.lock();
        let unfinished = state.unfinished.len();
        let all = unfinished + state.finished.len();
        let is_full = |most: Option<usize>, count| most.is_some_and(|most| count >= most);
        if !is_full(self.connections, all) && !is_full(self.handshakes, unfinished) {
            return Room::Free;
        }
        let Some(oldest) = state.unfinished.first_entry() else {
            mem::swap(&mut state.waker, &mut waker);
            return Room::Later;
        };
        let age = now.saturating_sub(oldest.get().since);
        if age < GRACE {
            mem::swap(&mut state.waker, &mut waker);
            return Room::After(GRACE - age);
        }
        let given_up = oldest.remove();
        drop(state);
        given_up.waker.into_iter().for_each(Waker::wake);
        Room::Free
    }

    /// The seat of a connection that was accepted.
    pub(crate) fn seat(self: &Arc<Registry>, now: Duration) -> Seat {
        let mut state = self.lock();
        let key = state.next;
        state.next += 1;
        let unfinished = Unfinished {
            since: now,
            waker: None,
        };
        state.unfinished.insert(key, unfinished);
        drop(state);
        Seat {
            key,
            registry: self.clone(),
        }
    }

    /// The end begins: handshakes are given up, and sockets closed.
    pub(crate) fn begin_end(&self) {
        let mut state = self.lock();
        state.is_ending = true;
        let unfinished = mem::take(&mut state.unfinished);
        let open: Vec<_> = state.finished.values().flatten().cloned().collect();
        drop(state);
        let wakers = unfinished.into_values().filter_map(|u| u.waker);
        wakers.for_each(Waker::wake);
        for socket in open {
            socket.close(goodbye());
        }
    }

    /// Ready when all have gone.
    pub(crate) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut waker = Some(cx.waker().clone());
        let mut state = self.lock();
        if state.finished.is_empty() {
            return Poll::Ready(());
        }
        mem::swap(&mut state.waker, &mut waker);
        Poll::Pending
    }

    /// Aborts those that stayed: how many went by themselves, and how many did not.
    pub(crate) fn end(&self) -> (usize, usize) {
        let mut state = self.lock();
        let closed = state.closed;
        let stayed = mem::take(&mut state.finished);
        drop(state);
        let open: Vec<_> = stayed.into_values().flatten().collect();
        for socket in &open {
            socket.abort();
        }
        (closed, open.len())
    }

    /// Nothing in here panics half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place in the registry, which it leaves by dropping this.
pub(crate) struct Seat {
    key: u64,
    registry: Arc<Registry>,
}

impl Seat {
    /// Ready when the unfinished handshake is not to be gone on with.
    pub(crate) fn poll_given_up(&self, cx: &mut Context<'_>) -> Poll<GivenUp> {
        let mut waker = Some(cx.waker().clone());
        let mut state = self.registry.lock();
        if let Some(unfinished) = state.unfinished.get_mut(&self.key) {
            mem::swap(&mut unfinished.waker, &mut waker);
            return Poll::Pending;
        }
        Poll::Ready(match state.is_ending {
            true => GivenUp::Ending,
            false => GivenUp::GaveWay,
        })
    }

    /// The handshake was read; false when it was given up.
    pub(crate) fn finish(&self) -> bool {
        let mut state = self.registry.lock();
        let is_here = state.unfinished.remove(&self.key).is_some();
        if is_here {
            state.finished.insert(self.key, None);
        }
        // It may have been one of too many unfinished ones.
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        is_here
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.registry.lock().is_ending
    }

    /// The handshake has become a socket; false when that is to be closed.
    pub(crate) fn open(&self, socket: Arc<dyn Member>) -> bool {
        let mut state = self.registry.lock();
        if let Some(place) = state.finished.get_mut(&self.key) {
            *place = Some(socket);
        }
        !state.is_ending
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.registry.lock();
        state.unfinished.remove(&self.key);
        let gone = state.finished.remove(&self.key);
        if state.is_ending && matches!(gone, Some(Some(_))) {
            state.closed += 1;
        }
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::poll_fn;

    use super::*;

    fn room(registry: &Registry, seconds: u64) -> Room {
        registry.room(Duration::from_secs(seconds), Waker::noop())
    }

    fn given_up(seat: &Seat) -> Option<GivenUp> {
        poll_fn(|cx| seat.poll_given_up(cx)).now_or_never()
    }

    #[test]
    fn the_oldest_handshake_gives_way_once_it_has_had_its_time() {
        let registry = Registry::new(None, Some(2));
        let oldest = registry.seat(Duration::from_secs(10));
        assert_eq!(room(&registry, 10), Room::Free);
        let second = registry.seat(Duration::from_millis(10_500));
        assert_eq!(room(&registry, 10), Room::After(GRACE));
        assert_eq!(given_up(&oldest), None);
        assert_eq!(room(&registry, 11), Room::Free);
        assert_eq!(given_up(&oldest), Some(GivenUp::GaveWay));
        assert!(!oldest.finish());
        assert_eq!(given_up(&second), None);
        let _third = registry.seat(Duration::from_secs(11));
        assert_eq!(room(&registry, 11), Room::After(GRACE / 2));
        assert!(second.finish());
        assert_eq!(room(&registry, 11), Room::Free);
    }

    #[test]
    fn what_is_connected_never_gives_way() {
        let registry = Registry::new(Some(2), Some(5));
        let socket = registry.seat(Duration::ZERO);
        assert!(socket.finish());
        let unfinished = registry.seat(Duration::ZERO);
        assert_eq!(room(&registry, 9), Room::Free);
        assert_eq!(given_up(&unfinished), Some(GivenUp::GaveWay));
        let other = registry.seat(Duration::ZERO);
        assert!(other.finish());
        assert_eq!(room(&registry, 9), Room::Later);
        drop(socket);
        assert_eq!(room(&registry, 9), Room::Free);
    }

    #[test]
    fn an_end_is_no_giving_way_and_seats_may_come_too_late() {
        struct Never;
        impl Member for Never {
            fn close(&self, _: Close) {}
            fn abort(&self) {}
        }

        let registry = Registry::new(None, None);
        let unfinished = registry.seat(Duration::ZERO);
        let pending = registry.seat(Duration::ZERO);
        assert!(pending.finish());
        registry.begin_end();
        assert_eq!(given_up(&unfinished), Some(GivenUp::Ending));
        assert!(pending.is_ending());
        // Its answer was under way.
        assert!(!pending.open(Arc::new(Never)));
        drop(pending);
        assert_eq!(registry.end(), (1, 0));
    }
}
