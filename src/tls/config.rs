use std::path::PathBuf;
use std::sync::Arc;

use super::callback::Callback;
use super::error::TlsError;
use super::identity::{IdentityForm, TlsIdentity};
use super::info::TlsVersion;
use super::psk::{KeyRequest, KeySource, PreSharedKey};
use super::source::Source;
use super::verify_mode::VerifyMode;
use crate::error::Error;
use crate::features::Features;
use crate::platform::{MaybeSend, MaybeSync, RustlsConfig};

/// The TLS configuration of `wss` connections: Qt's `QSslConfiguration`.
///
/// By default the system's root certificates are trusted, the certificate must name the host among
/// its alternative names, and TLS 1.2 is the lowest version. What weakens that is behind
/// [`danger`](Self::danger).
///
/// ```
/// use qwebsocket::{Features, Options, Socket, TlsConfig, TlsVersion};
///
/// # fn example(our_ca: &[u8]) -> Result<(), qwebsocket::Error> {
/// let tls = TlsConfig::new()
///     .system_roots(false)
///     .root_pem(our_ca)
///     .min_version(TlsVersion::Tls1_3);
/// let options = Options::new().tls(tls).build()?;
/// # Ok(())
/// # }
/// ```
///
/// The configuration is read once, by [`Options::build`](crate::Options::build). Clones of options
/// that were built share what was read, and their TLS sessions.
///
/// # Platform-specific
///
/// Browsers decide all of it by themselves: [`Features::TLS_CONFIG`]. Natively the crate features
/// `native-tls`, `openssl` and `rustls` bring the libraries; the second one can do all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a configuration does nothing until options have it"]
pub struct TlsConfig {
    pub(crate) library: Option<TlsLibrary>,
    pub(crate) system_roots: bool,
    pub(crate) roots: Vec<Root>,
    pub(crate) crls: Vec<Source>,
    pub(crate) identity: Option<TlsIdentity>,
    pub(crate) proxy_identity: bool,
    pub(crate) client_certificates: ClientCertificates,
    pub(crate) min_version: TlsVersion,
    pub(crate) max_version: Option<TlsVersion>,
    pub(crate) ciphers: Option<String>,
    pub(crate) cipher_suites: Option<String>,
    pub(crate) groups: Option<String>,
    pub(crate) alpn: Vec<String>,
    pub(crate) server_name: Option<String>,
    pub(crate) depth: Option<u32>,
    pub(crate) pins: Vec<[u8; 32]>,
    pub(crate) ignored: Vec<TlsError>,
    pub(crate) ask_errors: bool,
    pub(crate) interrupt: bool,
    pub(crate) resumption: bool,
    pub(crate) pre_shared_key: Option<KeySource>,
    pub(crate) verification: VerifyMode,
    pub(crate) ignore_all: bool,
    pub(crate) is_obsolete_allowed: bool,
    pub(crate) key_log: Option<KeyLog>,
    pub(crate) rustls_config: Option<RustlsConfig>,
}

pub(crate) type KeyLog = Callback<dyn TakeLine>;

/// A closure that takes lines of a log.
pub(crate) trait TakeLine: Fn(&str) + MaybeSend + MaybeSync {}

impl<F: Fn(&str) + MaybeSend + MaybeSync> TakeLine for F {}

/// The TLS libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsLibrary {
    /// The platform's own library, by `native-tls`: Secure Transport, SChannel, or OpenSSL.
    NativeTls,
    /// OpenSSL 3.0 or later, by the crate feature `openssl`.
    OpenSsl,
    /// rustls, by the crate feature `rustls`: with the process's default provider, or ring.
    Rustls,
}

/// A server's demand for the certificates of its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ClientCertificates {
    /// No certificate is requested.
    #[default]
    No,
    /// A certificate is requested; a client without one is accepted, one with an invalid one is not.
    Optional,
    /// A client without a valid certificate is refused.
    Required,
}

/// A trusted certificate, not yet looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Pem(Source),
    Der(Vec<u8>),
}

/// Trust in the peer.
impl TlsConfig {
    /// The defaults.
    pub fn new() -> TlsConfig {
        TlsConfig::default()
    }

