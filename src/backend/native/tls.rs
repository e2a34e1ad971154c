//! TLS under a connection: the seam between a connection and the libraries.

#[cfg(any(feature = "native-tls", feature = "openssl", feature = "rustls"))]
mod bridge;
#[cfg(any(feature = "openssl", feature = "rustls"))]
mod closure;
pub(crate) mod library;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
mod pem;
#[cfg(any(feature = "openssl", feature = "rustls"))]
mod verdict;
#[cfg(feature = "native-tls")]
mod via_native_tls;
#[cfg(feature = "openssl")]
mod via_openssl;
#[cfg(feature = "rustls")]
mod via_rustls;

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use self::library::{End, Library, Peer, Secured};
use super::host::Host;
use super::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::options::Options;
use crate::platform::{PREFERS_OPENSSL, RustlsConfig};
use crate::tls::config::{TlsConfig, TlsLibrary};
use crate::tls::info::TlsInfo;
use crate::trace;

/// The features of the TLS libraries that are compiled in.
pub(crate) const FEATURES: Features = features_of(TlsLibrary::NativeTls)
    .union(features_of(TlsLibrary::OpenSsl))
    .union(features_of(TlsLibrary::Rustls));

/// TLS as options want it, made once and shared by their clones.
#[derive(Clone)]
pub(crate) struct Prepared(Arc<Tls>);

struct Tls {
    config: TlsConfig,
    client: OnceLock<Made>,
    /// The client's side for those who are not to know us.
    stranger: OnceLock<Made>,
    #[cfg(feature = "server")]
    server: OnceLock<Made>,
}

type Made = Result<Box<dyn Library>, Error>;

impl Prepared {
    /// The TLS that the options were built with; the default if they were never built.
    pub(crate) fn of(options: &Options) -> Prepared {
        let prepared = options.prepared();
        let prepared = prepared.and_then(|prepared| prepared.downcast_ref::<Prepared>());
        prepared.cloned().unwrap_or_default()
    }

    /// # Errors
    ///
    /// `InvalidInput` for what cannot be read, `Unsupported` for what the library cannot do.
    pub(crate) fn new(options: &Options) -> Result<Prepared, Error> {
        let config = options.get_tls();
        if config.is_default() {
            return Ok(Prepared::default());
        }
        #[cfg(feature = "rustls")]
        via_rustls::check_ready(config)?;
        let features = features_of(library(config));
        options.check_missing(config.required().difference(features))?;
        let mut config = config.clone();
        if let Some(name) = &mut config.server_name {
            let host = Host::parse(name).map_err(|error| {
                Error::invalid_input(format!("this cannot be the name of a server: {error}"))
            })?;
            *name = host.name().to_owned();
        }
        let prepared = Prepared(Arc::new(Tls::new(config)));
        // A mistake is reported here rather than by each connection. Without a library, if that was
        // allowed, connections without TLS remain possible.
        if !features.is_empty() {
            prepared.client()?;
        }
        Ok(prepared)
    }

    /// Returns whether a server with these options speaks TLS.
    #[cfg(feature = "server")]
    pub(crate) fn is_server(&self) -> bool {
        self.0.config.identity.is_some()
    }

    /// Does the TLS handshake of a client.
    pub(crate) async fn connect(
        &self,
        transport: Box<dyn Transport>,
        peer: &Peer,
    ) -> Result<Secured, Error> {
        let library = match peer.is_ours {
            true => self.client()?,
            false => self.stranger()?,
        };
        trace::securing(&peer.host, peer.is_proxy);
        let secured = library.secure(transport, peer).await.and_then(|secured| {
            if !peer.is_proxy {
                check_pins(&self.0.config.pins, &secured.info)?;
            }
            Ok(secured)
        });
        trace::secured(secured.as_ref().map(|secured| &secured.info));
        secured
    }

    /// Does the TLS handshake of a server.
    #[cfg(feature = "server")]
    pub(crate) async fn accept(
        &self,
        transport: Box<dyn Transport>,
        peer: &Peer,
    ) -> Result<Secured, Error> {
        trace::securing(&peer.host, peer.is_proxy);
        let secured = self.server()?.secure(transport, peer).await;
        trace::secured(secured.as_ref().map(|secured| &secured.info));
        secured
    }

    fn client(&self) -> Result<&dyn Library, Error> {
        let made = &self.0.client;
        known(made.get_or_init(|| make(&self.0.config, End::Client)))
    }

