use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::backend::native::transport::Transport;

/// A transport as libraries without a runtime want it, which remembers how it broke.
pub(crate) struct Bridge {
    pub(crate) transport: Box<dyn Transport>,
    /// The task that drives the connection.
    waker: Waker,
    pub(crate) broken: Option<io::ErrorKind>,
}

impl Bridge {
    pub(crate) fn new(transport: Box<dyn Transport>) -> Bridge {
        Bridge {
            transport,
            waker: Waker::noop().clone(),
            broken: None,
        }
    }

    pub(crate) fn wake(&mut self, cx: &Context<'_>) {
        if !self.waker.will_wake(cx.waker()) {
            self.waker = cx.waker().clone();
        }
    }

    fn now<T>(
        &mut self,
        act: impl FnOnce(Pin<&mut dyn Transport>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let mut cx = Context::from_waker(&self.waker);
        match act(Pin::new(&mut *self.transport), &mut cx) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(result) => result.inspect_err(|error| self.broken = Some(error.kind())),
        }
    }
}

impl Read for Bridge {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.now(|transport, cx| transport.poll_read(cx, buffer));
        if let Ok(0) = result {
            self.broken = Some(io::ErrorKind::UnexpectedEof);
        }
        result
    }
}

impl Write for Bridge {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.now(|transport, cx| transport.poll_write(cx, bytes))
    }

    /// The messages of a handshake leave together.
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.now(|transport, cx| transport.poll_write_vectored(cx, slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.now(|transport, cx| transport.poll_flush(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::native::wire::mock::MockTransport;

    #[test]
    fn several_slices_are_one_write() {
        let mut bridge = Bridge::new(Box::new(MockTransport::taking(&[100])));
        let slices = [b"one", b"two"].map(|slice| IoSlice::new(slice));
        assert_eq!(bridge.write_vectored(&slices).unwrap(), 6);
    }
}
