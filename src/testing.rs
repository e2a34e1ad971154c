//! For tests of applications, without a network: [`pair`] for both ends of a real connection,
//! [`ScriptedSocket`] where the test is the peer, [`VirtualTime`] for their time.
//! [`docs::testing`](crate::docs::testing) shows how.

pub use crate::backend::pair::pair;
pub use crate::platform::VirtualTime;
pub use crate::session::scripted::{Call, ScriptedSocket};
