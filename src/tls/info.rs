use super::certificate::TlsCertificate;
use super::error::TlsError;

/// What was agreed on in a TLS handshake: what Qt's `sslConfiguration()` tells afterwards.
///
/// # Platform-specific
///
/// Complete with [`Features::TLS_INFO`](crate::Features::TLS_INFO). Without it, `native-tls` tells
/// the peer's own certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsInfo {
    /// The version.
    pub version: Option<TlsVersion>,
    /// The cipher, or the cipher suite of TLS 1.3, by OpenSSL's name: `TLS_AES_256_GCM_SHA384`.
    pub cipher: Option<String>,
    /// The protocol that was chosen from [`alpn`](crate::TlsConfig::alpn).
    pub alpn: Option<String>,
    /// Whether a session was resumed.
    pub resumed: Option<bool>,
    /// The certificates that the peer sent, its own first.
    pub peer_certificates: Vec<TlsCertificate>,
    /// What was wrong with them and was let pass: Qt's `sslHandshakeErrors()`.
    pub ignored_errors: Vec<TlsError>,
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
