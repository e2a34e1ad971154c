//! Settings that weaken TLS, for tests, for devices that cannot be updated, for debugging.

use std::sync::Arc;

use super::callback::Callback;
use super::config::TlsConfig;
use super::info::TlsVersion;
use super::verify_mode::VerifyMode;
use crate::platform::{MaybeSend, MaybeSync};

/// The dangerous part of a [`TlsConfig`]; each of its methods gives the configuration back.
///
/// ```
/// use qwebsocket::TlsConfig;
///
/// let tls = TlsConfig::new().danger().ignore_all_errors();
/// ```
#[derive(Clone, Debug)]
#[must_use = "each method gives the configuration back"]
pub struct Danger(pub(crate) TlsConfig);

impl TlsConfig {
    /// Gives access to settings that weaken TLS; each documents how.
    pub fn danger(self) -> Danger {
        Danger(self)
    }
}

impl Danger {
    /// Ignores all certificate errors in advance: Qt's `ignoreSslErrors()`. Each is still reported
    /// by [`Event::PeerVerifyError`](crate::Event::PeerVerifyError).
    ///
    /// # Platform-specific
    ///
    /// They are reported with [`Features::TLS_ERRORS`](crate::Features::TLS_ERRORS) only.
    pub fn ignore_all_errors(mut self) -> TlsConfig {
        self.0.ignore_all = true;
        self.0
    }

    /// Verifies the certificate and reports errors by
    /// [`Event::PeerVerifyError`](crate::Event::PeerVerifyError), without asking or failing: Qt's
    /// `QueryPeer`. The handshake is not interrupted either.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`](crate::Features::TLS_ERRORS).
    pub fn query_peer(mut self) -> TlsConfig {
        self.0.verification = VerifyMode::Query;
        self.0
    }

    /// Does not verify certificates at all: Qt's `VerifyNone`.
    pub fn verify_none(mut self) -> TlsConfig {
        self.0.verification = VerifyMode::None;
        self.0
    }

    /// The lowest version, which may be below TLS 1.2 (see RFC 8996). The ciphers and signatures
    /// that such a peer needs are allowed, unless [`ciphers`](TlsConfig::ciphers) lists some.
    ///
    /// # Platform-specific
    ///
    /// Below TLS 1.2: [`Features::TLS_CIPHERS`](crate::Features::TLS_CIPHERS).
    pub fn min_version(mut self, version: TlsVersion) -> TlsConfig {
        self.0.is_obsolete_allowed = true;
        self.0.min_version = version;
        self.0
    }

    /// Passes the keys of each connection to a callback, line by line in the format of
    /// [`SSLKEYLOGFILE`](https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile-02.html), by
    /// which Wireshark, and everybody else, can decrypt recorded traffic. A panic in it fails the
    /// connection with [`ErrorKind::Tls`](crate::ErrorKind::Tls).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_KEY_LOG`](crate::Features::TLS_KEY_LOG).
    pub fn key_log(mut self, line: impl Fn(&str) + MaybeSend + MaybeSync + 'static) -> TlsConfig {
        self.0.key_log = Some(Callback(Arc::new(line)));
        self.0
    }
}
