//! One body for each measurement, over all libraries.

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};
use futures::FutureExt;

use crate::libraries::{
    AsyncTungstenite, BufferedFastWebSockets, FastWebSockets, QWebSocket, TokioTungstenite,
    TokioWebSockets, Yawc,
};
use crate::library::{Connection, Library};
use crate::machine::{Cost, Stopwatch, raise_file_limit, resident_memory};
use crate::memory::Memory;
use crate::payload::{Kind, Payload};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each answer lets the next message go, with so many under way, by plain sending.
    Echo { window: usize },
    /// The same, but writing is put off until there is no answer to take.
    BatchedEcho { window: usize },
    /// The server sends, the client receives.
    Push,
    /// The client sends and flushes after so many, the server discards.
    Flood { batch: usize },
    /// In memory: prepared frames are received.
    Receive,
    /// In memory: messages are sent and flushed one by one. With a limit the transport takes no
    /// more bytes at a time.
    Send { limit: Option<usize> },
    /// In memory: so many messages are sent between two flushes.
    Batch { messages: usize },
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Echo { window } => write!(f, "echo:{window}"),
            Shape::BatchedEcho { window } => write!(f, "batched-echo:{window}"),
            Shape::Push => f.write_str("push"),
            Shape::Flood { batch } => write!(f, "flood:{batch}"),
            Shape::Receive => f.write_str("receive"),
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
            "push" => Shape::Push,
            "flood" => Shape::Flood { batch: needed()? },
            "receive" => Shape::Receive,
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
    pub fn is_in_memory(&self) -> bool {
        matches!(
            self.shape,
            Shape::Receive | Shape::Send { .. } | Shape::Batch { .. }
        )
    }
}

/// Frames in memory are prepared up to this length, or one if it is longer.
const PREPARED: usize = 256 * 1024;

const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// What a number of idle connections keep resident.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// Bytes for each of them while they are open.
    pub open: f64,
    /// The same after they are gone.
    pub dropped: f64,
}

/// Calls a function for the library of this name.
macro_rules! with_library {
    ($name:expr, $function:ident($($argument:expr),*)) => {
        match $name {
            QWebSocket::NAME => $function::<QWebSocket>($($argument),*),
            AsyncTungstenite::NAME => $function::<AsyncTungstenite>($($argument),*),
            TokioTungstenite::NAME => $function::<TokioTungstenite>($($argument),*),
            TokioWebSockets::NAME => $function::<TokioWebSockets>($($argument),*),
            FastWebSockets::NAME => $function::<FastWebSockets>($($argument),*),
            BufferedFastWebSockets::NAME => $function::<BufferedFastWebSockets>($($argument),*),
            Yawc::NAME => $function::<Yawc>($($argument),*),
            other => bail!("there is no library `{other}`"),
        }
    };
}

/// Does the work with the library of this name; `port` is the server's, if it needs one.
pub fn measure(library: &str, work: &Work, port: u16) -> Result<Cost> {
    Ok(with_library!(library, measure_with(work, port)))
}

/// Opens connections that echo once each, and looks at the memory of this process.
pub fn idle(library: &str, count: usize, port: u16) -> Result<Idle> {
    with_library!(library, idle_with(count, port))
}

fn measure_with<L: Library>(work: &Work, port: u16) -> Cost {
    let payload = Payload::new(work.kind, work.size);
    let &Work { count, size, .. } = work;
    // What is allocated once, and what TCP learns, belongs to no message.
    let warm_up = (count / 10).max(1);
    match work.shape {
        Shape::Echo { window } => L::block_on(async {
            let mut connection = L::connect(port, "/echo").await;
            echo(&mut connection, &payload, window, warm_up).await;
            timed(echo(&mut connection, &payload, window, count)).await
        }),
        Shape::BatchedEcho { window } => L::block_on(async {
            let mut connection = L::connect(port, "/echo").await;
            batched_echo(&mut connection, &payload, window, warm_up).await;
            timed(batched_echo(&mut connection, &payload, window, count)).await
        }),
        Shape::Push => L::block_on(async {
            let path = format!("/push?{}&{size}&{count}", work.kind.name());
            let mut connection = L::connect(port, &path).await;
            push(&mut connection, count).await;
            timed(push(&mut connection, count)).await
        }),
        Shape::Flood { batch } => L::block_on(async {
            let path = format!("/discard?{count}");
            let mut connection = L::connect(port, &path).await;
            flood(&mut connection, &payload, batch, count).await;
            timed(flood(&mut connection, &payload, batch, count)).await
        }),
        Shape::Receive => futures::executor::block_on(async {
            let memory = Memory::new(payload.frames(Some(MASK), PREPARED));
            let mut connection = L::serve(memory).await;
            receive(&mut connection, warm_up).await;
            timed(receive(&mut connection, count)).await
        }),
        Shape::Send { limit } => futures::executor::block_on(async {
            let mut memory = Memory::new(Vec::new());
            if let Some(bytes) = limit {
                memory = memory.with_write_limit(bytes);
            }
            let mut connection = L::serve(memory).await;
            send(&mut connection, &payload, 1, warm_up).await;
            timed(send(&mut connection, &payload, 1, count)).await
        }),
        Shape::Batch { messages } => futures::executor::block_on(async {
            let mut connection = L::serve(Memory::new(Vec::new())).await;
            send(&mut connection, &payload, messages, warm_up).await;
            timed(send(&mut connection, &payload, messages, count)).await
        }),
    }
}

