//! For tests of applications, without a network: [`pair`] for both ends of a real connection,
//! [`ScriptedSocket`] where the test is the peer. [`docs::testing`](crate::docs::testing) shows how.

pub use crate::backend::pair::pair;
pub use crate::session::scripted::{Call, ScriptedSocket};
