//! A transport for tests.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};

#[derive(Default)]
pub(crate) struct MockTransport {
    /// What is read, one piece for each read.
    gives: VecDeque<Vec<u8>>,
    /// What was written.
    pub(crate) taken: Vec<u8>,
    /// How many bytes it takes at each turn, over and over; at a turn of 0 it has no room.
    pub(crate) turns: Vec<usize>,
    turn: usize,
    pub(crate) holds_back: bool,
    pub(crate) flush_fails: bool,
}

impl MockTransport {
    pub(crate) fn taking(turns: &[usize]) -> MockTransport {
        MockTransport {
            turns: turns.to_vec(),
            ..MockTransport::default()
        }
    }

    /// Takes so many bytes, then none.
    pub(crate) fn full_after(bytes: usize) -> MockTransport {
        MockTransport::taking(&[bytes, 0, 0, 0, 0])
    }

    pub(crate) fn giving<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> MockTransport {
        MockTransport {
            gives: pieces.into_iter().map(<[u8]>::to_vec).collect(),
            ..MockTransport::default()
        }
    }
}

impl AsyncRead for MockTransport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Some(piece) = self.gives.front_mut() else {
            return Poll::Pending;
        };
        let length = piece.len().min(out.len());
        out[..length].copy_from_slice(&piece[..length]);
        piece.drain(..length);
        if piece.is_empty() {
            self.gives.pop_front();
        }
        Poll::Ready(Ok(length))
    }
}

impl AsyncWrite for MockTransport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let room = self.turns[self.turn % self.turns.len()];
        self.turn += 1;
        if room == 0 {
            return Poll::Pending;
        }
        let before = self.taken.len();
        for slice in slices {
            let left = room - (self.taken.len() - before);
            self.taken
                .extend_from_slice(&slice[..left.min(slice.len())]);
        }
        Poll::Ready(Ok(self.taken.len() - before))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.holds_back {
            return Poll::Pending;
        }
        if self.flush_fails {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
