//! A transport with the bytes that go to it and come from it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::write_buffer::WriteBuffer;
use crate::backend::native::transport::Transport;

/// A call of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Io {
    /// That it takes what is encoded, as far as one write goes, and passes it on if that is all.
    Write,
    /// That it passes on what it has taken.
    Flush,
    /// Read once.
    Read,
    /// The end of our direction.
    Close,
}

/// The transport with what a [`Wire`](super::Wire) lends along with it for a call, which may be of
/// the application's code.
pub(crate) struct Port<L> {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) lent: L,
}

/// Bytes to be written.
pub(crate) struct Writing {
    pub(crate) buffer: WriteBuffer,
    /// Whether nothing else is queued.
    pub(crate) is_all: bool,
}

/// A call that moves no bytes.
pub(crate) struct Unmoved(pub(crate) Io);

/// The result of a call.
pub(crate) struct Called {
    /// Ready with the bytes that were written or read.
    pub(crate) moved: Poll<io::Result<usize>>,
    /// Of the flush that follows a write of all there is.
    pub(crate) flushed: Option<Poll<io::Result<usize>>>,
}

impl From<Poll<io::Result<usize>>> for Called {
    fn from(moved: Poll<io::Result<usize>>) -> Called {
        Called {
            moved,
            flushed: None,
        }
    }
}

/// Writes once, and flushes if that leaves nothing.
pub(crate) fn poll_write(
    buffer: &mut WriteBuffer,
    is_all: bool,
    mut transport: Pin<&mut dyn Transport>,
    cx: &mut Context<'_>,
) -> Called {
    let moved = buffer.poll_write(transport.as_mut(), cx);
    let is_done = is_all && buffer.is_empty();
    Called {
        flushed: is_done.then(|| poll_other(Io::Flush, transport, cx)),
        moved,
    }
}

/// A call that moves no bytes: a flush, or the end of our direction.
pub(crate) fn poll_other(
    io: Io,
    transport: Pin<&mut dyn Transport>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let result = match io {
        Io::Close => transport.poll_close(cx),
        _ => transport.poll_flush(cx),
    };
    result.map_ok(|()| 0)
}