    /// Selects the library. Default: of those that are compiled in, OpenSSL where the platform has no
    /// library of its own, then rustls, then `native-tls`, then OpenSSL.
    ///
    /// # Platform-specific
    ///
    /// One that is not compiled in is refused by [`Options::build`](crate::Options::build) with
    /// [`Features::TLS_CONFIG`].
    pub fn library(mut self, library: TlsLibrary) -> TlsConfig {
        self.library = Some(library);
        self
    }

    /// Trusts the system's root certificates. Default: yes.
    ///
    /// # Platform-specific
    ///
    /// With the crate feature `webpki-roots`, rustls trusts Mozilla's instead of the system's.
    pub fn system_roots(mut self, trusted: bool) -> TlsConfig {
        self.system_roots = trusted;
        self
    }

    /// Trusts the root certificates of a PEM text, at least one. Default: none besides the
    /// system's.
    pub fn root_pem(mut self, certificates: impl Into<Vec<u8>>) -> TlsConfig {
        self.roots
            .push(Root::Pem(Source::Bytes(certificates.into())));
        self
    }

    /// Trusts a root certificate in DER form. Default: none besides the system's.
    pub fn root_der(mut self, certificate: impl Into<Vec<u8>>) -> TlsConfig {
        self.roots.push(Root::Der(certificate.into()));
        self
    }

    /// Trusts the root certificates of a PEM file, at least one, which
    /// [`Options::build`](crate::Options::build) reads. Default: none besides the system's.
    pub fn root_file(mut self, path: impl Into<PathBuf>) -> TlsConfig {
        self.roots.push(Root::Pem(Source::File(path.into())));
        self
    }

    /// Adds the lists of revoked certificates (RFC 5280 §5) of a PEM text. With at least one list,
    /// the peer's certificate must be covered by a list of its issuer. Default: none.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CHAIN`].
    pub fn revocation_list_pem(mut self, lists: impl Into<Vec<u8>>) -> TlsConfig {
        self.crls.push(Source::Bytes(lists.into()));
        self
    }

    /// The maximum number of certificates between the peer's and the root: Qt's
    /// `setPeerVerifyDepth()`. Default: the library's, which is 100 for OpenSSL and 6 for rustls.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CHAIN`].
    pub fn depth(mut self, certificates: u32) -> TlsConfig {
        self.depth = Some(certificates);
        self
    }

    /// Requires the public key of the peer's certificate to have this SHA-256 hash, which is that of
    /// [`public_key_sha256`](crate::TlsCertificate::public_key_sha256). Of several pins one has to
    /// match. The check comes on top of the others: no error that is ignored or accepted makes another
    /// key valid. Default: any key.
    pub fn pin_public_key(mut self, sha256: [u8; 32]) -> TlsConfig {
        self.pins.push(sha256);
        self
    }

    /// The name that is sent to the server (SNI, RFC 6066 §3) and that its certificate must have,
    /// instead of the URL's host. It applies neither to proxies nor to another origin after a
    /// redirect. A name that is not a host is refused by [`Options::build`](crate::Options::build).
    /// Default: the host.
    pub fn server_name(mut self, name: impl Into<String>) -> TlsConfig {
        self.server_name = Some(name.into());
        self
    }

    /// Ignores these errors, each of the certificate that it names: Qt's `ignoreSslErrors(errors)`.
    /// Any other error ends the connection, or is [asked about](Self::ask_errors). A second list
    /// replaces the first. Default: none.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`].
    pub fn ignore_errors(mut self, errors: impl Into<Vec<TlsError>>) -> TlsConfig {
        self.ignored = errors.into();
        self
    }

    /// Asks about errors that are not ignored, by [`Event::TlsErrors`](crate::Event::TlsErrors). The
    /// connection waits for the answer without a time limit; nothing of the HTTP request has been
    /// sent by then. Default: no; the connection fails.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`].
    pub fn ask_errors(mut self, wanted: bool) -> TlsConfig {
        self.ask_errors = wanted;
        self
    }

    /// Suspends the handshake at its first error and asks, by
    /// [`Event::HandshakeInterrupted`](crate::Event::HandshakeInterrupted): Qt's
    /// `setHandshakeMustInterruptOnError()`. Default: no.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_INTERRUPTION`].
    pub fn interrupt_on_error(mut self, wanted: bool) -> TlsConfig {
        self.interrupt = wanted;
        self
    }
}

