use std::task::{Context, Poll};

use crate::platform::hint::Hint;

/// What the platform tells of the network: natively nothing.
#[derive(Debug)]
pub(crate) struct Hints;

impl Hints {
    pub(crate) fn new() -> Hints {
        Hints
    }

    pub(crate) fn poll(&mut self, _: &mut Context<'_>) -> Poll<Hint> {
        Poll::Pending
    }
}
