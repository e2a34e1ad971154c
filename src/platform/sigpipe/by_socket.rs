//! A write to a peer that is gone is an error; that it must not raise SIGPIPE as well, which may
//! end the process, is an option of the socket.

use std::ffi::c_int;
use std::io;

use socket2::SockRef;

/// With every write.
pub(crate) const FLAG: c_int = 0;

pub(crate) fn switch_off(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_nosigpipe(true)
}
