//! Certificates that the application gives.

use super::certificate::TlsCertificate;
use crate::error::Error;
use crate::features::Features;
use crate::platform::{self, Certificate, Unreadable};

impl TlsCertificate {
    /// A certificate in DER form, to be compared with, as for
    /// [`ignore_errors`](crate::TlsConfig::ignore_errors).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no certificate.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CONFIG`](crate::Features::TLS_CONFIG).
    pub fn from_der(der: &[u8]) -> Result<TlsCertificate, Error> {
        read(platform::certificate_from_der(der))
    }

    /// [`from_der`](Self::from_der) for the first certificate of a PEM text.
    ///
    /// # Errors
    ///
    /// As [`from_der`](Self::from_der).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CONFIG`](crate::Features::TLS_CONFIG).
    pub fn from_pem(pem: &[u8]) -> Result<TlsCertificate, Error> {
        read(platform::certificate_from_pem(pem))
    }
}

fn read(certificate: Result<Certificate, Unreadable>) -> Result<TlsCertificate, Error> {
    match certificate {
        Ok(certificate) => Ok(TlsCertificate::new(certificate)),
        Err(Unreadable::Unsupported) => Err(Error::unsupported(Features::TLS_CONFIG)),
        Err(Unreadable::Malformed(source)) => {
            Err(Error::invalid_input("a certificate is malformed").with_source(source))
        }
    }
}
