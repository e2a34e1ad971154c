//! Nothing: the examples are what is compiled, and `tests/egui.rs` runs one of them.
