//! Without a TLS library certificates are not read either.

use crate::platform::certificate::{Certificate, Unreadable};

pub(crate) fn certificate_from_der(_: &[u8]) -> Result<Certificate, Unreadable> {
    Err(Unreadable::Unsupported)
}

pub(crate) fn certificate_from_pem(_: &[u8]) -> Result<Certificate, Unreadable> {
    Err(Unreadable::Unsupported)
}
