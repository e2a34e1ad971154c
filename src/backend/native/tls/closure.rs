//! Closures of the application that a TLS library calls.

use std::panic::{self, AssertUnwindSafe};

use crate::error::{Error, ErrorKind};

/// Calls a closure below a library, which no panic may cross. `None` when it panicked: that is the end
/// of the connection as soon as the library returns, by [`panicked`].
pub(super) fn catch<T>(call: impl FnOnce() -> T) -> Option<T> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => Some(result),
        Err(payload) => {
            // Dropping it may panic as well.
            let _ = panic::catch_unwind(AssertUnwindSafe(move || drop(payload)));
            None
        }
    }
}

pub(super) fn panicked() -> Error {
    let text = "a closure of the application panicked in the TLS handshake";
    Error::new(ErrorKind::Tls, text)
}
