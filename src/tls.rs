//! TLS, in words that no library of it owns.

pub(crate) mod alert;
pub(crate) mod callback;
pub(crate) mod certificate;
pub(crate) mod config;
pub mod danger;
pub(crate) mod error;
mod getters;
pub(crate) mod identity;
pub(crate) mod info;
mod parsing;
pub(crate) mod psk;
pub(crate) mod source;
pub(crate) mod verify_mode;

pub use self::alert::{Alert, AlertKind, AlertLevel};
pub use self::certificate::TlsCertificate;
pub use self::config::{ClientCertificates, TlsConfig, TlsLibrary};
pub use self::error::{AcceptErrors, TlsError, TlsErrorKind, TlsErrors};
pub use self::identity::TlsIdentity;
pub use self::info::{TlsInfo, TlsVersion};
pub use self::psk::{KeyRequest, PreSharedKey};
