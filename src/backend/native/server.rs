//! The server's side: listening, the opening handshake (RFC 6455 §4.2), refusing.

mod address;
mod handshake;
mod listener;
mod member;
mod origins;
mod refusal;
pub(crate) mod registry;
mod request;

pub(crate) use self::handshake::ServerHandshake;
pub(crate) use self::listener::Acceptor;
pub(crate) use self::request::{Reading, UpgradeRequest};
use crate::features::Features;

pub(crate) const FEATURES: Features = Features::SERVER;
