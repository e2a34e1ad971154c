//! A stream in memory.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncWrite};

/// An end of the stream; dropped, it hangs up.
#[derive(Debug)]
pub(super) struct End {
    reads: Arc<Way>,
    writes: Arc<Way>,
}

/// Both ends; so many bytes fit into each direction.
pub(super) fn pipe(room: usize) -> (End, End) {
    let (there, back) = (Arc::new(Way::new(room)), Arc::new(Way::new(room)));
    let near = End {
        reads: back.clone(),
        writes: there.clone(),
    };
    let far = End {
        reads: there,
        writes: back,
    };
    (near, far)
}

/// One direction.
#[derive(Debug)]
struct Way(Mutex<Inside>);

#[derive(Debug)]
struct Inside {
    bytes: VecDeque<u8>,
    room: usize,
    /// Nothing is written any more.
    is_ended: bool,
    /// Nothing is read any more.
    is_left: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Way {
    fn new(room: usize) -> Way {
        Way(Mutex::new(Inside {
            bytes: VecDeque::new(),
            room,
            is_ended: false,
            is_left: false,
            reader: None,
            writer: None,
        }))
    }

    /// Looks or changes something; whoever `wakes` names is woken when nothing is locked any more.
    fn with<R>(
        &self,
        change: impl FnOnce(&mut Inside) -> R,
        wakes: impl FnOnce(&mut Inside, &R) -> Option<Waker>,
    ) -> R {
        let mut inside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut inside);
        let waker = wakes(&mut inside, &result);
        drop(inside);
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }

    fn end(&self) {
        self.with(
            |inside| inside.is_ended = true,
            |inside, ()| inside.reader.take(),
        );
    }

    fn leave(&self) {
        self.with(
            |inside| inside.is_left = true,
            |inside, ()| inside.writer.take(),
        );
    }
}

impl Inside {
    fn poll_read(&mut self, cx: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.bytes.is_empty() && !self.is_ended {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(self.bytes.read(out))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_left || self.is_ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let length = bytes.len().min(self.room - self.bytes.len());
        if length == 0 && !bytes.is_empty() {
            self.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        self.bytes.extend(&bytes[..length]);
        Poll::Ready(Ok(length))
    }
}

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.reads.with(
            |inside| inside.poll_read(cx, out),
            |inside, read| read.is_ready().then(|| inside.writer.take())?,
        )
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.with(
            |inside| inside.poll_write(cx, bytes),
            |inside, written| written.is_ready().then(|| inside.reader.take())?,
        )
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writes.end();
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.writes.end();
        self.reads.leave();
    }
}
