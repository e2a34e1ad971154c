//! One message at a time, from one client to all.

use std::time::Duration;

use anyhow::Result;

use super::{OURS, present, tell};
use crate::libraries::BROADCASTING_PEERS;
use crate::load::{self, Period};
use crate::servers::Service;
use crate::table::{Best, Row};
use crate::turns::{Turns, median};

const CLIENTS: &[usize] = &[1000, 5000];
const QUICK_CLIENTS: &[usize] = &[1000];
const SIZE: usize = 128;

const PERIOD: Period = Period {
    warm_up: Duration::from_millis(200),
    measured: Duration::from_millis(500),
};

pub(super) fn measure(turns: &Turns, is_quick: bool) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for &clients in if is_quick { QUICK_CLIENTS } else { CLIENTS } {
        rows.extend(one_room(turns, clients)?);
    }
    Ok(rows)
}

fn one_room(turns: &Turns, clients: usize) -> Result<Vec<Row>> {
    let servers = present(turns, &[OURS, BROADCASTING_PEERS]);
    let rounds = turns.rounds(&servers, |library| {
        let server = turns.server(library, Service::Broadcast)?;
        load::broadcast(server.target(), clients, SIZE, PERIOD)
    })?;
    let medians = rounds.iter().map(|costs| median(costs.iter().copied()));
    // In microseconds.
    let costs: Vec<_> = servers
        .into_iter()
        .zip(medians.map(|cost| cost / 1e3))
        .collect();

    let cell = format!("{SIZE} B to {clients} clients, each delivery");
    let told: Vec<_> = costs
        .iter()
        .map(|(name, cost)| (*name, format!("{cost:.2}")))
        .collect();
    tell(&cell, &told);
    let peers = costs.iter().filter(|(name, _)| !OURS.contains(name));
    let best = Best::of(peers.copied());
    let ours = costs.iter().filter(|(name, _)| OURS.contains(name));
    let row = |(who, cost): &(&'static str, f64)| Row {
        cell: cell.clone(),
        unit: "µs of CPU",
        who,
        ours: *cost,
        best: best.clone(),
        goal: Some(1.0),
    };
    Ok(ours.map(row).collect())
}
