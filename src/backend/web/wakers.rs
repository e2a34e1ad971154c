use std::task::Waker;

/// So many tasks do not wait: those are left from futures that were dropped, or new wakers of
/// one task. They are woken, and come back if they are there.
const MANY: usize = 32;

/// The tasks that wait for one thing.
#[derive(Debug, Default)]
pub(crate) struct Wakers(Vec<Waker>);

impl Wakers {
    /// Adds a task, unless it only looks. True for the first one.
    pub(crate) fn add(&mut self, waker: &Waker) -> bool {
        if waker.will_wake(Waker::noop()) || self.0.iter().any(|other| other.will_wake(waker)) {
            return false;
        }
        self.0.push(waker.clone());
        self.0.len() == 1
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those to wake, where nothing is borrowed any more.
    pub(crate) fn take_if(&mut self, is_there: bool) -> Vec<Waker> {
        match is_there || self.0.len() > MANY {
            true => std::mem::take(&mut self.0),
            false => Vec::new(),
        }
    }
}
