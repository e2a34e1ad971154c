//! Compresses and inflates messages (RFC 7692 §7.2).

use bytes::Bytes;
use flate2::{Compress, Compression as Level, Decompress, FlushCompress, FlushDecompress, Status};

use crate::backend::native::permessage_deflate::Direction;
use crate::prepared_message::{PreparedMessage, Way};

/// The end of a compressed message, which is left out on the wire (RFC 7692 §7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// Room is made in steps of this.
const STEP: usize = 4 * 1024;

/// Compresses what we send.
#[derive(Debug)]
pub(crate) struct Compressor {
    compress: Compress,
    context_takeover: bool,
    way: Way,
    threshold: usize,
}

impl Compressor {
    /// `None` for a window of 8 bits: the library has none of that size, and messages may always
    /// leave plain (RFC 7692 §7.2.3.1 leaves it to the sender).
    pub(crate) fn new(direction: Direction, level: u8, threshold: usize) -> Option<Compressor> {
        if direction.window_bits < 9 {
            return None;
        }
        let window_bits = direction.window_bits;
        let compress = Compress::new_with_window_bits(Level::new(level.into()), false, window_bits);
        Some(Compressor {
            compress,
            context_takeover: direction.context_takeover,
            way: Way { window_bits, level },
            threshold,
        })
    }

    /// How long a message is at least that is compressed.
    pub(crate) fn threshold(&self) -> usize {
        self.threshold
    }

    /// Compresses a message, unless another connection has come to the same bytes.
    pub(crate) fn compress_prepared(&mut self, prepared: &PreparedMessage) -> Bytes {
        if self.context_takeover {
            return self.compress(prepared.message().as_bytes(), true);
        }
        prepared.compressed(self.way, |payload| self.compress(payload, true))
    }

    /// Compresses a part of a message, or all of it.
    pub(crate) fn compress(&mut self, mut input: &[u8], is_last: bool) -> Bytes {
        let mut out = Vec::with_capacity(input.len() / 2 + 64);
        loop {
            let before = self.compress.total_in();
            let status = self
                .compress
                .compress_vec(input, &mut out, FlushCompress::Sync);
            debug_assert!(status.is_ok(), "compressing has no errors: {status:?}");
            input = &input[(self.compress.total_in() - before) as usize..];
            // Room that is left over tells that the flush is complete.
            if input.is_empty() && out.len() < out.capacity() {
                break;
            }
            out.reserve(STEP);
        }
        if is_last {
            if out.ends_with(&TAIL) {
                out.truncate(out.len() - TAIL.len());
            }
            // An empty message is one empty block (RFC 7692 §7.2.3.6).
            if out.is_empty() {
                out.push(0);
            }
            if !self.context_takeover {
                self.compress.reset();
            }
        }
        out.into()
    }
}

/// Inflates what the peer sends.
#[derive(Debug)]
pub(crate) struct Inflater {
    inflate: Decompress,
    context_takeover: bool,
    stand: Stand,
}

/// Where the octets that were read so far have led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// In front of a block: nothing of a message was read yet, or its last block was final.
    Front,
    /// Behind the header of a block, at least. These are the last octets.
    Inside([u8; TAIL.len()]),
}

/// Why a message could not be inflated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It is not deflated data.
    Malformed,
    /// It would be over the limit.
    TooLarge,
}

impl Inflater {
    pub(crate) fn new(direction: Direction) -> Inflater {
        // A larger window than the peer's reads all that the peer writes.
        Inflater {
            inflate: Decompress::new_with_window_bits(false, direction.window_bits.max(9)),
            context_takeover: direction.context_takeover,
            stand: Stand::Front,
        }
    }

    /// Inflates a part of a message onto `out`, which may grow by at most `room` bytes.
    pub(crate) fn inflate(
        &mut self,
        mut input: &[u8],
        out: &mut Vec<u8>,
        room: usize,
    ) -> Result<(), Failure> {
        let most = out.len().saturating_add(room);
        loop {
            if out.len() == out.capacity() {
                make_room(out, input.len(), most);
            }
            let (read, written) = (self.inflate.total_in(), out.len());
            let status = self
                .inflate
                .decompress_vec(input, out, FlushDecompress::Sync);
            if out.len() > most {
                return Err(Failure::TooLarge);
            }
            let (taken, rest) = input.split_at((self.inflate.total_in() - read) as usize);
            self.stand.pass(taken);
            input = rest;
            match status {
                Ok(Status::Ok | Status::BufError) => {
                    let is_full = out.len() == out.capacity();
                    if input.is_empty() && !is_full {
                        return Ok(());
                    }
                    let stuck = out.len() == written && self.inflate.total_in() == read;
                    if stuck && !is_full {
                        return Err(Failure::Malformed);
                    }
                }
                // A block with the final bit: what follows begins anew (RFC 7692 §7.2.3.4).
                Ok(Status::StreamEnd) => {
                    self.reset();
                    if input.is_empty() {
                        return Ok(());
                    }
                }
                Err(_) => return Err(Failure::Malformed),
            }
        }
    }

    /// Ends a message.
    ///
    /// The tail ends the empty block whose header the message ends with (RFC 7692 §7.2.2). Some
    /// senders leave that header out behind a final block or in an empty message, others leave the
    /// tail in; the tail would then begin a block that swallows the next message.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>, room: usize) -> Result<(), Failure> {
        // A header ends in zeros, up to the end of its octet.
        if !matches!(self.stand, Stand::Front | Stand::Inside(TAIL)) {
            self.inflate(&TAIL, out, room)?;
        }
        self.stand = Stand::Front;
        if !self.context_takeover {
            self.reset();
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.inflate.reset(false);
        self.stand = Stand::Front;
    }
}

impl Stand {
    fn pass(&mut self, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        let mut last = match *self {
            Stand::Front => [0; TAIL.len()],
            Stand::Inside(last) => last,
        };
        let new = &octets[octets.len().saturating_sub(TAIL.len())..];
        last.rotate_left(new.len() % TAIL.len());
        last[TAIL.len() - new.len()..].copy_from_slice(new);
        *self = Stand::Inside(last);
    }
}

/// Makes room for what so much input may become. One byte more than the limit is enough to see that
/// it is passed, so a bomb gets no further.
fn make_room(out: &mut Vec<u8>, input: usize, most: usize) {
    let wanted = STEP.max(input.saturating_mul(2).min(64 * 1024));
    let ahead = wanted.max(out.len());
    let left = most.saturating_add(1) - out.len();
    out.reserve_exact(ahead.min(left));
}

#[cfg(test)]
#[path = "deflate_tests.rs"]
mod tests;
