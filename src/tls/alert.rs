use std::fmt;

/// An alert of TLS (RFC 8446 §6): a word about the end of the connection, or about what went wrong.
///
/// It is for the record: whatever it means for the connection happens anyway. A fatal one is also in
/// the [`Error`](crate::Error::alert_received) of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    pub(crate) level: AlertLevel,
    pub(crate) kind: AlertKind,
}

/// The severity of an [`Alert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlertLevel {
    /// The connection may continue, or is closing normally.
    Warning,
    /// The connection is over.
    Fatal,
}

/// The description of an [`Alert`], by its number in the
/// [registry](https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml#tls-parameters-6).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AlertKind(u8);

impl Alert {
    /// The severity.
    pub fn level(&self) -> AlertLevel {
        self.level
    }

    /// The description.
    pub fn kind(&self) -> AlertKind {
        self.kind
    }
}

/// The description: `close notify`.
impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

macro_rules! kinds {
    ($($constant:ident = $number:literal, $name:literal, $description:literal;)+) => {
        impl AlertKind {
            $(#[doc = concat!("`", $description, "`")] pub const $constant: AlertKind = AlertKind($number);)+

            fn texts(self) -> Option<(&'static str, &'static str)> {
                match self.0 {
                    $($number => Some(($name, $description)),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    CLOSE_NOTIFY = 0, "CloseNotify", "close notify";
    UNEXPECTED_MESSAGE = 10, "UnexpectedMessage", "unexpected message";
    BAD_RECORD_MAC = 20, "BadRecordMac", "bad record mac";
    RECORD_OVERFLOW = 22, "RecordOverflow", "record overflow";
    HANDSHAKE_FAILURE = 40, "HandshakeFailure", "handshake failure";
    BAD_CERTIFICATE = 42, "BadCertificate", "bad certificate";
    UNSUPPORTED_CERTIFICATE = 43, "UnsupportedCertificate", "unsupported certificate";
    CERTIFICATE_REVOKED = 44, "CertificateRevoked", "certificate revoked";
    CERTIFICATE_EXPIRED = 45, "CertificateExpired", "certificate expired";
    CERTIFICATE_UNKNOWN = 46, "CertificateUnknown", "certificate unknown";
    ILLEGAL_PARAMETER = 47, "IllegalParameter", "illegal parameter";
    UNKNOWN_CA = 48, "UnknownCa", "unknown CA";
    ACCESS_DENIED = 49, "AccessDenied", "access denied";
    DECODE_ERROR = 50, "DecodeError", "decode error";
    DECRYPT_ERROR = 51, "DecryptError", "decrypt error";
    PROTOCOL_VERSION = 70, "ProtocolVersion", "protocol version";
    INSUFFICIENT_SECURITY = 71, "InsufficientSecurity", "insufficient security";
    INTERNAL_ERROR = 80, "InternalError", "internal error";
    INAPPROPRIATE_FALLBACK = 86, "InappropriateFallback", "inappropriate fallback";
    USER_CANCELED = 90, "UserCanceled", "user canceled";
    NO_RENEGOTIATION = 100, "NoRenegotiation", "no renegotiation";
    MISSING_EXTENSION = 109, "MissingExtension", "missing extension";
    UNSUPPORTED_EXTENSION = 110, "UnsupportedExtension", "unsupported extension";
    UNRECOGNIZED_NAME = 112, "UnrecognizedName", "unrecognized name";
    BAD_CERTIFICATE_STATUS_RESPONSE = 113, "BadCertificateStatusResponse", "bad certificate status response";
    UNKNOWN_PSK_IDENTITY = 115, "UnknownPskIdentity", "unknown PSK identity";
    CERTIFICATE_REQUIRED = 116, "CertificateRequired", "certificate required";
    NO_APPLICATION_PROTOCOL = 120, "NoApplicationProtocol", "no application protocol";
}

impl AlertKind {
    #[allow(dead_code)] // Not every backend hears alerts.
    pub(crate) fn new(number: u8) -> AlertKind {
        AlertKind(number)
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// The description, as in [`Alert`]; `alert 200` for an unknown one.
impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.texts() {
            Some((_, description)) => f.write_str(description),
            None => write!(f, "alert {}", self.0),
        }
    }
}

/// The name: `CloseNotify`.
impl fmt::Debug for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.texts() {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "AlertKind({})", self.0),
        }
    }
}
