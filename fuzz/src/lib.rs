//! What the targets share: a transport in memory, and messages put together from what passes the
//! wire inwards.

mod answering;
mod frames;
mod inwards;
mod pipe;

pub use answering::Answering;
pub use frames::{Frame, Frames};
pub use inwards::{Inwards, read};
pub use pipe::{Pieces, Pipe, PipeEnd};
