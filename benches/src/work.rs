//! What is measured, as one process asks it of another.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};

use crate::payload::{Kind, bytes};

/// The shape of a measurement. What is batched puts off writing by hand, if the library can; the rest
/// is sent as a program does that thinks of nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each answer lets the next message go, with so many under way.
    Echo { window: usize },
    /// The same; what is sent is written when there is no answer to take.
    BatchedEcho { window: usize },
    /// So many messages are sent, then as many answers are taken.
    Burst { messages: usize },
    /// The same; what is sent is written at once.
    BatchedBurst { messages: usize },
    /// The server sends, the client receives.
    Push,
    /// The client sends, the server discards.
    Flood,
    /// The same; so many are written at once.
    BatchedFlood { batch: usize },
    /// In memory: a client receives prepared frames.
    Receive,
    /// In memory: a server receives prepared frames, which are masked.
    ReceiveMasked,
    /// In memory: a client sends messages and flushes them one by one. With a limit the transport
    /// takes no more bytes at a time.
    Send { limit: Option<usize> },
    /// In memory: a client sends so many messages between two flushes.
    Batch { messages: usize },
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Echo { window } => write!(f, "echo:{window}"),
            Shape::BatchedEcho { window } => write!(f, "batched-echo:{window}"),
            Shape::Burst { messages } => write!(f, "burst:{messages}"),
            Shape::BatchedBurst { messages } => write!(f, "batched-burst:{messages}"),
            Shape::Push => f.write_str("push"),
            Shape::Flood => f.write_str("flood"),
            Shape::BatchedFlood { batch } => write!(f, "batched-flood:{batch}"),
            Shape::Receive => f.write_str("receive"),
            Shape::ReceiveMasked => f.write_str("receive-masked"),
            Shape::Send { limit: None } => f.write_str("send"),
            Shape::Send { limit: Some(bytes) } => write!(f, "send:{bytes}"),
            Shape::Batch { messages } => write!(f, "batch:{messages}"),
        }
    }
}

impl FromStr for Shape {
    type Err = Error;

    fn from_str(text: &str) -> Result<Shape> {
        let (name, number) = match text.split_once(':') {
            Some((name, number)) => (name, Some(number.parse()?)),
            None => (text, None),
        };
        let needed = || number.with_context(|| format!("`{name}` lacks its number"));
        Ok(match name {
            "echo" => Shape::Echo { window: needed()? },
            "batched-echo" => Shape::BatchedEcho { window: needed()? },
            "burst" => Shape::Burst {
                messages: needed()?,
            },
            "batched-burst" => Shape::BatchedBurst {
                messages: needed()?,
            },
            "push" => Shape::Push,
            "flood" => Shape::Flood,
            "batched-flood" => Shape::BatchedFlood { batch: needed()? },
            "receive" => Shape::Receive,
            "receive-masked" => Shape::ReceiveMasked,
            "send" => Shape::Send { limit: number },
            "batch" => Shape::Batch {
                messages: needed()?,
            },
            other => bail!("there is no `{other}`"),
        })
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Work {
    pub shape: Shape,
    pub kind: Kind,
    pub size: usize,
    pub count: usize,
}

impl Work {
    pub fn binary(shape: Shape, size: usize, count: usize) -> Work {
        Work {
            shape,
            kind: Kind::Binary,
            size,
            count,
        }
    }

    /// The words of a command line, for [`from_words`](Self::from_words).
    pub fn words(&self) -> [String; 4] {
        [
            self.shape.to_string(),
            self.kind.name().to_owned(),
            self.size.to_string(),
            self.count.to_string(),
        ]
    }

    pub fn from_words([shape, kind, size, count]: [&str; 4]) -> Result<Work> {
        Ok(Work {
            shape: shape.parse()?,
            kind: kind.parse()?,
            size: size.parse()?,
            count: count.parse()?,
        })
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.shape,
            self.kind.name(),
            bytes(self.size)
        )
    }
}