/// Our certificate, and what is offered to the peer.
impl TlsConfig {
    /// Our certificate and its key. A client presents it to servers that request one; a
    /// [`Listener`](crate::Listener) with one speaks TLS. Default: none.
    pub fn identity(mut self, identity: TlsIdentity) -> TlsConfig {
        self.identity = Some(identity);
        self
    }

    /// Presents the [identity](Self::identity) and the [pre-shared key](Self::pre_shared_key) to an
    /// [HTTPS proxy](crate::Proxy::https) as well, if it requests them. Default: no.
    pub fn proxy_identity(mut self, wanted: bool) -> TlsConfig {
        self.proxy_identity = wanted;
        self
    }

    /// Requests certificates from the clients of a [`Listener`](crate::Listener). They must chain to
    /// one of the roots that were added here; the system's do not count. Default: no.
    ///
    /// # Platform-specific
    ///
    /// [`Features::CLIENT_CERTIFICATES`].
    pub fn client_certificates(mut self, wanted: ClientCertificates) -> TlsConfig {
        self.client_certificates = wanted;
        self
    }

    /// The lowest version, at least [`Tls1_2`](TlsVersion::Tls1_2). Default: that one.
    pub fn min_version(mut self, version: TlsVersion) -> TlsConfig {
        self.min_version = version;
        self
    }

    /// The highest version. Default: the highest that the library supports.
    pub fn max_version(mut self, version: TlsVersion) -> TlsConfig {
        self.max_version = Some(version);
        self
    }

    /// The ciphers up to TLS 1.2, in OpenSSL's notation: `ECDHE-RSA-AES256-GCM-SHA384:…`. Default:
    /// OpenSSL's, without those that are weak or do not authenticate the peer, and without those for
    /// a [pre-shared key](Self::pre_shared_key) unless there is one.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CIPHERS`].
    pub fn ciphers(mut self, list: impl Into<String>) -> TlsConfig {
        self.ciphers = Some(list.into());
        self
    }

    /// The cipher suites of TLS 1.3: `TLS_AES_256_GCM_SHA384:…`. Default: OpenSSL's.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CIPHERS`].
    pub fn cipher_suites(mut self, list: impl Into<String>) -> TlsConfig {
        self.cipher_suites = Some(list.into());
        self
    }

    /// The groups of the key exchange, in order of preference: `X25519:P-256:…`. Default: OpenSSL's.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_CIPHERS`].
    pub fn groups(mut self, list: impl Into<String>) -> TlsConfig {
        self.groups = Some(list.into());
        self
    }

    /// Offers, or as a server accepts, these protocols (ALPN, RFC 7301), each of 1 to 255 bytes, in
    /// order of preference. Proxies are offered none. Default: none.
    ///
    /// # Platform-specific
    ///
    /// [`Features::ALPN`].
    pub fn alpn(mut self, protocols: impl IntoIterator<Item = impl Into<String>>) -> TlsConfig {
        self.alpn = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Resumes sessions (RFC 8446 §2.2), which saves the certificates and most of the time of a
    /// handshake. A session whose certificates had an error is never resumed. Default: yes, where the
    /// library supports it.
    ///
    /// # Platform-specific
    ///
    /// Natively OpenSSL and rustls can: [`Features::TLS_SESSIONS`]; without it none is resumed.
    pub fn resumption(mut self, wanted: bool) -> TlsConfig {
        self.resumption = wanted;
        self
    }

    /// Sets the callback that returns the pre-shared key (RFC 4279, RFC 8446 §2.2) for a server: Qt's
    /// `preSharedKeyAuthenticationRequired()`. `None` refuses. It is called during the handshake, with
    /// TLS 1.3 before the server has answered, and must not block. A panic in it fails the connection
    /// with [`ErrorKind::Tls`](crate::ErrorKind::Tls). Default: none.
    ///
    /// Its ciphers are offered in addition to those for certificates. Custom
    /// [`ciphers`](Self::ciphers) have to name some for it up to TLS 1.2, such as
    /// `PSK-AES128-GCM-SHA256`.
    ///
    /// ```
    /// use qwebsocket::{PreSharedKey, TlsConfig};
    ///
    /// let tls = TlsConfig::new()
    ///     .pre_shared_key(|_| Some(PreSharedKey::new("device 7", [0x1a, 0x2b, 0x3c, 0x4d])));
    /// ```
    ///
    /// # Platform-specific
    ///
    /// [`Features::PRE_SHARED_KEY`].
    pub fn pre_shared_key(
        mut self,
        answer: impl Fn(&KeyRequest) -> Option<PreSharedKey> + MaybeSend + MaybeSync + 'static,
    ) -> TlsConfig {
        self.pre_shared_key = Some(Callback(Arc::new(answer)));
        self
    }
}

impl TlsConfig {
    #[allow(dead_code)] // Not every backend does TLS by itself.
    pub(crate) fn check_versions(&self) -> Result<(), Error> {
        if self.min_version < TlsVersion::Tls1_2 && !self.is_obsolete_allowed {
            return Err(Error::invalid_input(
                "the lowest version is below TLS 1.2, which is allowed by `danger()` only",
            ));
        }
        if self.max_version.is_some_and(|max| max < self.min_version) {
            return Err(Error::invalid_input(
                "the highest version of TLS is below the lowest",
            ));
        }
        Ok(())
    }

