//! The library on each runtime, with this or that set of them compiled in.

#![cfg(not(target_family = "wasm"))]

mod clock;
mod common;
mod left_out;
mod place;
mod sigpipe;
mod testing;
mod turns;
