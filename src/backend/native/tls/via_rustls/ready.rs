//! Configurations that the application made: the one place where the interface has a type of a TLS
//! library.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::error::Error;
use crate::platform::RustlsConfig;
use crate::tls::config::{TlsConfig, TlsLibrary};

/// A configuration of rustls itself.
impl TlsConfig {
    /// Connects by rustls with this configuration as it is, for what is not said here: an own
    /// verifier, keys in hardware, another provider, ECH. It is the one method with a type of
    /// another crate, and so bound to its version: rustls 0.23. Default: none.
    ///
    /// What it decides by itself cannot be set beside it: [`Options::build`](crate::Options::build)
    /// takes [`library`](Self::library) if that is rustls, [`server_name`](Self::server_name),
    /// [`pin_public_key`](Self::pin_public_key) and [`proxy_identity`](Self::proxy_identity), and
    /// refuses everything else with [`InvalidInput`](crate::ErrorKind::InvalidInput). A certificate
    /// that its verifier refuses ends the connection without a question; why is in the text of the
    /// error, and [`Error::tls_errors`](crate::Error::tls_errors) is empty.
    ///
    /// Its `alpn_protocols` are offered to servers, not to proxies; beside `http/1.1` there is
    /// nothing that an opening handshake can be done over. Its certificate is shown to the server
    /// of the URL only, as an [identity](Self::identity) is.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use qwebsocket::{Error, Options, TlsConfig};
    ///
    /// # fn example(roots: rustls::RootCertStore) -> Result<(), Error> {
    /// let config = rustls::ClientConfig::builder()
    ///     .with_root_certificates(roots)
    ///     .with_no_client_auth();
    /// let tls = TlsConfig::new().rustls_client_config(Arc::new(config));
    /// let options = Options::new().tls(tls).build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Platform-specific
    ///
    /// Natively, with the crate feature `rustls`.
    pub fn rustls_client_config(mut self, config: Arc<ClientConfig>) -> TlsConfig {
        self.rustls_config = Some(RustlsConfig(config));
        self
    }

    /// See [`rustls_client_config`](Self::rustls_client_config).
    pub fn get_rustls_client_config(&self) -> Option<&Arc<ClientConfig>> {
        self.rustls_config.as_ref().map(|config| &config.0)
    }
}

/// Checks that nothing is set beside a ready configuration that it decides by itself.
///
/// # Errors
///
/// `InvalidInput`.
pub(crate) fn check_ready(config: &TlsConfig) -> Result<(), Error> {
    if config.rustls_config.is_none() {
        return Ok(());
    }
    let possible = TlsConfig {
        library: config
            .library
            .filter(|library| *library == TlsLibrary::Rustls),
        server_name: config.server_name.clone(),
        pins: config.pins.clone(),
        proxy_identity: config.proxy_identity,
        rustls_config: config.rustls_config.clone(),
        ..TlsConfig::default()
    };
    if *config == possible {
        return Ok(());
    }
    let text = "beside a configuration of rustls nothing can be set but the name of the server, \
                pins and whether proxies get its certificate";
    Err(Error::invalid_input(text))
}
