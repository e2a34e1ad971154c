//! What is measured and compared, part by part.

mod broadcast;
mod idle;
mod in_memory;
mod loopback;
mod server;

use std::str::FromStr;

use anyhow::{Error, Result, bail};

use crate::libraries::QWebSocket;
use crate::library::Library;
use crate::table::{Row, Table};
use crate::turns::{ON_TOKIO, Turns};

/// Both runtimes.
const OURS: &[&str] = &[QWebSocket::NAME, ON_TOKIO];

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Receiving and sending without a network.
    InMemory,
    /// A client beside a server that is no library.
    Loopback,
    /// A server of echoes.
    Server,
    /// A server of messages for all.
    Broadcast,
    /// The memory of idle connections.
    Idle,
}

impl Part {
    pub const ALL: [Part; 5] = [
        Part::InMemory,
        Part::Loopback,
        Part::Server,
        Part::Broadcast,
        Part::Idle,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Part::InMemory => "memory",
            Part::Loopback => "loopback",
            Part::Server => "server",
            Part::Broadcast => "broadcast",
            Part::Idle => "idle",
        }
    }

    /// Measures it, or a few cells of it quickly.
    pub fn measure(self, turns: &Turns, is_quick: bool) -> Result<Table> {
        let (title, rows): (_, Vec<Row>) = match self {
            Part::InMemory => ("in memory", in_memory::measure(turns)?),
            Part::Loopback => ("on loopback", loopback::measure(turns, is_quick)?),
            Part::Server => ("echo server", server::measure(turns, is_quick)?),
            Part::Broadcast => ("broadcast", broadcast::measure(turns, is_quick)?),
            Part::Idle => ("idle connections", idle::measure(turns)?),
        };
        Ok(Table { title, rows })
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(name: &str) -> Result<Part> {
        match Part::ALL.into_iter().find(|part| part.name() == name) {
            Some(part) => Ok(part),
            None => bail!("there is no part `{name}`"),
        }
    }
}

/// Those who can be measured.
fn present(turns: &Turns, libraries: &[&[&'static str]]) -> Vec<&'static str> {
    let all = libraries.iter().copied().flatten().copied();
    all.filter(|library| turns.has(library)).collect()
}

/// Tells what each has, as it comes.
fn tell(cell: &str, figures: &[(&'static str, String)]) {
    let figures: Vec<_> = figures
        .iter()
        .map(|(library, figure)| format!("  {library} {figure}"))
        .collect();
    eprintln!("{cell}:{}", figures.concat());
}
