//! Without a TLS library certificates are not read either.

use crate::{Error, Features, TlsCertificate};

pub(crate) fn certificate_from_der(_: &[u8]) -> Result<TlsCertificate, Error> {
    Err(Error::unsupported(Features::TLS_CONFIG))
}

pub(crate) fn certificate_from_pem(_: &[u8]) -> Result<TlsCertificate, Error> {
    Err(Error::unsupported(Features::TLS_CONFIG))
}
