use std::error::Error as StdError;
use std::time::SystemTime;

/// What is read from the bytes of a certificate (X.509, RFC 5280).
#[derive(Default)]
pub(crate) struct CertificateFields {
    pub(crate) der: Vec<u8>,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) not_before: Option<SystemTime>,
    pub(crate) not_after: Option<SystemTime>,
    pub(crate) sha1: [u8; 20],
    pub(crate) sha256: [u8; 32],
    pub(crate) public_key_sha256: [u8; 32],
}

/// Why a certificate could not be read.
#[allow(dead_code)] // A platform reads certificates or does not.
pub(crate) enum Unreadable {
    /// Nothing is compiled in that reads certificates.
    Unsupported,
    Malformed(Box<dyn StdError + Send + Sync>),
}