    /// Checks that the protocols of ALPN have lengths that it can write.
    #[allow(dead_code)] // Not every library has ALPN.
    pub(crate) fn check_alpn(&self) -> Result<(), Error> {
        let mut names = self.alpn.iter();
        match names.find(|name| !matches!(name.len(), 1..=255)) {
            None => Ok(()),
            Some(name) => Err(Error::invalid_input(format!(
                "a protocol for ALPN has 1 to 255 bytes, not {}",
                name.len()
            ))),
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == TlsConfig::default()
    }

    /// The features that the configuration needs besides TLS.
    pub(crate) fn required(&self) -> Features {
        let mut required = match self.is_default() {
            true => Features::NONE,
            false => Features::TLS_CONFIG,
        };
        let is_encrypted = |identity: &TlsIdentity| {
            matches!(
                identity.form,
                IdentityForm::Pem {
                    password: Some(_),
                    ..
                }
            )
        };
        for (needed, feature) in [
            (
                self.ask_errors
                    || !self.ignored.is_empty()
                    || self.verification == VerifyMode::Query,
                Features::TLS_ERRORS,
            ),
            (self.interrupt, Features::TLS_INTERRUPTION),
            (self.pre_shared_key.is_some(), Features::PRE_SHARED_KEY),
            (
                self.ciphers.is_some()
                    || self.cipher_suites.is_some()
                    || self.groups.is_some()
                    // Libraries refuse the signatures of old peers, unless they are told not to.
                    || (self.is_obsolete_allowed && self.min_version < TlsVersion::Tls1_2),
                Features::TLS_CIPHERS,
            ),
            (
                self.depth.is_some() || !self.crls.is_empty(),
                Features::TLS_CHAIN,
            ),
            (!self.alpn.is_empty(), Features::ALPN),
            (self.key_log.is_some(), Features::TLS_KEY_LOG),
            (
                self.identity.as_ref().is_some_and(is_encrypted),
                Features::ENCRYPTED_KEY,
            ),
            (
                self.client_certificates != ClientCertificates::No,
                Features::CLIENT_CERTIFICATES,
            ),
        ] {
            if needed {
                required |= feature;
            }
        }
        required
    }
}

impl Default for TlsConfig {
    fn default() -> TlsConfig {
        TlsConfig {
            library: None,
            system_roots: true,
            roots: Vec::new(),
            crls: Vec::new(),
            identity: None,
            proxy_identity: false,
            client_certificates: ClientCertificates::No,
            min_version: TlsVersion::Tls1_2,
            max_version: None,
            ciphers: None,
            cipher_suites: None,
            groups: None,
            alpn: Vec::new(),
            server_name: None,
            depth: None,
            pins: Vec::new(),
            ignored: Vec::new(),
            ask_errors: false,
            interrupt: false,
            resumption: true,
            pre_shared_key: None,
            verification: VerifyMode::Verify,
            ignore_all: false,
            is_obsolete_allowed: false,
            key_log: None,
            rustls_config: None,
        }
    }
}
