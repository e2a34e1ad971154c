use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};

/// Sizes that follow from a seed: mostly small ones, and some large ones.
#[derive(Clone, Copy, Debug)]
pub struct Pieces(u32);

impl Pieces {
    /// With seed 0, every piece is as large as it can be.
    pub fn new(seed: u16) -> Pieces {
        Pieces(seed.into())
    }

    /// A size of at least 1.
    pub fn next_size(&mut self) -> usize {
        if self.0 == 0 {
            return usize::MAX;
        }
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        let bits = self.0 >> 28;
        1 + ((self.0 >> 8) as usize & ((1 << bits) - 1))
    }
}

/// A transport that reads given bytes in pieces and then their end, and keeps what is written.
#[derive(Clone)]
pub struct Pipe(Arc<Mutex<PipeEnd>>);

/// The peer's end of it.
pub struct PipeEnd {
    input: Vec<u8>,
    read: usize,
    pieces: Pieces,
    /// What was written.
    pub output: Vec<u8>,
    /// How many bytes may still be written.
    pub room: usize,
}

impl Pipe {
    pub fn new(input: &[u8], pieces: Pieces) -> Pipe {
        Pipe(Arc::new(Mutex::new(PipeEnd {
            input: input.to_vec(),
            read: 0,
            pieces,
            output: Vec::new(),
            room: usize::MAX,
        })))
    }

    pub fn end(&self) -> MutexGuard<'_, PipeEnd> {
        self.0.lock().unwrap()
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut end = self.end();
        let end = &mut *end;
        let rest = &end.input[end.read..];
        let size = rest.len().min(out.len()).min(end.pieces.next_size());
        out[..size].copy_from_slice(&rest[..size]);
        end.read += size;
        Poll::Ready(Ok(size))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut end = self.end();
        let mut left = end.room.min(end.pieces.next_size());
        let before = end.output.len();
        for slice in slices {
            let (taken, _) = slice.split_at(left.min(slice.len()));
            end.output.extend_from_slice(taken);
            left -= taken.len();
        }
        let size = end.output.len() - before;
        if size == 0 {
            return Poll::Pending;
        }
        end.room -= size;
        Poll::Ready(Ok(size))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
