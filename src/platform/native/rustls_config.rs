use std::fmt;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};

/// A configuration that the application made; the same one is equal to itself.
#[derive(Clone)]
pub(crate) struct RustlsConfig(pub(crate) Arc<ClientConfig>);

impl RustlsConfig {
    /// The same without a certificate of ours.
    pub(crate) fn anonymous(&self) -> RustlsConfig {
        let mut config = ClientConfig::clone(&self.0);
        config.client_auth_cert_resolver = Arc::new(NoCertificate);
        RustlsConfig(config.into())
    }
}

impl PartialEq for RustlsConfig {
    fn eq(&self, other: &RustlsConfig) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for RustlsConfig {}

impl fmt::Debug for RustlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RustlsConfig(…)")
    }
}

#[derive(Debug)]
struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
