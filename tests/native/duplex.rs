//! A stream in memory.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncWrite};

/// One direction of a stream in memory, with room for so many bytes.
#[derive(Default)]
struct Way {
    bytes: Vec<u8>,
    room: usize,
    is_closed: bool,
    /// Wait for bytes, or for room.
    wakers: Vec<Waker>,
}

impl Way {
    fn change<R>(way: &Mutex<Way>, change: impl FnOnce(&mut Way) -> R) -> R {
        let mut inside = way.lock().unwrap();
        let result = change(&mut inside);
        let wakers = std::mem::take(&mut inside.wakers);
        drop(inside);
        wakers.into_iter().for_each(Waker::wake);
        result
    }
}

/// An end of a stream in memory.
#[derive(Clone)]
pub(crate) struct End {
    reads: Arc<Mutex<Way>>,
    writes: Arc<Mutex<Way>>,
}

/// Both ends; each direction holds so many bytes.
pub(crate) fn stream(room: usize) -> (End, End) {
    let way = || {
        Arc::new(Mutex::new(Way {
            room,
            ..Way::default()
        }))
    };
    let (there, back) = (way(), way());
    let end = |reads: &Arc<Mutex<Way>>, writes: &Arc<Mutex<Way>>| End {
        reads: reads.clone(),
        writes: writes.clone(),
    };
    (end(&there, &back), end(&back, &there))
}

impl End {
    /// Whether nothing comes any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.reads.lock().unwrap().is_closed
    }

    /// Ends both directions, as a socket that is dropped does.
    pub(crate) fn hang_up(&self) {
        Way::change(&self.reads, |way| way.is_closed = true);
        Way::change(&self.writes, |way| way.is_closed = true);
    }

    /// Drops what has arrived.
    pub(crate) fn discard(&self) {
        self.reads.lock().unwrap().bytes.clear();
    }
}

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut way = self.reads.lock().unwrap();
        if way.bytes.is_empty() && !way.is_closed {
            way.wakers.push(cx.waker().clone());
            return Poll::Pending;
        }
        drop(way);
        Poll::Ready(Ok(Way::change(&self.reads, |way| {
            let length = way.bytes.len().min(out.len());
            out[..length].copy_from_slice(&way.bytes[..length]);
            way.bytes.drain(..length);
            length
        })))
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut way = self.writes.lock().unwrap();
        let room = way.room.saturating_sub(way.bytes.len());
        if room == 0 {
            way.wakers.push(cx.waker().clone());
            return Poll::Pending;
        }
        drop(way);
        let length = room.min(bytes.len());
        Way::change(&self.writes, |way| {
            way.bytes.extend_from_slice(&bytes[..length])
        });
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Way::change(&self.writes, |way| way.is_closed = true);
        Poll::Ready(Ok(()))
    }
}
