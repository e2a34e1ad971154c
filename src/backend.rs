//! The one file that names the platform.
//!
//! # Contract
//!
//! A backend exports, with the same signatures on every platform:
//!
//! - `Socket`, which implements [`WebSocket`](crate::WebSocket) and has
//!   - `const FEATURES: Features`,
//!   - `new() -> Socket`,
//!   - `with_options(Options) -> Result<Socket, Error>`,
//!   - `open_over(stream, Request) -> Result<(), Error>`,
//!   - `accept(stream, Options) -> Result<Accepting, Error>`;
//! - `Listener`, `Accepting`, `Incoming`: the server's side;
//! - `MaybeSend`: what a socket must be, to be used where futures are used;
//! - for the crate
//!   - `SHOWS_ANSWERS`, whether the server's answer to an opening handshake is seen,
//!   - `Prepared`, what is made of options once: `new(&Options) -> Result<Prepared, Error>` also
//!     checks what only this platform can,
//!   - `certificate_from_der(&[u8]) -> Result<TlsCertificate, Error>`, and the same from PEM,
//!   - `share_text(String) -> ByteString`, `share_bytes(Vec<u8>) -> Bytes`, which make payloads,
//!   - `now() -> Duration`, `random() -> u64`, `sleep(Duration) -> Sleep`, a future, and
//!     `Hints`, what the platform tells of the network.
//!
//! It keeps the order of events by feeding a [`Session`](crate::session::Session) and adds no event
//! of its own. What it cannot do it leaves out of `FEATURES` and answers with
//! [`Unsupported`](crate::ErrorKind::Unsupported).

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(all(fuzzing, not(target_family = "wasm")))]
pub use native::fuzzing;
#[cfg(not(target_family = "wasm"))]
pub use native::{Accepting, Incoming, Listener, MaybeSend, Socket};
#[cfg(not(target_family = "wasm"))]
pub(crate) use native::{
    Hints, Prepared, SHOWS_ANSWERS, Sleep, certificate_from_der, certificate_from_pem, now, random,
    share_bytes, share_text, sleep,
};

#[cfg(target_family = "wasm")]
mod web;
#[cfg(target_family = "wasm")]
pub use web::{Accepting, Incoming, Listener, MaybeSend, Socket};
#[cfg(target_family = "wasm")]
pub(crate) use web::{
    Hints, Prepared, SHOWS_ANSWERS, Sleep, certificate_from_der, certificate_from_pem, now, random,
    share_bytes, share_text, sleep,
};

#[cfg(all(feature = "npm", target_family = "wasm"))]
#[path = "npm.rs"]
mod npm;

/// Whether OpenSSL is what the platform's programs use, so that it is preferred where it is
/// compiled in.
#[allow(dead_code)] // Not every backend does TLS by itself.
pub(crate) const OPENSSL_IS_AT_HOME: bool = cfg!(not(any(windows, target_vendor = "apple")));
