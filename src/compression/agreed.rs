//! The outcome of a negotiation of permessage-deflate (RFC 7692 §7.1).

/// The parameters that both sides agreed on.
#[allow(dead_code)] // Not every backend negotiates by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deflate {
    /// Our direction.
    pub(crate) outgoing: Direction,
    /// The peer's direction.
    pub(crate) incoming: Direction,
    pub(crate) level: u8,
    pub(crate) threshold: usize,
}

/// How one direction is compressed.
#[allow(dead_code)] // As above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    pub(crate) window_bits: u8,
    pub(crate) context_takeover: bool,
}
