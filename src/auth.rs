use std::fmt;

use crate::decision::{Question, Sealed};

/// A user's name and password, for HTTP authentication (RFC 9110 §11) and for proxies.
///
/// ```
/// use qwebsocket::{Credentials, Options};
///
/// let options = Options::new().credentials(Credentials::new("user", "open sesame"));
/// assert!(!format!("{options:?}").contains("sesame"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// Both are UTF-8 on the wire (RFC 7617 §2.1). A name with a colon cannot be sent by Basic, and
    /// to a SOCKS5 proxy neither with more than 255 bytes (RFC 1929 §2): a connection that is asked
    /// for it fails with [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Credentials {
        Credentials {
            user: user.into(),
            password: password.into(),
        }
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }
}

/// Shows neither.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// The question of [`Event::Authenticate`](crate::Event::Authenticate) and
/// [`Event::ProxyAuthenticate`](crate::Event::ProxyAuthenticate): a demand for
/// credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) scheme: AuthScheme,
    pub(crate) host: String,
    pub(crate) realm: String,
    pub(crate) tried: Option<Credentials>,
}

impl Challenge {
    /// The scheme that would carry the credentials.
    pub fn scheme(&self) -> AuthScheme {
        self.scheme
    }

    /// The host that asks, the server or the proxy, with its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The protection space, as the challenger names it (RFC 9110 §11.5). Empty for a SOCKS proxy,
    /// which has none.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The credentials that were just rejected, if any. Answering with the same ones fails the
    /// attempt.
    pub fn tried(&self) -> Option<&Credentials> {
        self.tried.as_ref()
    }
}

impl Sealed for Challenge {}

impl Question for Challenge {
    type Answer = Credentials;
}

/// An authentication scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// Plain text (RFC 7617): anyone who can read the connection can read the credentials.
    Basic,
    /// A hash that is valid for this request only (RFC 7616).
    Digest,
    /// Plain text, for a SOCKS5 proxy (RFC 1929).
    Socks5,
}
