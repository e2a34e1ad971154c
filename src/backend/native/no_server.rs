//! The server's side, left out.

pub(crate) use crate::backend::no_server::{Acceptor, Reading, ServerHandshake, UpgradeRequest};
use crate::features::Features;

pub(crate) const FEATURES: Features = Features::NONE;

/// The connections of a listener, of which there are none.
pub(crate) mod registry {
    pub(crate) enum Seat {}
}
