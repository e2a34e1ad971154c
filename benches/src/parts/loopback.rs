//! Client and server have a core each; the server is never the slower side.

use anyhow::Result;

use super::{KIB, MIB, OURS, present, tell};
use crate::libraries::{BATCHING_PEERS, PEERS};
use crate::payload::bytes;
use crate::table::{Best, Row};
use crate::turns::{PerMessage, QT, Turns};
use crate::work::{Shape, Work};

const WINDOW: usize = 64;

/// How often messages are sent by whoever writes each, by whoever puts off writing, and received.
struct Counts {
    size: usize,
    written: usize,
    batched: usize,
    pushed: usize,
}

#[rustfmt::skip]
const COUNTS: [Counts; 3] = [
    Counts { size: 16, written: 6_400, batched: 64_000, pushed: 300_000 },
    Counts { size: KIB, written: 6_400, batched: 32_000, pushed: 100_000 },
    Counts { size: 64 * KIB, written: 1_280, batched: 1_280, pushed: 4_000 },
];

pub(super) fn measure(turns: &Turns) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let ping_pong = Work::binary(Shape::Echo { window: 1 }, 16, 4_000);
    rows.extend(one_shape(turns, "ping-pong, 16 B", ping_pong, None)?);
    for counts in &COUNTS {
        let size = bytes(counts.size);
        let batch = (MIB / counts.size).clamp(1, 1000);
        let shapes = [
            (
                "window of 64",
                Shape::Echo { window: WINDOW },
                Shape::BatchedEcho { window: WINDOW },
            ),
            (
                "burst of 64",
                Shape::Burst { messages: WINDOW },
                Shape::BatchedBurst { messages: WINDOW },
            ),
            ("flood", Shape::Flood, Shape::BatchedFlood { batch }),
        ];
        for (name, natural, batched) in shapes {
            let cell = format!("{name}, {size}");
            rows.extend(two_shapes(turns, &cell, natural, batched, counts)?);
        }
        let push = Work::binary(Shape::Push, counts.size, counts.pushed);
        let goal = (counts.size <= KIB).then_some(1.1);
        rows.extend(one_shape(turns, &format!("push, {size}"), push, goal)?);
    }
    let large = Work::binary(Shape::Echo { window: 1 }, 16 * MIB, 5);
    rows.extend(one_shape(turns, "echo, 16 MiB", large, Some(1.0))?);
    Ok(rows)
}

/// All do the same.
fn one_shape(turns: &Turns, cell: &str, work: Work, goal: Option<f64>) -> Result<Vec<Row>> {
    let libraries = present(turns, &[OURS, PEERS]);
    let runs: Vec<_> = libraries.iter().map(|library| (*library, work)).collect();
    let costs = take(turns, cell, &runs)?;
    Ok(rows(cell, &costs, PEERS, goal))
}

/// Ours is sent by plain sending, beside the peers by theirs and beside those that batch by hand.
fn two_shapes(
    turns: &Turns,
    cell: &str,
    natural: Shape,
    batched: Shape,
    counts: &Counts,
) -> Result<Vec<Row>> {
    let work = |shape, count| Work::binary(shape, counts.size, count);
    let mut runs = Vec::new();
    for us in present(turns, &[OURS]) {
        runs.push((us, work(natural, counts.batched)));
    }
    if matches!(natural, Shape::Echo { .. }) && turns.has(QT) {
        runs.push((QT, work(natural, counts.written)));
    }
    for peer in PEERS {
        runs.push((peer, work(natural, counts.written)));
    }
    let by_hand = runs.len();
    for peer in BATCHING_PEERS {
        runs.push((peer, work(batched, counts.batched)));
    }
    let costs = take(turns, cell, &runs)?;
    let (plain, batched) = costs.split_at(by_hand);
    let mut all = rows(cell, plain, PEERS, Some(1.0));
    // By a fifth at least.
    all.extend(rows(cell, plain, &[QT], Some(0.83)));
    let us = plain.iter().filter(|(name, _)| OURS.contains(name));
    let costs: Vec<_> = us.chain(batched).copied().collect();
    let cell = format!("{cell}, batched by hand");
    all.extend(rows(&cell, &costs, BATCHING_PEERS, Some(1.1)));
    Ok(all)
}

fn take(
    turns: &Turns,
    cell: &str,
    runs: &[(&'static str, Work)],
) -> Result<Vec<(&'static str, PerMessage)>> {
    let costs = turns.take(runs)?;
    let names = runs.iter().map(|(library, _)| *library);
    let costs: Vec<_> = names.zip(costs).collect();
    let told: Vec<_> = costs
        .iter()
        .map(|(library, cost)| (*library, format!("{:.0} ({:.0})", cost.elapsed, cost.cpu)))
        .collect();
    tell(cell, &told);
    Ok(costs)
}

/// Ours beside the best of these peers, if any was measured: by the clock and by the processor.
fn rows(
    cell: &str,
    costs: &[(&'static str, PerMessage)],
    peers: &[&str],
    goal: Option<f64>,
) -> Vec<Row> {
    let figures: [(_, fn(&PerMessage) -> f64); 2] =
        [("ns", |cost| cost.elapsed), ("ns of CPU", |cost| cost.cpu)];
    let mut rows = Vec::new();
    for (unit, figure) in figures {
        let compared = costs.iter().filter(|(name, _)| peers.contains(name));
        let best = Best::of(compared.map(|(name, cost)| (*name, figure(cost))));
        if best.is_none() {
            continue;
        }
        for (who, cost) in costs.iter().filter(|(name, _)| OURS.contains(name)) {
            rows.push(Row {
                cell: cell.to_owned(),
                unit,
                who,
                ours: figure(cost),
                best: best.clone(),
                goal,
            });
        }
    }
    rows
}
