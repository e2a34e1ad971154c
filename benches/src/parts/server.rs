//! Each server has a core, and one load for all comes from the other.

use std::time::Duration;

use anyhow::Result;

use super::{KIB, OURS, present, tell};
use crate::libraries::PEERS;
use crate::load::{self, Load, Period, Taken};
use crate::payload::bytes;
use crate::servers::Service;
use crate::table::{Best, Row};
use crate::turns::{NODE_WS, ON_TOKIO, Turns, median};

const SIZES: [usize; 3] = [16, KIB, 16 * KIB];
const CONNECTIONS: [usize; 3] = [1, 100, 1000];
const OUTSTANDING: [usize; 2] = [1, 16];

/// So many KiB may a connection of ours keep, with its task.
const MEMORY: f64 = 4.0;

const PERIOD: Period = Period {
    warm_up: Duration::from_millis(100),
    measured: Duration::from_millis(400),
};
const QUICK_PERIOD: Period = Period {
    warm_up: Duration::from_millis(50),
    measured: Duration::from_millis(150),
};

pub(super) fn measure(turns: &Turns, is_quick: bool) -> Result<Vec<Row>> {
    let period = if is_quick { QUICK_PERIOD } else { PERIOD };
    let mut rows = Vec::new();
    for load in loads() {
        if !is_quick || is_telling(load) {
            rows.extend(one_load(turns, load, period)?);
        }
    }
    Ok(rows)
}

fn loads() -> impl Iterator<Item = Load> {
    CONNECTIONS.into_iter().flat_map(|connections| {
        SIZES.into_iter().flat_map(move |size| {
            OUTSTANDING.into_iter().map(move |outstanding| Load {
                connections,
                size,
                outstanding,
            })
        })
    })
}

/// Those that most of the others resemble.
fn is_telling(load: Load) -> bool {
    match load.size {
        16 => load.connections > 1,
        size => size > KIB && load.connections == 100 && load.outstanding == 16,
    }
}

/// What follows leaves no more behind than the first echo; the process itself is more than one
/// connection.
fn is_one_echo(load: Load) -> bool {
    load.connections > 1 && load.size == 16 && load.outstanding == 1
}

fn one_load(turns: &Turns, load: Load, period: Period) -> Result<Vec<Row>> {
    let servers = present(turns, &[OURS, PEERS, &[NODE_WS]]);
    let rounds = turns.rounds(&servers, |library| {
        let server = turns.server(library, Service::Echo)?;
        load::echo(server.target(), load, period)
    })?;
    let taken: Vec<_> = servers
        .into_iter()
        .zip(rounds.iter().map(|taken| medians(taken)))
        .collect();

    let cell = format!(
        "{} x {} x {} outstanding",
        load.connections,
        bytes(load.size),
        load.outstanding
    );
    let told: Vec<_> = taken
        .iter()
        .map(|(name, taken)| {
            let kib = taken.memory / KIB as f64;
            (*name, format!("{:.0} ({kib:.1} KiB)", taken.cpu))
        })
        .collect();
    tell(&cell, &told);
    let mut rows = processor(&cell, &taken);
    let goal = is_one_echo(load).then_some(MEMORY);
    rows.extend(memory(&format!("{cell}, each connection"), &taken, goal));
    Ok(rows)
}

fn medians(rounds: &[Taken]) -> Taken {
    Taken {
        cpu: median(rounds.iter().map(|taken| taken.cpu)),
        memory: median(rounds.iter().map(|taken| taken.memory)),
    }
}

type Server = (&'static str, Taken);

/// On tokio beside the best peer, on async-std beside ourselves on tokio as well.
fn processor(cell: &str, taken: &[Server]) -> Vec<Row> {
    let (ours, peers): (Vec<&Server>, Vec<&Server>) =
        taken.iter().partition(|(name, _)| OURS.contains(name));
    let best = Best::of(peers.iter().map(|(name, taken)| (*name, taken.cpu)));
    let on_tokio = ours.iter().find(|(name, _)| *name == ON_TOKIO);
    let mut rows = Vec::new();
    for (who, taken) in &ours {
        let row = |best, goal| Row {
            cell: cell.to_owned(),
            unit: "ns of CPU",
            who,
            ours: taken.cpu,
            best,
            goal,
        };
        if *who == ON_TOKIO {
            rows.push(row(best.clone(), Some(1.0)));
            continue;
        }
        rows.push(row(best.clone(), None));
        if let Some((name, taken)) = on_tokio {
            let value = taken.cpu;
            rows.push(row(Some(Best { name, value }), Some(1.15)));
        }
    }
    rows
}

fn memory(cell: &str, taken: &[Server], goal: Option<f64>) -> Vec<Row> {
    let kib = |taken: &Taken| taken.memory / KIB as f64;
    let (ours, peers): (Vec<&Server>, Vec<&Server>) =
        taken.iter().partition(|(name, _)| OURS.contains(name));
    let best = Best::of(peers.iter().map(|(name, taken)| (*name, kib(taken))));
    let mut rows = Vec::new();
    for (who, taken) in ours {
        let row = |best, goal| Row {
            cell: cell.to_owned(),
            unit: "KiB",
            who,
            ours: kib(taken),
            best,
            goal,
        };
        rows.push(row(best.clone(), None));
        if goal.is_some() {
            rows.push(row(None, goal));
        }
    }
    rows
}
