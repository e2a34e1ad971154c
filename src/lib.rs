//! Qt's `QWebSocket` for Rust.
