//! A transport with the bytes that go to it and come from it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::read_buffer::ReadBuffer;
use super::write_buffer::WriteBuffer;
use crate::backend::native::transport::Transport;

/// What a connection wants of its transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Io {
    /// That it takes what is encoded, as far as one write goes.
    Write,
    /// That it passes on what it has taken.
    Flush,
    /// What has arrived, as far as one read goes.
    Read,
    /// The end of our direction.
    Close,
}

/// What a [`Wire`](super::Wire) lends for one call of its transport, which may be the application's
/// code.
pub(crate) struct Port {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) write: WriteBuffer,
    pub(crate) read: ReadBuffer,
}

impl Port {
    /// Calls the transport once; ready with the bytes that were written or read.
    pub(crate) fn poll(&mut self, io: Io, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut transport = Pin::new(&mut *self.transport);
        match io {
            Io::Write => self.write.poll_write(transport, cx),
            Io::Flush => transport.as_mut().poll_flush(cx).map_ok(|()| 0),
            Io::Read => self.read.poll_fill(transport, cx),
            Io::Close => transport.as_mut().poll_close(cx).map_ok(|()| 0),
        }
    }
}
