use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;

use super::round::Round;
use crate::error::Error;
use crate::platform::native::runtime;
use crate::platform::{self, Sleep};

/// Some transports learn of what has arrived when their runtime gets its turn: they have this time.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Why writing failed. The peer's last words, its close frame among them, may still be read.
pub(super) struct WriteFailure {
    error: Error,
    limit: Sleep,
}

impl WriteFailure {
    pub(super) fn new(error: Error) -> WriteFailure {
        WriteFailure {
            error,
            limit: platform::sleep(LAST_WORDS),
        }
    }

    pub(super) fn into_error(self) -> Error {
        self.error
    }

    /// Ready when nothing more is to be read: at once for who only writes, and where no timer would
    /// wake.
    pub(super) fn poll(&mut self, round: &Round, cx: &mut Context<'_>) -> Poll<Error> {
        let waits = round.read_ahead.is_none() && runtime::check().is_ok();
        if waits && self.limit.poll_unpin(cx).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(self.error.clone())
    }
}
