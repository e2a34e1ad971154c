//! The server itself: plain sockets, one thread per connection.

mod broker;
mod connection;
// The unit tests of the library, which cannot depend on this crate, have it, too.
#[path = "../../../../src/backend/native/opening/dead_end.rs"]
mod dead_end;
mod head;
mod perform;
mod route;
mod server;
mod socks5;
mod store;
mod wire;

pub use dead_end::{DeadEnd, blackhole, refused_port, silent};
pub use server::Server;
