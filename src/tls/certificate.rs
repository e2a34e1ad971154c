use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::platform::Certificate;

/// A certificate (X.509, RFC 5280) of a peer. Cloning shares it; two are equal when their bytes are.
#[derive(Clone)]
pub struct TlsCertificate(Arc<Certificate>);

impl TlsCertificate {
    #[allow(dead_code)] // Not every backend sees certificates.
    pub(crate) fn new(certificate: Certificate) -> TlsCertificate {
        TlsCertificate(Arc::new(certificate))
    }

    /// The certificate itself, in DER form.
    pub fn der(&self) -> &[u8] {
        self.0.der()
    }

    /// The subject, in the notation of RFC 4514: `CN=example.org,O=Example`.
    pub fn subject(&self) -> &str {
        &self.0.fields().subject
    }

    /// The issuer, in the same notation.
    pub fn issuer(&self) -> &str {
        &self.0.fields().issuer
    }

    /// The start of the validity period; `None` if it cannot be read.
    pub fn not_before(&self) -> Option<SystemTime> {
        self.0.fields().not_before
    }

    /// The last moment at which it is valid; `None` for a time that cannot be read.
    pub fn not_after(&self) -> Option<SystemTime> {
        self.0.fields().not_after
    }

    /// The fingerprint by SHA-1, for lists that have no other; it is no proof of anything.
    pub fn sha1(&self) -> [u8; 20] {
        self.0.fields().sha1
    }

    /// The fingerprint by SHA-256.
    pub fn sha256(&self) -> [u8; 32] {
        self.0.fields().sha256
    }

    /// The SHA-256 hash of its public key (`SubjectPublicKeyInfo`, as RFC 7469 §2.4), for
    /// [`pin_public_key`](crate::TlsConfig::pin_public_key). It stays when a certificate is renewed
    /// with the same key.
    pub fn public_key_sha256(&self) -> [u8; 32] {
        self.0.fields().public_key_sha256
    }
}

impl PartialEq for TlsCertificate {
    fn eq(&self, other: &TlsCertificate) -> bool {
        self.0.der() == other.0.der()
    }
}

impl Eq for TlsCertificate {}

impl fmt::Debug for TlsCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsCertificate")
            .field("subject", &self.subject())
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}
