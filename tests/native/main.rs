#![cfg(not(target_family = "wasm"))]
//! Native tests.

mod qt_table;
