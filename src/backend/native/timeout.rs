use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use super::error::io_error;
use crate::error::{Error, ErrorKind};
use crate::platform;
use crate::platform::native::runtime;

/// `future`, or [`ErrorKind::TimedOut`] after `limit`.
pub(crate) async fn timeout<T>(
    limit: Option<Duration>,
    text: &'static str,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else {
        return future.await;
    };
    // Nobody would say when the limit is over.
    runtime::check().map_err(io_error)?;
    match select(pin!(future), platform::sleep(limit)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::new(ErrorKind::TimedOut, text)),
    }
}
