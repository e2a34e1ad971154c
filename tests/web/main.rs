//! What only a browser has. The runner chooses where: in a window, a worker, Node.
#![cfg(target_family = "wasm")]

mod browser;
mod closing;
mod compression;
mod conformance;
mod events;
mod foreign;
mod late;
mod limits;
mod listeners;
mod memory;
mod messages;
mod opening;
mod page;
mod reconnect;
mod server;
mod time;
mod unsupported;
mod waiting;
