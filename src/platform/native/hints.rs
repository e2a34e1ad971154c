use std::task::{Context, Poll};

use crate::platform::hint::Hint;

/// Hints of the platform about the network: natively none.
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