fn idle_with<L: Library>(count: usize, port: u16) -> Result<Idle> {
    raise_file_limit()?;
    let payload = Payload::new(Kind::Binary, 16);
    L::block_on(async {
        // What the first one needs is needed once.
        drop(open_idle::<L>(1, &payload, port).await);
        let before = resident_memory()?;
        let connections = open_idle::<L>(count, &payload, port).await;
        let open = resident_memory()?;
        drop(connections);
        let dropped = resident_memory()?;
        let each = |after: u64| (after as f64 - before as f64) / count as f64;
        Ok(Idle {
            open: each(open),
            dropped: each(dropped),
        })
    })
}

async fn open_idle<L: Library>(
    count: usize,
    payload: &Payload,
    port: u16,
) -> Vec<impl Connection + use<L>> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        let mut connection = L::connect(port, "/echo").await;
        echo(&mut connection, payload, 1, 1).await;
        // A program waits for more on each.
        let more = connection.receive().now_or_never();
        assert!(more.is_none(), "nobody sends more");
        connections.push(connection);
    }
    connections
}

async fn timed(work: impl Future<Output = ()>) -> Cost {
    let stopwatch = Stopwatch::start();
    work.await;
    stopwatch.stop()
}

async fn echo<C: Connection>(connection: &mut C, payload: &Payload, window: usize, count: usize) {
    let message = C::message(payload);
    let mut unsent = count;
    for _ in 0..window.min(count) {
        connection.send(message.clone()).await;
        unsent -= 1;
    }
    for _ in 0..count {
        assert_eq!(connection.receive().await, payload.bytes.len());
        if unsent > 0 {
            connection.send(message.clone()).await;
            unsent -= 1;
        }
    }
}

async fn batched_echo<C: Connection>(
    connection: &mut C,
    payload: &Payload,
    window: usize,
    count: usize,
) {
    let message = C::message(payload);
    let mut unsent = count;
    for _ in 0..window.min(count) {
        connection.feed(message.clone()).await;
        unsent -= 1;
    }
    for _ in 0..count {
        let arrived = connection.receive().now_or_never();
        let length = match arrived {
            Some(length) => length,
            None => {
                connection.flush().await;
                connection.receive().await
            }
        };
        assert_eq!(length, payload.bytes.len());
        if unsent > 0 {
            connection.feed(message.clone()).await;
            unsent -= 1;
        }
    }
}

async fn push<C: Connection>(connection: &mut C, count: usize) {
    let start = C::message(&Payload::new(Kind::Binary, 0));
    connection.send(start).await;
    receive(connection, count).await;
}

async fn receive<C: Connection>(connection: &mut C, count: usize) {
    for _ in 0..count {
        std::hint::black_box(connection.receive().await);
    }
}

async fn flood<C: Connection>(connection: &mut C, payload: &Payload, batch: usize, count: usize) {
    let message = C::message(payload);
    for sent in 1..=count {
        connection.feed(message.clone()).await;
        if sent % batch == 0 {
            connection.flush().await;
        }
    }
    connection.flush().await;
    connection.receive().await;
}

async fn send<C: Connection>(
    connection: &mut C,
    payload: &Payload,
    batch: usize,
    count: usize,
) {
    let message = C::message(payload);
    for sent in 1..=count {
        connection.feed(message.clone()).await;
        if sent % batch == 0 {
            connection.flush().await;
        }
    }
    connection.flush().await;
}
