use std::fmt;

/// How `wss` connections trust and present themselves.
///
/// By default the system's root certificates are trusted, the certificate must name the host, and
/// TLS 1.2 is the lowest version.
///
/// # Platform-specific
///
/// Browsers decide all of it by themselves: [`Features::TLS_CONFIG`](crate::Features::TLS_CONFIG).
#[derive(Clone, PartialEq, Eq)]
pub struct TlsConfig {
    pub(crate) system_roots: bool,
    pub(crate) roots: Vec<Certificate>,
}

/// A certificate, not yet looked into.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Certificate {
    Pem(Vec<u8>),
    Der(Vec<u8>),
}

impl TlsConfig {
    /// The defaults.
    pub fn new() -> TlsConfig {
        TlsConfig::default()
    }

    /// Whether the system's root certificates are trusted. Default: yes.
    pub fn system_roots(mut self, trusted: bool) -> TlsConfig {
        self.system_roots = trusted;
        self
    }

    /// Trusts a root certificate in PEM form. Default: none besides the system's.
    pub fn root_pem(mut self, certificate: impl Into<Vec<u8>>) -> TlsConfig {
        self.roots.push(Certificate::Pem(certificate.into()));
        self
    }

    /// Trusts a root certificate in DER form. Default: none besides the system's.
    pub fn root_der(mut self, certificate: impl Into<Vec<u8>>) -> TlsConfig {
        self.roots.push(Certificate::Der(certificate.into()));
        self
    }
}

impl Default for TlsConfig {
    fn default() -> TlsConfig {
        TlsConfig {
            system_roots: true,
            roots: Vec::new(),
        }
    }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig")
            .field("system_roots", &self.system_roots)
            .field("roots", &self.roots.len())
            .finish()
    }
}
