use std::fmt;
use std::path::PathBuf;

use super::source::Source;

/// A certificate with its private key, for [`TlsConfig::identity`](crate::TlsConfig::identity).
///
/// What cannot be read, or does not belong together, is refused by
/// [`Options::build`](crate::Options::build) with
/// [`InvalidInput`](crate::ErrorKind::InvalidInput).
#[derive(Clone, PartialEq, Eq)]
pub struct TlsIdentity {
    pub(crate) form: IdentityForm,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum IdentityForm {
    Pem {
        chain: Source,
        key: Source,
        password: Option<String>,
    },
    Pkcs12 {
        file: Source,
        password: String,
    },
}

impl TlsIdentity {
    /// A certificate in PEM form, with those that lead to its root behind it, and its key as PKCS#8
    /// (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC1 (`EC PRIVATE KEY`) in PEM form. Both may
    /// be the same text, with certificates and key in any order.
    pub fn pem(chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> TlsIdentity {
        TlsIdentity::from_pem(Source::Bytes(chain.into()), Source::Bytes(key.into()))
    }

    /// [`pem`](Self::pem) from files.
    pub fn pem_files(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> TlsIdentity {
        TlsIdentity::from_pem(Source::File(chain.into()), Source::File(key.into()))
    }

    /// A PKCS#12 archive (RFC 7292).
    ///
    /// # Platform-specific
    ///
    /// rustls takes none: [`Options::build`](crate::Options::build) refuses it with
    /// [`Features::ENCRYPTED_KEY`](crate::Features::ENCRYPTED_KEY).
    pub fn pkcs12(archive: impl Into<Vec<u8>>, password: impl Into<String>) -> TlsIdentity {
        TlsIdentity {
            form: IdentityForm::Pkcs12 {
                file: Source::Bytes(archive.into()),
                password: password.into(),
            },
        }
    }

    /// [`pkcs12`](Self::pkcs12) from a file.
    pub fn pkcs12_file(path: impl Into<PathBuf>, password: impl Into<String>) -> TlsIdentity {
        TlsIdentity {
            form: IdentityForm::Pkcs12 {
                file: Source::File(path.into()),
                password: password.into(),
            },
        }
    }

    /// The password of an encrypted key in PEM form; a PKCS#12 archive gets it in place of its own.
    ///
    /// # Platform-specific
    ///
    /// For PEM: [`Features::ENCRYPTED_KEY`](crate::Features::ENCRYPTED_KEY).
    pub fn password(mut self, secret: impl Into<String>) -> TlsIdentity {
        match &mut self.form {
            IdentityForm::Pem { password, .. } => *password = Some(secret.into()),
            IdentityForm::Pkcs12 { password, .. } => *password = secret.into(),
        }
        self
    }

    fn from_pem(chain: Source, key: Source) -> TlsIdentity {
        TlsIdentity {
            form: IdentityForm::Pem {
                chain,
                key,
                password: None,
            },
        }
    }
}

/// Shows neither key nor password.
impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity(…)")
    }
}
