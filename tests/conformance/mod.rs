//! One body of cases for both targets.
//!
//! Each case is named like the scenario that was played against the real `QWebSocket`; its first
//! line says what must happen, and the lines behind it where Qt is not followed. A case writes
//! the server's script into its URL and fetches what the server saw over a second connection.
//!
//! The runner of a target brings a [`Target`] and a macro `cases!`, which makes tests of the names
//! that each area lists at its end. What a browser cannot see stands in [`platform`] alone.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use qwebsocket::{Error, Options, TlsIdentity, WebSocket};

pub(crate) mod abort;
pub(crate) mod auth;
pub(crate) mod bytes;
pub(crate) mod close;
pub(crate) mod digest;
pub(crate) mod flow;
pub(crate) mod handshake;
pub(crate) mod keep_alive;
mod lab;
pub(crate) mod lifecycle;
pub(crate) mod mask;
pub(crate) mod messages;
pub(crate) mod mqtt;
pub(crate) mod notation;
pub(crate) mod open;
pub(crate) mod peer_close;
pub(crate) mod ping;
mod platform;
pub(crate) mod proxy;
pub(crate) mod received;
pub(crate) mod reconnect;
pub(crate) mod request;
mod run;
pub(crate) mod secure;
mod story;
pub(crate) mod testing;
pub(crate) mod tls;
pub(crate) mod tls_end;
pub(crate) mod tls_errors;
pub(crate) mod typed;
pub(crate) mod violations;
pub(crate) mod written;
mod wss;

pub(crate) use lab::Lab;
use secure::{Front, Secure};

/// What a target brings along.
pub(crate) trait Target: 'static {
    /// The socket under test.
    type Socket: WebSocket;

    /// Makes a socket.
    fn socket(options: Options) -> Result<Self::Socket, Error>;

    /// `ws://HOST:PORT` of the scripted server.
    fn server() -> String;

    /// The same on `[::1]`, where that can be had.
    fn server_on_ipv6() -> Option<String>;

    /// `ws://HOST:PORT` where nobody listens.
    fn nobody() -> String;

    /// A server of `wss` in front of the scripted one, where TLS can be told anything.
    fn secure(server: Secure) -> Option<Box<dyn Front>>;

    /// The certificate of the servers' authority, as PEM.
    fn root() -> Vec<u8>;

    /// The certificate `CN=client` of the same authority.
    fn identity() -> TlsIdentity;

    /// The URL of a server that is `serve` of `examples/shared/shop.rs`.
    fn shop() -> impl Future<Output = String>;

    /// Runs a case of this path once more, in an environment with this variable.
    fn again(case: &str, variable: &str, value: &str);

    /// Whether this run was made by [`again`](Self::again).
    fn is_again() -> bool;

    /// A number that no other run has.
    fn random() -> u64;

    /// The time since some point in the past.
    fn now() -> Duration;

    /// Waits.
    fn sleep(time: Duration) -> impl Future<Output = ()>;
}

/// No case takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs a case.
///
/// # Panics
///
/// When the case fails or takes too long.
pub(crate) async fn limited<T: Target>(case: impl Future<Output = ()>) {
    if let Either::Right(_) = select(pin!(case), pin!(T::sleep(LIMIT))).await {
        panic!("the case takes longer than {LIMIT:?}");
    }
}
