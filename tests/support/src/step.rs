use std::fmt;

use crate::accept::Accept;
use crate::frame::Frame;
use crate::payload::Payload;
use crate::socks5::Socks5;

/// One step of a script; [`Script`](crate::Script) has a method for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Answers the opening handshake.
    Accept(Accept),
    /// Reads one more request head.
    Request,
    /// Echoes and answers pings until it has answered a close frame, or for so many ms.
    Serve {
        /// The time limit, if any.
        ms: Option<u64>,
    },
    /// Reads for so many ms and answers nothing.
    Drain {
        /// The time limit.
        ms: u64,
    },
    /// Writes frames, all at once.
    Frames(Vec<Frame>),
    /// Reads so many frames.
    ReadFrames {
        /// How many.
        count: u64,
        /// The time limit.
        ms: u64,
    },
    /// Reads frames up to one with this opcode.
    ReadUntil {
        /// The opcode.
        opcode: u8,
        /// The time limit.
        ms: u64,
    },
    /// Writes raw bytes.
    Send(Payload),
    /// How every later write goes out; `None` is at once.
    Pace(Option<Pace>),
    /// Neither reads nor writes for so many ms.
    Sleep {
        /// How long.
        ms: u64,
    },
    /// Reads with pauses.
    SlowRead(SlowRead),
    /// Sets the size of the socket's receive buffer.
    ReceiveBuffer {
        /// Its size.
        bytes: u32,
    },
    /// Shuts down the sending side and goes on.
    HalfClose,
    /// Shuts down the sending side, reads what still comes, and ends.
    Fin,
    /// Resets the connection and ends.
    Rst,
    /// Answers as a SOCKS5 proxy.
    Socks5(Socks5),
}

/// Writing in chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes per chunk.
    pub chunk: usize,
    /// Milliseconds between two chunks.
    pub gap: u64,
}

/// Reading with pauses, so that the client has to wait with its writing.
///
/// ```
/// use support::SlowRead;
///
/// let read = SlowRead::lasting(1500).total(200_000).gap(1);
/// assert_eq!(read.to_string(), "slow_read,ms=1500,gap=1,total=200000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowRead {
    pub(crate) ms: u64,
    pub(crate) gap: u64,
    pub(crate) chunk: usize,
    pub(crate) total: Option<u64>,
}

impl SlowRead {
    const CHUNK: usize = 16 << 10;

    /// Reads for so many ms at most, without pauses, 16 KiB at once.
    pub fn lasting(ms: u64) -> Self {
        Self {
            ms,
            gap: 0,
            chunk: Self::CHUNK,
            total: None,
        }
    }

    /// Pauses for so many ms after each chunk.
    pub fn gap(mut self, ms: u64) -> Self {
        self.gap = ms;
        self
    }

    /// Reads at most so many bytes at once.
    pub fn chunk(mut self, bytes: usize) -> Self {
        self.chunk = bytes.max(1);
        self
    }

    /// Ends after so many bytes.
    pub fn total(mut self, bytes: u64) -> Self {
        self.total = Some(bytes);
        self
    }
}

impl fmt::Display for SlowRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slow_read,ms={}", self.ms)?;
        if self.gap != 0 {
            write!(f, ",gap={}", self.gap)?;
        }
        if self.chunk != Self::CHUNK {
            write!(f, ",chunk={}", self.chunk)?;
        }
        if let Some(total) = self.total {
            write!(f, ",total={total}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept(accept) => accept.fmt(f),
            Self::Request => f.write_str("request"),
            Self::Serve { ms: None } => f.write_str("serve"),
            Self::Serve { ms: Some(ms) } => write!(f, "serve,ms={ms}"),
            Self::Drain { ms } => write!(f, "drain,ms={ms}"),
            Self::Frames(frames) => {
                f.write_str("frame")?;
                frames.iter().try_for_each(|frame| write!(f, ",{frame}"))
            }
            Self::ReadFrames { count, ms } => write!(f, "frames,n={count},ms={ms}"),
            Self::ReadUntil { opcode, ms } => write!(f, "frames,until={opcode},ms={ms}"),
            Self::Send(payload) => write!(f, "send,data={payload}"),
            Self::Pace(None) => f.write_str("pace"),
            Self::Pace(Some(pace)) => write!(f, "pace,chunk={},gap={}", pace.chunk, pace.gap),
            Self::Sleep { ms } => write!(f, "sleep,ms={ms}"),
            Self::SlowRead(read) => read.fmt(f),
            Self::ReceiveBuffer { bytes } => write!(f, "rcvbuf,bytes={bytes}"),
            Self::HalfClose => f.write_str("half_close"),
            Self::Fin => f.write_str("fin"),
            Self::Rst => f.write_str("rst"),
            Self::Socks5(socks5) => socks5.fmt(f),
        }
    }
}
