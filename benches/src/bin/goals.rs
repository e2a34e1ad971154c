//! Measures what the goals are about and prints ours beside the best of the others, then the goals
//! that are missed.
//!
//! Each figure is the median over rounds in which all libraries take turns. Each turn is a process of
//! its own on one core, and the server is one on another.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lexopt::Parser;
use lexopt::prelude::*;

use qwebsocket_benches::parts::Part;
use qwebsocket_benches::table::Table;
use qwebsocket_benches::turns::{self, Programs, Turns};

const HELP: &str = "\
goals [--quick] [--rounds <n>] [--part <part>]… [--tokio <program>] [--qt <program>]
      [--node-modules <dir>]

  --quick               fewer rounds, and fewer cells of loopback, servers and broadcast
  --rounds <n>          7 by default, 3 if quick
  --part <part>         memory, loopback, server, broadcast or idle alone (may be repeated)
  --tokio <program>     this program, built with the feature `tokio`
  --qt <program>        the one of qt/window.cpp
  --node-modules <dir>  where Node finds `ws`
";

const ROUNDS: usize = 7;
const QUICK_ROUNDS: usize = 3;

fn main() -> Result<ExitCode> {
    let mut arguments = Parser::from_env();
    let (mut is_quick, mut rounds, mut parts) = (false, None, Vec::new());
    let mut programs = Programs::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("tokio") => programs.tokio = Some(PathBuf::from(arguments.value()?)),
            Long("qt") => programs.qt = Some(PathBuf::from(arguments.value()?)),
            Long("node-modules") => programs.node_modules = Some(PathBuf::from(arguments.value()?)),
            Long("quick") => is_quick = true,
            Long("rounds") => rounds = Some(arguments.value()?.parse()?),
            Long("part") => parts.push(arguments.value()?.parse()?),
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            Value(role) => {
                let rest = arguments.raw_args()?.map(|word| word.string());
                turns::act(&role.string()?, &rest.collect::<Result<Vec<_>, _>>()?)?;
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if parts.is_empty() {
        parts.extend(Part::ALL);
    }
    let rounds = rounds.unwrap_or(if is_quick { QUICK_ROUNDS } else { ROUNDS });
    let turns = Turns::new(rounds, programs)?;
    let mut tables = Vec::new();
    for part in parts {
        let table = part.measure(&turns, is_quick)?;
        println!("{table}");
        tables.push(table);
    }
    Ok(match tell_missed(&tables) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The number of goals that are missed.
fn tell_missed(tables: &[Table]) -> usize {
    let missed: Vec<_> = tables.iter().flat_map(Table::missed).collect();
    let rows = tables.iter().flat_map(|table| &table.rows);
    let goals = rows.filter(|row| row.goal.is_some()).count();
    println!("{} of {goals} goals are missed", missed.len());
    for row in &missed {
        println!("- {row}");
    }
    missed.len()
}
