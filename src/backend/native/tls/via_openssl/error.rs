use openssl::error::ErrorStack;

use crate::error::{Error, ErrorKind};

/// OpenSSL failed where only a lack of memory explains it.
pub(crate) fn internal(error: ErrorStack) -> Error {
    Error::quoting(ErrorKind::Tls, "OpenSSL failed", error)
}
