//! No runtime takes part, so there is one of us. Nobody waits, so the processor's time is all there is.

use anyhow::Result;

use super::{KIB, MIB, tell};
use crate::libraries::{PEERS_IN_MEMORY, QWebSocket, Wtx};
use crate::library::Library;
use crate::payload::{Kind, bytes};
use crate::table::{Best, Row};
use crate::turns::Turns;
use crate::work::{Shape, Work};

const OURS: &str = QWebSocket::NAME;

/// How often a message of a size is received or sent.
#[rustfmt::skip]
const COUNTS: [(usize, usize); 5] = [
    (16, 200_000), (KIB, 100_000), (16 * KIB, 4_000), (64 * KIB, 1_000), (MIB, 64),
];

const BATCH: usize = 64;

pub(super) fn measure(turns: &Turns) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (size, count) in COUNTS {
        for kind in Kind::ALL {
            let work = Work {
                shape: Shape::Receive,
                kind,
                size,
                count,
            };
            rows.push(receive(turns, work, "receive")?);
            let shape = Shape::ReceiveMasked;
            rows.push(receive(turns, Work { shape, ..work }, "receive masked")?);
        }
    }
    for (size, count) in COUNTS {
        let work = Work::binary(Shape::Send { limit: None }, size, count);
        rows.extend(send(turns, work)?);
    }
    for (size, count) in COUNTS {
        let shape = Shape::Batch { messages: BATCH };
        let work = Work::binary(shape, size, count);
        let cell = format!("{BATCH} sent between two flushes, {}", bytes(size));
        let figures = take(turns, work)?;
        rows.push(row(cell, &figures, |_| true, 1.0));
    }
    rows.push(slow_transport(turns)?);
    Ok(rows)
}

fn receive(turns: &Turns, work: Work, name: &str) -> Result<Row> {
    let cell = format!("{name}, {}, {}", work.kind.name(), bytes(work.size));
    let goal = if work.size <= KIB { 1.1 } else { 1.0 };
    Ok(row(cell, &take(turns, work)?, |_| true, goal))
}

/// Small messages are compared apart with the one whose masks can be predicted: masks cost most of
/// what they take.
fn send(turns: &Turns, work: Work) -> Result<Vec<Row>> {
    let cell = format!("send and flush, {}", bytes(work.size));
    let figures = take(turns, work)?;
    if work.size > KIB {
        return Ok(vec![row(cell, &figures, |_| true, 1.0)]);
    }
    Ok(vec![
        row(cell.clone(), &figures, |peer| peer != Wtx::NAME, 1.0),
        row(cell, &figures, |peer| peer == Wtx::NAME, 1.3),
    ])
}

/// Three times the length may take three times as long. Both are longer than caches are, and than
/// what an allocator keeps.
fn slow_transport(turns: &Turns) -> Result<Row> {
    let shape = Shape::Send {
        limit: Some(64 * KIB),
    };
    let lengths = [(40 * MIB, 9), (120 * MIB, 3)];
    let runs = lengths.map(|(size, count)| (OURS, Work::binary(shape, size, count)));
    let costs = turns.take(&runs)?;
    Ok(Row {
        cell: "send 120 MiB, 64 KiB at a time".to_owned(),
        unit: "ns of CPU",
        who: "",
        ours: costs[1].cpu,
        best: Some(Best {
            name: "3 times 40 MiB",
            value: 3.0 * costs[0].cpu,
        }),
        goal: Some(1.2),
    })
}

/// The processor's nanoseconds for each message.
fn take(turns: &Turns, work: Work) -> Result<Vec<(&'static str, f64)>> {
    let libraries: Vec<_> = [&[OURS], PEERS_IN_MEMORY].concat();
    let runs: Vec<_> = libraries.iter().map(|library| (*library, work)).collect();
    let costs = turns.take(&runs)?;
    let costs = costs.iter().map(|cost| cost.cpu);
    let figures: Vec<_> = libraries.into_iter().zip(costs).collect();
    let told: Vec<_> = figures
        .iter()
        .map(|(library, cost)| (*library, format!("{cost:.0}")))
        .collect();
    tell(&work.to_string(), &told);
    Ok(figures)
}

/// Ours beside the best of some peers.
fn row(
    cell: String,
    figures: &[(&'static str, f64)],
    is_compared: impl Fn(&str) -> bool,
    goal: f64,
) -> Row {
    let [(_, ours), peers @ ..] = figures else {
        unreachable!("we are measured first");
    };
    let peers = peers.iter().copied().filter(|(name, _)| is_compared(name));
    Row {
        cell,
        unit: "ns of CPU",
        who: "",
        ours: *ours,
        best: Best::of(peers),
        goal: Some(goal),
    }
}
