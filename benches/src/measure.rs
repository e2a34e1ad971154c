//! One body for each measurement of a client, over all libraries.

use std::future::Future;

use anyhow::Result;
use futures::FutureExt;

use crate::libraries::with_library;
use crate::library::{Connection, Library};
use crate::machine::{Cost, Stopwatch};
use crate::memory::Memory;
use crate::payload::{Kind, Payload};
use crate::work::{Shape, Work};

/// Frames in memory are prepared up to this length, or one if it is longer.
const PREPARED: usize = 256 * 1024;

const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// Does the work with the library of this name; `port` is the server's, if it needs one.
pub fn measure(library: &str, work: &Work, port: u16) -> Result<Cost> {
    Ok(with_library!(library, measure_with(work, port)))
}

fn measure_with<L: Library>(work: &Work, port: u16) -> Cost {
    let payload = Payload::new(work.kind, work.size);
    match work.shape {
        Shape::Receive | Shape::ReceiveMasked | Shape::Send { .. } | Shape::Batch { .. } => {
            futures::executor::block_on(in_memory::<L>(work, &payload))
        }
        _ => L::block_on(on_loopback::<L>(work, &payload, port)),
    }
}

async fn in_memory<L: Library>(work: &Work, payload: &Payload) -> Cost {
    let (count, warm_up) = (work.count, warm_up(work));
    match work.shape {
        Shape::Receive => {
            let mut client = L::client(Memory::new(payload.frames(None, PREPARED))).await;
            receive(&mut client, warm_up).await;
            timed(receive(&mut client, count)).await
        }
        Shape::ReceiveMasked => {
            let frames = payload.frames(Some(MASK), PREPARED);
            let mut server = L::server(Memory::new(frames)).await;
            receive(&mut server, warm_up).await;
            timed(receive(&mut server, count)).await
        }
        Shape::Send { limit } => {
            let mut memory = Memory::new(Vec::new());
            if let Some(bytes) = limit {
                memory = memory.with_write_limit(bytes);
            }
            let mut client = L::client(memory).await;
            batched_send(&mut client, payload, 1, warm_up).await;
            timed(batched_send(&mut client, payload, 1, count)).await
        }
        Shape::Batch { messages } => {
            let mut client = L::client(Memory::new(Vec::new())).await;
            batched_send(&mut client, payload, messages, warm_up).await;
            timed(batched_send(&mut client, payload, messages, count)).await
        }
        other => unreachable!("{other} is not in memory"),
    }
}

async fn on_loopback<L: Library>(work: &Work, payload: &Payload, port: u16) -> Cost {
    let (count, warm_up) = (work.count, warm_up(work));
    match work.shape {
        Shape::Echo { window } => {
            let mut client = L::connect(port, "/echo").await;
            echo(&mut client, payload, window, warm_up).await;
            timed(echo(&mut client, payload, window, count)).await
        }
        Shape::BatchedEcho { window } => {
            let mut client = L::connect(port, "/echo").await;
            batched_echo(&mut client, payload, window, warm_up).await;
            timed(batched_echo(&mut client, payload, window, count)).await
        }
        Shape::Burst { messages } => {
            let mut client = L::connect(port, "/echo").await;
            burst(&mut client, payload, messages, warm_up).await;
            timed(burst(&mut client, payload, messages, count)).await
        }
        Shape::BatchedBurst { messages } => {
            let mut client = L::connect(port, "/echo").await;
            batched_burst(&mut client, payload, messages, warm_up).await;
            timed(batched_burst(&mut client, payload, messages, count)).await
        }
        Shape::Push => {
            let path = format!("/push?{}&{}&{count}", work.kind.name(), work.size);
            let mut client = L::connect(port, &path).await;
            push(&mut client, count).await;
            timed(push(&mut client, count)).await
        }
        Shape::Flood => {
            let path = format!("/discard?{count}");
            let mut client = L::connect(port, &path).await;
            flood(&mut client, payload, count).await;
            timed(flood(&mut client, payload, count)).await
        }
        Shape::BatchedFlood { batch } => {
            let path = format!("/discard?{count}");
            let mut client = L::connect(port, &path).await;
            batched_flood(&mut client, payload, batch, count).await;
            timed(batched_flood(&mut client, payload, batch, count)).await
        }
        other => unreachable!("{other} is in memory"),
    }
}

/// What is allocated once, and what TCP learns, belongs to no message.
fn warm_up(work: &Work) -> usize {
    (work.count / 10).max(1)
}

async fn timed(work: impl Future<Output = ()>) -> Cost {
    let stopwatch = Stopwatch::start();
    work.await;
    stopwatch.stop()
}

pub(crate) async fn echo<C: Connection>(
    connection: &mut C,
    payload: &Payload,
    window: usize,
    count: usize,
) {
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

async fn burst<C: Connection>(
    connection: &mut C,
    payload: &Payload,
    messages: usize,
    count: usize,
) {
    let message = C::message(payload);
    for _ in 0..count.div_ceil(messages) {
        for _ in 0..messages {
            connection.send(message.clone()).await;
        }
        receive(connection, messages).await;
    }
}

async fn batched_burst<C: Connection>(
    connection: &mut C,
    payload: &Payload,
    messages: usize,
    count: usize,
) {
    for _ in 0..count.div_ceil(messages) {
        batched_send(connection, payload, messages, messages).await;
        receive(connection, messages).await;
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

/// The server sends one message when all have come.
async fn flood<C: Connection>(connection: &mut C, payload: &Payload, count: usize) {
    let message = C::message(payload);
    for _ in 0..count {
        connection.send(message.clone()).await;
    }
    connection.receive().await;
}

async fn batched_flood<C: Connection>(
    connection: &mut C,
    payload: &Payload,
    batch: usize,
    count: usize,
) {
    batched_send(connection, payload, batch, count).await;
    connection.receive().await;
}

async fn batched_send<C: Connection>(
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
