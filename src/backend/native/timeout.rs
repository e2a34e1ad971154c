use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use futures::future::{Either, select};

use super::runtime;
use crate::{Error, ErrorKind};

/// Time since some point in the past; it never goes back.
pub(crate) fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// `future`, or [`ErrorKind::TimedOut`] after `limit`.
pub(super) async fn within<T>(
    limit: Option<Duration>,
    text: &'static str,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else {
        return future.await;
    };
    match select(pin!(future), runtime::sleep(limit)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::new(ErrorKind::TimedOut, text)),
    }
}
