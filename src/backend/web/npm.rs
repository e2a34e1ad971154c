//! The core of the JavaScript class: what `npm/` calls from its shell.
//!
//! The shell owns the runtime's socket, the payloads and the listeners. Here are the states, the
//! order of events, the closing handshake, limits and byte counts: the same [`Core`] that a Rust
//! program in a browser has. Of a message only its length comes here, and its place in the order.
//!
//! [`Core`]: super::web::core::Core

// What the shell calls is exported from the wasm, not from the crate.
#![allow(unreachable_pub)]

#[path = "npm/again.rs"]
mod again;
#[path = "npm/host.rs"]
mod host;
#[path = "npm/link.rs"]
mod link;
#[path = "npm/numbers.rs"]
mod numbers;