    /// A client without identity and pre-shared key, to which a server has its own name.
    fn stranger(&self) -> Result<&dyn Library, Error> {
        let config = &self.0.config;
        let is_nobody = config.identity.is_none()
            && config.pre_shared_key.is_none()
            && config.rustls_config.is_none();
        if is_nobody && config.server_name.is_none() {
            return self.client();
        }
        let config = || TlsConfig {
            identity: None,
            pre_shared_key: None,
            server_name: None,
            rustls_config: config.rustls_config.as_ref().map(RustlsConfig::anonymous),
            ..config.clone()
        };
        let made = &self.0.stranger;
        known(made.get_or_init(|| make(&config(), End::Client)))
    }

    /// Prepares the server's side before the first connection, so that mistakes show at once.
    #[cfg(feature = "server")]
    pub(crate) fn check_server(&self) -> Result<(), Error> {
        self.server().map(drop)
    }

    #[cfg(feature = "server")]
    fn server(&self) -> Result<&dyn Library, Error> {
        let made = &self.0.server;
        known(made.get_or_init(|| make(&self.0.config, End::Server)))
    }
}

/// That of the default options, which all of them share. It is made by the first connection that
/// needs it, since reading the system's certificates takes its time.
impl Default for Prepared {
    fn default() -> Prepared {
        static DEFAULT: LazyLock<Arc<Tls>> =
            LazyLock::new(|| Arc::new(Tls::new(TlsConfig::default())));
        Prepared(DEFAULT.clone())
    }
}

/// Checks that there is a library for what these options are about to do with TLS.
///
/// # Errors
///
/// `Unsupported`.
pub(crate) fn check_library(options: &Options) -> Result<(), Error> {
    match features_of(library(options.get_tls())).is_empty() {
        true => Err(no_library()),
        false => Ok(()),
    }
}

fn no_library() -> Error {
    let text = "TLS needs a library: the crate feature `native-tls`, `openssl` or `rustls`";
    Error::new(ErrorKind::Unsupported(Features::TLS_CONFIG), text)
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

impl Tls {
    fn new(config: TlsConfig) -> Tls {
        Tls {
            config,
            client: OnceLock::new(),
            stranger: OnceLock::new(),
            #[cfg(feature = "server")]
            server: OnceLock::new(),
        }
    }
}

fn known(made: &Made) -> Result<&dyn Library, Error> {
    made.as_deref().map_err(Error::clone)
}

/// The library that does it, whether it is compiled in or not.
fn library(config: &TlsConfig) -> TlsLibrary {
    if config.rustls_config.is_some() {
        return TlsLibrary::Rustls;
    }
    let has_other = cfg!(any(feature = "rustls", feature = "native-tls"));
    config.library.unwrap_or(
        if cfg!(feature = "openssl") && (PREFERS_OPENSSL || !has_other) {
            TlsLibrary::OpenSsl
        } else if cfg!(feature = "rustls") {
            TlsLibrary::Rustls
        } else {
            TlsLibrary::NativeTls
        },
    )
}

const fn features_of(library: TlsLibrary) -> Features {
    match library {
        #[cfg(feature = "native-tls")]
        TlsLibrary::NativeTls => via_native_tls::FEATURES,
        #[cfg(feature = "openssl")]
        TlsLibrary::OpenSsl => via_openssl::FEATURES,
        #[cfg(feature = "rustls")]
        TlsLibrary::Rustls => via_rustls::FEATURES,
        #[allow(unreachable_patterns)] // All may be compiled in.
        _ => Features::NONE,
    }
}

fn make(config: &TlsConfig, end: End) -> Made {
    match library(config) {
        #[cfg(feature = "native-tls")]
        TlsLibrary::NativeTls => match end {
            End::Client => Ok(Box::new(via_native_tls::Client::new(config)?)),
            #[cfg(feature = "server")]
            End::Server => Ok(Box::new(via_native_tls::server::Server::new(config)?)),
        },
        #[cfg(feature = "openssl")]
        TlsLibrary::OpenSsl => Ok(Box::new(via_openssl::OpenSsl::new(config, end)?)),
        #[cfg(feature = "rustls")]
        TlsLibrary::Rustls => Ok(Box::new(via_rustls::Rustls::new(config, end)?)),
        #[allow(unreachable_patterns)] // As above.
        _ => {
            let _ = end;
            Err(no_library())
        }
    }
}

/// Demands the right key of the peer, whatever else was accepted.
fn check_pins(pins: &[[u8; 32]], info: &TlsInfo) -> Result<(), Error> {
    if pins.is_empty() {
        return Ok(());
    }
    let certificate = info.peer_certificates.first();
    let key = certificate.map(|certificate| certificate.public_key_sha256());
    if key.is_some_and(|key| pins.contains(&key)) {
        return Ok(());
    }
    let text = "the public key of the peer is not the one that is pinned";
    Err(Error::new(ErrorKind::Tls, text))
}
