//! Client and server have a core each; the server is never the slower side.

use anyhow::Result;

use super::{KIB, MIB, OURS, present, tell};
use crate::libraries::{AsyncTungstenite, BATCHING_PEERS, BATCHING_READERS, PEERS};
use crate::library::Library;
use crate::payload::{Kind, bytes};
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
const COUNTS: [Counts; 4] = [
    Counts { size: 16, written: 6_400, batched: 64_000, pushed: 300_000 },
    Counts { size: KIB, written: 6_400, batched: 32_000, pushed: 100_000 },
    Counts { size: 64 * KIB, written: 1_280, batched: 1_280, pushed: 4_000 },
    Counts { size: MIB, written: 64, batched: 64, pushed: 200 },
];

/// Where messages cost most, and where bytes do.
const QUICK_SIZES: [usize; 2] = [16, 64 * KIB];

/// Windows and bursts of larger messages are more than the network holds.
const LARGEST_OF_MANY: usize = 64 * KIB;

/// Ours may take so much of what it is built upon takes.
const OF_DIRECT: f64 = 1.05;
const DIRECT: &str = AsyncTungstenite::NAME;

/// And so much of what the same program in C++ takes.
const OF_QT: f64 = 0.83;

pub(super) fn measure(turns: &Turns, is_quick: bool) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for counts in &COUNTS {
        if is_quick && !QUICK_SIZES.contains(&counts.size) {
            continue;
        }
        rows.extend(one_size(turns, counts)?);
        if !is_quick {
            rows.extend(push(turns, counts, Kind::Multibyte)?);
        }
    }
    let large = Work::binary(Shape::Echo { window: 1 }, 16 * MIB, 5);
    let costs = one_shape(turns, "echo, 16 MiB", large)?;
    rows.extend(rows_of("echo, 16 MiB", &costs, PEERS, Some(1.0)));
    Ok(rows)
}

fn one_size(turns: &Turns, counts: &Counts) -> Result<Vec<Row>> {
    let mut rows = ping_pong(turns, counts)?;
    if counts.size <= LARGEST_OF_MANY {
        let window = Shape::Echo { window: WINDOW };
        rows.extend(two_shapes(turns, "window of 64", window, counts)?);
        let burst = Shape::Burst { messages: WINDOW };
        rows.extend(two_shapes(turns, "burst of 64", burst, counts)?);
    }
    rows.extend(two_shapes(turns, "flood", Shape::Flood, counts)?);
    rows.extend(push(turns, counts, Kind::Binary)?);
    Ok(rows)
}

fn ping_pong(turns: &Turns, counts: &Counts) -> Result<Vec<Row>> {
    let cell = format!("ping-pong, {}", bytes(counts.size));
    let count = counts.written / 2;
    let work = Work::binary(Shape::Echo { window: 1 }, counts.size, count);
    let costs = one_shape(turns, &cell, work)?;
    let mut rows = rows_of(&cell, &costs, PEERS, None);
    rows.extend(processor(&cell, &costs, &[DIRECT], Some(OF_DIRECT)));
    Ok(rows)
}

fn push(turns: &Turns, counts: &Counts, kind: Kind) -> Result<Vec<Row>> {
    let cell = format!("push, {}, {}", kind.name(), bytes(counts.size));
    let work = Work {
        shape: Shape::Push,
        kind,
        size: counts.size,
        count: counts.pushed,
    };
    let costs = one_shape(turns, &cell, work)?;
    let goal = match kind {
        Kind::Binary => (counts.size <= KIB).then_some(1.1),
        _ => Some(1.3),
    };
    let mut rows = rows_of(&cell, &costs, PEERS, goal);
    if kind == Kind::Binary {
        rows.extend(processor(&cell, &costs, &[DIRECT], Some(OF_DIRECT)));
    }
    Ok(rows)
}

type Costs = Vec<(&'static str, PerMessage)>;

/// All do the same.
fn one_shape(turns: &Turns, cell: &str, work: Work) -> Result<Costs> {
    let libraries = present(turns, &[OURS, PEERS]);
    let runs: Vec<_> = libraries.iter().map(|library| (*library, work)).collect();
    take(turns, cell, &runs)
}

/// Ours is sent by plain sending, beside the peers by theirs and beside those that batch by hand.
fn two_shapes(turns: &Turns, name: &str, natural: Shape, counts: &Counts) -> Result<Vec<Row>> {
    let (batched, by_hand) = match natural {
        Shape::Echo { window } => (Shape::BatchedEcho { window }, BATCHING_READERS),
        Shape::Burst { messages } => (Shape::BatchedBurst { messages }, BATCHING_PEERS),
        _ => {
            let batch = (MIB / counts.size).clamp(1, 1000);
            (Shape::BatchedFlood { batch }, BATCHING_PEERS)
        }
    };
    let cell = format!("{name}, {}", bytes(counts.size));
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
    let plain = runs.len();
    for peer in by_hand {
        runs.push((peer, work(batched, counts.batched)));
    }
    let costs = take(turns, &cell, &runs)?;
    let (plain, batched) = costs.split_at(plain);
    let mut rows = rows_of(&cell, plain, PEERS, Some(1.0));
    rows.extend(rows_of(&cell, plain, &[QT], Some(OF_QT)));
    let us = plain.iter().filter(|(name, _)| OURS.contains(name));
    let costs: Vec<_> = us.chain(batched).copied().collect();
    let cell = format!("{cell}, batched by hand");
    rows.extend(rows_of(&cell, &costs, by_hand, Some(1.1)));
    Ok(rows)
}

fn take(turns: &Turns, cell: &str, runs: &[(&'static str, Work)]) -> Result<Costs> {
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

/// By the clock and by the processor.
fn rows_of(
    cell: &str,
    costs: &[(&'static str, PerMessage)],
    peers: &[&str],
    goal: Option<f64>,
) -> Vec<Row> {
    let mut rows = compare(cell, "ns", |cost| cost.elapsed, costs, peers, goal);
    rows.extend(processor(cell, costs, peers, goal));
    rows
}

fn processor(
    cell: &str,
    costs: &[(&'static str, PerMessage)],
    peers: &[&str],
    goal: Option<f64>,
) -> Vec<Row> {
    compare(cell, "ns of CPU", |cost| cost.cpu, costs, peers, goal)
}

/// Ours beside the best of these peers, if any was measured.
fn compare(
    cell: &str,
    unit: &'static str,
    figure: fn(&PerMessage) -> f64,
    costs: &[(&'static str, PerMessage)],
    peers: &[&str],
    goal: Option<f64>,
) -> Vec<Row> {
    let compared = costs.iter().filter(|(name, _)| peers.contains(name));
    let Some(best) = Best::of(compared.map(|(name, cost)| (*name, figure(cost)))) else {
        return Vec::new();
    };
    let ours = costs.iter().filter(|(name, _)| OURS.contains(name));
    let row = |(who, cost): &(&'static str, PerMessage)| Row {
        cell: cell.to_owned(),
        unit,
        who,
        ours: figure(cost),
        best: Some(best.clone()),
        goal,
    };
    ours.map(row).collect()
}
