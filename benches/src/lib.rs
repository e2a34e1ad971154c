//! qwebsocket compared with the other Rust WebSocket libraries, in memory, on loopback and as a
//! server.

pub mod idle;
pub mod libraries;
pub mod library;
pub mod load;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod opening;
pub mod parts;
pub mod payload;
pub mod server;
pub mod servers;
pub mod table;
pub mod turns;
pub mod work;
