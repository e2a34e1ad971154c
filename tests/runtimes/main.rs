//! The library on each runtime, with this or that set of them compiled in.

#![cfg(not(target_family = "wasm"))]

#[cfg(feature = "server")]
mod clock;
mod common;
mod left_out;
#[cfg(feature = "server")]
mod place;
mod sigpipe;
#[cfg(feature = "server")]
mod testing;
#[cfg(feature = "server")]
mod turns;
