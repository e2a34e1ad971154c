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
    load.connections > 1 && load.size == 16 || load.connections == 100 && load.outstanding == 16
}

fn one_load(turns: &Turns, load: Load, period: Period) -> Result<Vec<Row>> {
    let servers = present(turns, &[OURS, PEERS, &[NODE_WS]]);
    let rounds = turns.rounds(&servers, |library| {
        let server = turns.server(library, Service::Echo)?;
        load::echo(server.target(), load, period)
    })?;
    let taken: Vec<_> = servers
        .into_iter()
        .zip(rounds.iter().map(medians))
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
    Ok(rows(&cell, &taken))
}

fn medians(rounds: &Vec<Taken>) -> Taken {
    Taken {
        cpu: median(rounds.iter().map(|taken| taken.cpu)),
        memory: median(rounds.iter().map(|taken| taken.memory)),
    }
}

fn rows(cell: &str, taken: &[(&'static str, Taken)]) -> Vec<Row> {
    let peers = || taken.iter().filter(|(name, _)| !OURS.contains(name));
    let fastest = Best::of(peers().map(|(name, taken)| (*name, taken.cpu)));
    let leanest = Best::of(peers().map(|(name, taken)| (*name, taken.memory / KIB as f64)));
    let on_tokio = taken.iter().find(|(name, _)| *name == ON_TOKIO);
    let mut rows = Vec::new();
    for (who, ours) in taken.iter().filter(|(name, _)| OURS.contains(name)) {
        rows.push(Row {
            cell: cell.to_owned(),
            unit: "ns of CPU",
            who,
            ours: ours.cpu,
            best: fastest.clone(),
            goal: (*who == ON_TOKIO).then_some(1.0),
        });
        if *who != ON_TOKIO
            && let Some((name, on_tokio)) = on_tokio
        {
            rows.push(Row {
                cell: cell.to_owned(),
                unit: "ns of CPU",
                who,
                ours: ours.cpu,
                best: Some(Best {
                    name,
                    value: on_tokio.cpu,
                }),
                goal: Some(1.15),
            });
        }
        rows.push(Row {
            cell: format!("{cell}, memory of a connection"),
            unit: "KiB",
            who,
            ours: ours.memory / KIB as f64,
            best: leanest.clone(),
            goal: None,
        });
    }
    rows
}
