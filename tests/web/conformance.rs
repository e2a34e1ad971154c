//! The shared cases of `tests/conformance`, run in browsers.
