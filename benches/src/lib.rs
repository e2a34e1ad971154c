//! qwebsocket compared with the other Rust WebSocket libraries, in memory and on loopback.

pub mod libraries;
pub mod library;
pub mod machine;
pub mod memory;
pub mod payload;
pub mod server;
pub mod table;
pub mod turns;
pub mod work;
