//! The browser as a platform, or another host with its interfaces: a worker, Node, Deno.

pub(crate) mod clock;
pub(crate) mod event_listener;
mod hints;
pub(crate) mod next_task;
mod payload;
pub(crate) mod timer;
mod virtual_time;

pub(crate) use self::clock::now;
pub(crate) use self::hints::Hints;
pub(crate) use self::payload::{share_bytes, share_text};
pub(crate) use self::timer::{Sleep, sleep_until};
pub use self::virtual_time::VirtualTime;
use crate::platform::certificate::{Certificate, Unreadable};

pub(crate) const SHOWS_ANSWERS: bool = false;

/// Everything: futures stay on their thread in a browser.
///
/// # Platform-specific
///
/// Natively `Send`. In a browser everything is `MaybeSend`: its objects stay on their thread.
pub trait MaybeSend {}

impl<T: ?Sized> MaybeSend for T {}

/// Everything: futures stay on their thread in a browser.
///
/// # Platform-specific
///
/// Natively `Sync`. In a browser everything is `MaybeSync`.
pub trait MaybeSync {}

impl<T: ?Sized> MaybeSync for T {}

/// Nobody has a configuration of rustls here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RustlsConfig {}

pub(crate) fn certificate_from_der(_: &[u8]) -> Result<Certificate, Unreadable> {
    Err(Unreadable::Unsupported)
}

pub(crate) fn certificate_from_pem(_: &[u8]) -> Result<Certificate, Unreadable> {
    Err(Unreadable::Unsupported)
}

/// Nothing here has a budget.
pub(crate) fn unbudgeted<T>(poll: impl FnOnce() -> T) -> T {
    poll()
}

/// A number to spread what many do at once.
pub(crate) fn random() -> u64 {
    js_sys::Math::random().to_bits()
}
