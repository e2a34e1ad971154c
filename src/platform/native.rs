//! The native platform: an operating system, through a runtime.

#[cfg(feature = "__certificates")]
pub(crate) mod certificate;
#[cfg(not(feature = "__certificates"))]
#[path = "native/no_certificate.rs"]
pub(crate) mod certificate;
mod clock;
mod hints;
pub(crate) mod runtime;
#[cfg(feature = "rustls")]
mod rustls_config;
#[cfg(not(feature = "rustls"))]
#[path = "native/no_rustls_config.rs"]
mod rustls_config;
mod timer;
pub(crate) mod virtual_time;

use bytes::Bytes;
use bytestring::ByteString;

pub(crate) use self::certificate::{certificate_from_der, certificate_from_pem};
pub(crate) use self::clock::now;
pub(crate) use self::hints::Hints;
pub(crate) use self::runtime::unbudgeted;
pub(crate) use self::rustls_config::RustlsConfig;
pub(crate) use self::timer::{Sleep, sleep_until};
pub use self::virtual_time::VirtualTime;

pub(crate) const SHOWS_ANSWERS: bool = true;

/// `Send`, as native futures may move between threads.
///
/// # Platform-specific
///
/// In a browser everything is `MaybeSend`.
pub trait MaybeSend: Send {}

impl<T: Send + ?Sized> MaybeSend for T {}

/// `Sync`, as native futures may move between threads. A socket is `Sync` so that futures which
/// borrow it are `Send`.
///
/// # Platform-specific
///
/// In a browser everything is `MaybeSync`.
pub trait MaybeSync: Sync {}

impl<T: Sync + ?Sized> MaybeSync for T {}

pub(crate) fn share_text(text: String) -> ByteString {
    text.into()
}

pub(crate) fn share_bytes(data: Vec<u8>) -> Bytes {
    data.into()
}

/// A number that nobody can guess.
pub(crate) fn random() -> u64 {
    rand::random()
}
