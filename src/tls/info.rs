use super::certificate::TlsCertificate;
use super::error::TlsError;

/// The parameters that a TLS handshake negotiated: Qt's `sslConfiguration()` afterwards.
///
/// # Platform-specific
///
/// Complete with [`Features::TLS_INFO`](crate::Features::TLS_INFO). Without it, `native-tls` has
/// the peer's own certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsInfo {
    pub(crate) version: Option<TlsVersion>,
    pub(crate) cipher: Option<String>,
    pub(crate) alpn: Option<String>,
    pub(crate) resumed: Option<bool>,
    pub(crate) peer_certificates: Vec<TlsCertificate>,
    pub(crate) ignored_errors: Vec<TlsError>,
}

impl TlsInfo {
    /// The version.
    pub fn version(&self) -> Option<TlsVersion> {
        self.version
    }

    /// The cipher, or the cipher suite of TLS 1.3, by OpenSSL's name: `TLS_AES_256_GCM_SHA384`.
    pub fn cipher(&self) -> Option<&str> {
        self.cipher.as_deref()
    }

    /// The protocol that was chosen from [`alpn`](crate::TlsConfig::alpn).
    pub fn alpn(&self) -> Option<&str> {
        self.alpn.as_deref()
    }

    /// `Some(true)` if a session was resumed; `None` if the library does not report it.
    pub fn resumed(&self) -> Option<bool> {
        self.resumed
    }

    /// The certificates that the peer sent, its own first.
    pub fn peer_certificates(&self) -> &[TlsCertificate] {
        &self.peer_certificates
    }

    /// The certificate errors that were ignored: Qt's `sslHandshakeErrors()`.
    pub fn ignored_errors(&self) -> &[TlsError] {
        &self.ignored_errors
    }
}

/// The versions of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.0, of 1999; do not use it (RFC 8996).
    Tls1_0,
    /// TLS 1.1, of 2006; do not use it (RFC 8996).
    Tls1_1,
    /// TLS 1.2 (RFC 5246).
    Tls1_2,
    /// TLS 1.3 (RFC 8446).
    Tls1_3,
}
