//! The servers of `wss` that cases want.

use std::future::Future;
use std::pin::Pin;

use qwebsocket::TlsVersion;

/// How a server does TLS in front of the scripted one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secure {
    pub(crate) shown: Shown,
    /// The only version that it speaks.
    pub(crate) version: Option<TlsVersion>,
    /// Its ciphers up to TLS 1.2.
    pub(crate) ciphers: Option<&'static str>,
    /// Whether it demands a certificate of the same authority.
    pub(crate) demands: bool,
    /// Whether it ends TCP without `close_notify`.
    pub(crate) cuts: bool,
}

/// What it shows. Of the authority are all but the self-signed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// For 127.0.0.1, as all that do not say otherwise: `CN=good`.
    Good,
    /// `CN=leaf`, and the certificate `CN=sub` that is between it and the root's.
    Chain,
    /// `CN=self`.
    SelfSigned,
    /// For another name.
    OtherName,
    /// For `*.example.test`.
    Wildcard,
    Expired,
    ExpiredOtherName,
    /// For clients only.
    ForClients,
    /// None: a pre-shared key, `1a2b3c4d`, whose hint is `the hint`, is all, with TLS 1.2.
    Key,
}

impl Secure {
    pub(crate) fn shows(shown: Shown) -> Secure {
        Secure {
            shown,
            version: None,
            ciphers: None,
            demands: false,
            cuts: false,
        }
    }

    pub(crate) fn only(mut self, version: TlsVersion) -> Secure {
        self.version = Some(version);
        self
    }

    pub(crate) fn ciphers(mut self, ciphers: &'static str) -> Secure {
        self.ciphers = Some(ciphers);
        self
    }

    pub(crate) fn demanding(mut self) -> Secure {
        self.demands = true;
        self
    }

    pub(crate) fn cutting(mut self) -> Secure {
        self.cuts = true;
        self
    }
}

/// Such a server, while it runs.
pub(crate) trait Front {
    /// `wss://127.0.0.1:PORT`.
    fn base(&self) -> String;

    /// The next that it sees, in the words of the target's front. Without certificates it is blind.
    fn saw(&self) -> Pin<Box<dyn Future<Output = String> + '_>>;
}
