//! Once and not in rounds: the memory of a connection hardly differs between two runs.

use anyhow::Result;

use super::{KIB, OURS, present, tell};
use crate::idle::{Rest, Role};
use crate::libraries::PEERS;
use crate::table::{Best, Row};
use crate::turns::Turns;

const CONNECTIONS: usize = 1000;

/// So many KiB may a connection of ours keep.
const GOAL: f64 = 4.0;

pub(super) fn measure(turns: &Turns) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (role, side) in [(Role::Client, "a client's"), (Role::Server, "a server's")] {
        for (rest, state) in [
            (Rest::Polled, "polled again"),
            (Rest::Unpolled, "not polled again"),
        ] {
            let cell = format!("{side} connection after an echo, {state}");
            rows.extend(one_state(turns, &cell, role, rest)?);
        }
    }
    Ok(rows)
}

fn one_state(turns: &Turns, cell: &str, role: Role, rest: Rest) -> Result<Vec<Row>> {
    let mut kept = Vec::new();
    let mut told = Vec::new();
    for library in present(turns, &[OURS, PEERS]) {
        let idle = turns.idle(library, role, rest, CONNECTIONS)?;
        let [open, dropped] = [idle.open, idle.dropped].map(|bytes| bytes / KIB as f64);
        kept.push((library, open));
        told.push((library, format!("{open:.2} ({dropped:.2} after dropping)")));
    }
    tell(cell, &told);
    let peers = kept.iter().filter(|(name, _)| !OURS.contains(name));
    let best = Best::of(peers.copied());
    let ours = kept.iter().filter(|(name, _)| OURS.contains(name));
    let rows = ours.flat_map(|(who, open)| {
        let row = |best: Option<Best>, goal| Row {
            cell: cell.to_owned(),
            unit: "KiB",
            who,
            ours: *open,
            best,
            goal,
        };
        [row(None, Some(GOAL)), row(best.clone(), None)]
    });
    Ok(rows.collect())
}
