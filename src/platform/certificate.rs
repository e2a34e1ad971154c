use std::error::Error as StdError;
use std::sync::OnceLock;
use std::time::SystemTime;

/// A certificate (X.509, RFC 5280). Its bytes are read when somebody asks for what they say: a handshake
/// that nobody looks at does not pay for it.
pub(crate) struct Certificate {
    der: Vec<u8>,
    read: fn(&[u8]) -> CertificateFields,
    fields: OnceLock<CertificateFields>,
}

/// The fields of a certificate.
#[derive(Default)]
pub(crate) struct CertificateFields {
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) not_before: Option<SystemTime>,
    pub(crate) not_after: Option<SystemTime>,
    pub(crate) sha1: [u8; 20],
    pub(crate) sha256: [u8; 32],
    pub(crate) public_key_sha256: [u8; 32],
}

impl Certificate {
    #[allow(dead_code)] // A platform reads certificates or does not.
    pub(crate) fn new(der: Vec<u8>, read: fn(&[u8]) -> CertificateFields) -> Certificate {
        Certificate {
            der,
            read,
            fields: OnceLock::new(),
        }
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn fields(&self) -> &CertificateFields {
        self.fields.get_or_init(|| (self.read)(&self.der))
    }
}

/// Why a certificate could not be read.
#[allow(dead_code)] // As above.
pub(crate) enum Unreadable {
    /// Nothing is compiled in that reads certificates.
    Unsupported,
    Malformed(Box<dyn StdError + Send + Sync>),
}
