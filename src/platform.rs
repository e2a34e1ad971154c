//! The ground: what the platform gives, below everything else.
//!
//! # Contract
//!
//! A platform exports, with the same signatures everywhere:
//!
//! - `MaybeSend` and `MaybeSync`: what may move to, and be used from, where futures run;
//! - `now() -> Duration`, the time since some point in the past, which never goes back, and
//!   `sleep_until(Duration) -> Sleep`, a future that is ready when `now()` shows that time;
//! - `VirtualTime`, which stops that clock for tests, where it can be stopped;
//! - `unbudgeted(impl FnOnce() -> T) -> T`, for what polls without waiting: inside, a poll is not
//!   told to let others have their turn;
//! - `random() -> u64`;
//! - `share_text(String) -> ByteString`, `share_bytes(Vec<u8>) -> Bytes`, which make payloads;
//! - `Hints`, what the platform says of the network: `poll(&mut self, cx) -> Poll<Hint>`;
//! - `certificate_from_der(&[u8]) -> Result<Certificate, Unreadable>`, and the same from PEM;
//! - `RustlsConfig`, a configuration of rustls, which nobody has without it;
//! - `SHOWS_ANSWERS`, whether the server's answer to an opening handshake can be seen.
//!
//! What only one of them has, such as TCP, its own backend takes from `platform::native` or
//! `platform::web`. A platform knows no other module of the crate. Beside `backend.rs` this is the
//! only file that names one.

#[cfg(not(target_family = "wasm"))]
pub(crate) mod native;
#[cfg(not(target_family = "wasm"))]
use self::native as imp;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) mod web;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use self::web as imp;

#[cfg(all(target_family = "wasm", not(target_os = "unknown")))]
compile_error!(
    "qwebsocket is for browsers and for systems with TCP: of the targets of WebAssembly it has \
     `wasm32-unknown-unknown` alone, neither WASI nor Emscripten"
);

// Which Unix has what against SIGPIPE.
#[cfg(all(unix, not(any(target_vendor = "apple", target_family = "wasm"))))]
mod sigpipe;
#[cfg(target_vendor = "apple")]
#[path = "platform/sigpipe/by_socket.rs"]
mod sigpipe;
#[cfg(not(any(unix, target_family = "wasm")))]
#[path = "platform/sigpipe/none.rs"]
mod sigpipe;

mod certificate;
pub(crate) mod from_tokio;
mod hint;

use std::time::Duration;

pub(crate) use self::certificate::{Certificate, Unreadable};
pub(crate) use self::hint::Hint;
pub(crate) use self::imp::{
    Hints, RustlsConfig, SHOWS_ANSWERS, Sleep, certificate_from_der, certificate_from_pem, now,
    random, share_bytes, share_text, sleep_until, unbudgeted,
};
pub use self::imp::{MaybeSend, MaybeSync, VirtualTime};

/// Whether the platform's programs use OpenSSL, so that it is preferred where it is compiled in.
#[cfg(not(target_family = "wasm"))]
pub(crate) const PREFERS_OPENSSL: bool = cfg!(not(any(windows, target_vendor = "apple")));

/// Ready after `duration`.
#[allow(dead_code)] // Not every backend waits so.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    sleep_until(now().saturating_add(duration))
}
