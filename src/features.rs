use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of things that not every platform can do.
///
/// [`Socket::FEATURES`](crate::Socket::FEATURES) is the set that works in this build; what is
/// missing is refused with [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), by
/// [`Options::build`](crate::Options::build) or by the call itself.
///
/// ```
/// use qwebsocket::{Features, Socket};
///
/// if !Socket::FEATURES.contains(Features::PING) {
///     println!("this platform has no pings of its own");
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Features(u64);

macro_rules! features {
    ($($(#[$doc:meta])+ $name:ident = $bit:literal;)+) => {
        impl Features {
            $($(#[$doc])+ pub const $name: Features = Features(1 << $bit);)+

            /// Every feature there is.
            pub const ALL: Features = Features($(1 << $bit)|+);

            const NAMES: &[(Features, &str)] = &[$((Features::$name, stringify!($name))),+];
        }
    };
}

features! {
    /// [`ping`](crate::WebSocket::ping) and [`Event::Pong`](crate::Event::Pong).
    PING = 0;
    /// [`Event::Frame`](crate::Event::Frame): the frames of a message, before the message or
    /// [instead of it](crate::Options::messages).
    FRAMES = 1;
    /// [`Limits::outgoing_frame`](crate::Limits::outgoing_frame): long messages are split.
    OUTGOING_FRAME = 2;
    /// [`Limits::incoming_frame`](crate::Limits::incoming_frame).
    INCOMING_FRAME = 3;
    /// A custom [`MaskGenerator`](crate::MaskGenerator).
    MASKS = 4;
    /// Custom [headers](crate::Request::header) in the opening handshake.
    HEADERS = 5;
    /// A custom [`Origin`](crate::Request::origin).
    ORIGIN = 6;
    /// [`close`](crate::WebSocket::close) with any code of RFC 6455 §7.4, not only 1000 and
    /// 3000 to 4999.
    CLOSE_CODES = 7;
    /// [`read_buffer_size`](crate::Options::read_buffer_size): a slow reader slows its peer.
    READ_BUFFER = 8;
    /// Local and peer addresses in [`Info`](crate::Info).
    ADDRESSES = 9;
    /// [`Listener`](crate::Listener), [`Socket::accept`](crate::Socket::accept) and
    /// [`ServerHandshake`](crate::ServerHandshake).
    SERVER = 10;
    /// Configurable TLS, by [`TlsConfig`](crate::TlsConfig): custom roots and the other settings of
    /// a connection. Natively TLS itself: `wss`, proxies by `https`, a server's identity.
    TLS_CONFIG = 11;
    /// Certificate errors as a list that can be answered:
    /// [`Event::TlsErrors`](crate::Event::TlsErrors) and
    /// [`Event::PeerVerifyError`](crate::Event::PeerVerifyError).
    TLS_ERRORS = 12;
    /// [`Event::HandshakeInterrupted`](crate::Event::HandshakeInterrupted): a question at the first
    /// error of a certificate.
    TLS_INTERRUPTION = 13;
    /// [`Event::AlertSent`](crate::Event::AlertSent) and
    /// [`Event::AlertReceived`](crate::Event::AlertReceived).
    TLS_ALERTS = 14;
    /// [`TlsConfig::pre_shared_key`](crate::TlsConfig::pre_shared_key).
    PRE_SHARED_KEY = 15;
    /// [`Options::credentials`](crate::Options::credentials), those of a URL, and
    /// [asking for them](crate::Options::ask_credentials).
    AUTHENTICATION = 16;
    /// [`Options::proxy`](crate::Options::proxy).
    PROXY = 17;
    /// [`Compression`](crate::Compression): permessage-deflate (RFC 7692) under our control.
    COMPRESSION = 18;
    /// All of [`TlsInfo`](crate::TlsInfo): version, cipher, the peer's chain of certificates.
    TLS_INFO = 19;
    /// [`send_part`](crate::WebSocket::send_part): messages that are sent in parts.
    PARTS = 20;
    /// [`Options::redirects`](crate::Options::redirects).
    REDIRECTS = 21;
    /// [`Socket::open_over`](crate::Socket::open_over) and
    /// [`Socket::upgraded`](crate::Socket::upgraded): a connection over any stream instead of TCP.
    OWN_STREAM = 22;
    /// [`TlsConfig::ciphers`](crate::TlsConfig::ciphers), those of TLS 1.3, and groups; versions
    /// [below TLS 1.2](crate::danger::Danger::min_version), which need other ones.
    TLS_CIPHERS = 23;
    /// [`TlsConfig::depth`](crate::TlsConfig::depth) and
    /// [lists of revoked certificates](crate::TlsConfig::revocation_list_pem).
    TLS_CHAIN = 24;
    /// Resumed sessions: [`TlsConfig::resumption`](crate::TlsConfig::resumption).
    TLS_SESSIONS = 25;
    /// [`Danger::key_log`](crate::danger::Danger::key_log).
    TLS_KEY_LOG = 26;
    /// A key in an encrypted PEM text: [`TlsIdentity::password`](crate::TlsIdentity::password).
    ENCRYPTED_KEY = 27;
    /// A server's [`client_certificates`](crate::TlsConfig::client_certificates).
    CLIENT_CERTIFICATES = 28;
    /// [`TlsConfig::alpn`](crate::TlsConfig::alpn), and the chosen protocol.
    ALPN = 29;
}

impl Features {
    /// The empty set.
    pub const NONE: Features = Features(0);

    /// The set as bits, in the order of [`ALL`](Self::ALL). JavaScript has them as a number, so
    /// there may be 53.
    #[allow(dead_code)] // Only the JavaScript class takes it apart by itself.
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    /// The set of these bits.
    #[allow(dead_code)] // As above.
    pub(crate) const fn from_bits(bits: u64) -> Features {
        Features(bits & Features::ALL.0)
    }

    /// Returns `true` if every feature of `other` is in this set.
    pub const fn contains(self, other: Features) -> bool {
        self.0 & other.0 == other.0
    }

    /// The features that are in either set.
    pub const fn union(self, other: Features) -> Features {
        Features(self.0 | other.0)
    }

    /// The features of this set that are not in `other`.
    pub const fn difference(self, other: Features) -> Features {
        Features(self.0 & !other.0)
    }

    /// Returns `true` if the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The features of the set one by one, with their names.
    ///
    /// ```
    /// use qwebsocket::Features;
    ///
    /// let set = Features::PING | Features::MASKS;
    /// let names: Vec<_> = set.iter().map(|(_, name)| name).collect();
    /// assert_eq!(names, ["PING", "MASKS"]);
    /// ```
    pub fn iter(self) -> impl Iterator<Item = (Features, &'static str)> {
        Self::NAMES
            .iter()
            .copied()
            .filter(move |(feature, _)| self.contains(*feature))
    }
}

impl BitOr for Features {
    type Output = Features;

    fn bitor(self, other: Features) -> Features {
        self.union(other)
    }
}

impl BitOrAssign for Features {
    fn bitor_assign(&mut self, other: Features) {
        *self = self.union(other);
    }
}

/// The names, joined by `|`.
impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("NONE");
        }
        for (index, (_, name)) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Features({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_its_members() {
        let set = Features::PING | Features::SERVER;
        assert!(set.contains(Features::PING));
        assert!(!set.contains(Features::PING | Features::MASKS));
        assert_eq!(set.difference(Features::PING), Features::SERVER);
        assert_eq!(set.to_string(), "PING | SERVER");
        assert_eq!(Features::NONE.to_string(), "NONE");
        assert_eq!(Features::ALL.iter().count(), Features::NAMES.len());
    }
}
