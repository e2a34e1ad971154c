//! Entry points of the targets in `fuzz/`.

use futures::{AsyncRead, AsyncWrite};

use super::{Socket, imp};
use crate::options::Options;

pub use super::imp::fuzzing::*;

/// A socket whose opening handshake is done.
pub fn connected(
    transport: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    is_client: bool,
    options: Options,
) -> Socket {
    Socket(imp::fuzzing::connected(transport, is_client, options))
}
