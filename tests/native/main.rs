#![cfg(not(target_family = "wasm"))]
//! Native tests.
