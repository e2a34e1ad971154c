//! The core of the JavaScript class: what `npm/` calls from its shell.
//!
//! The shell owns the runtime's socket, the payloads and the listeners. Here are the states, the
//! order of events, the closing handshake, limits and byte counts: the same [`Core`] that a Rust
//! program in a browser has. Of a message only its length comes here, and its place in the order.
//!
//! [`Core`]: super::core::Core

mod exports;
mod host;
mod numbers;
#[cfg(not(feature = "__npm_reconnecting"))]
#[path = "npm/once.rs"]
mod reconnecting;
#[cfg(feature = "__npm_reconnecting")]
mod reconnecting;
#[cfg(feature = "__npm_reconnecting")]
mod reconnecting_exports;
mod socket;
