//! What a `wss` connection costs: TCP, the handshake of TLS and the opening handshake, ours by each
//! library of TLS and those of others. All take turns in each round, on one core; the server has
//! another.

mod clients;
mod server;

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use qwebsocket_benches::machine::{self, Cost, Side, Stopwatch};
use qwebsocket_benches::table::{Best, Row, Table};
use qwebsocket_benches::turns::median;
use tokio::runtime::{self, Runtime};

use clients::{
    Client, Connected, DIRECT, NATIVE_TLS, OPENSSL, PEER_NATIVE_TLS, PEER_RUSTLS, RUSTLS,
};
use server::Authority;

const HELP: &str = "handshakes [<rounds>]   5 by default";

const ROUNDS: usize = 5;

/// Of ours beside whom, and how much more ours may take.
const COMPARED: [(&str, &str, Option<f64>); 5] = [
    // The default library must not cost much more than the one that can do most.
    (NATIVE_TLS, OPENSSL, Some(1.5)),
    (RUSTLS, DIRECT, Some(1.0)),
    (RUSTLS, PEER_RUSTLS, None),
    (NATIVE_TLS, PEER_NATIVE_TLS, None),
    (OPENSSL, PEER_NATIVE_TLS, None),
];

#[derive(Clone, Copy, Debug)]
enum Shape {
    OneByOne,
    AtOnce,
}

impl Shape {
    const ALL: [Shape; 2] = [Shape::OneByOne, Shape::AtOnce];

    fn name(self) -> &'static str {
        match self {
            Shape::OneByOne => "1,000 one after the other",
            Shape::AtOnce => "100 at once",
        }
    }

    /// How many there are in a turn, and how many of them begin together.
    fn counts(self) -> (usize, usize) {
        match self {
            Shape::OneByOne => (1000, 1),
            Shape::AtOnce => (500, 100),
        }
    }
}

/// What all turns of one client took.
struct Measured {
    client: &'static str,
    turns: Vec<Turn>,
}

/// Microseconds for each connection.
struct Turn {
    elapsed: f64,
    cpu: f64,
    /// How many of a hundred sessions were resumed.
    resumed: f64,
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match &arguments[..] {
        [role, chain, key] if role == "serve" => {
            runtime.block_on(server::serve(chain, key))?;
            Ok(ExitCode::SUCCESS)
        }
        [] => compare(&runtime, ROUNDS),
        [rounds] => compare(&runtime, rounds.parse().context(HELP)?),
        _ => bail!(HELP),
    }
}

fn compare(runtime: &Runtime, rounds: usize) -> Result<ExitCode> {
    ensure!(cfg!(feature = "tokio"), "all others are on tokio");
    let authority = Authority::new()?;
    let server = authority.start_server()?;
    machine::pin(Side::Client);
    machine::raise_file_limit()?;
    let port = server.target().port;
    let mut rows = Vec::new();
    for resumption in [false, true] {
        let clients = clients::all(&authority.root, resumption)?;
        for shape in Shape::ALL {
            let cell = match resumption {
                true => format!("{}, resumed", shape.name()),
                false => shape.name().to_owned(),
            };
            let measured = measure(runtime, &clients, shape, rounds, port)?;
            show(&cell, &measured);
            rows.extend(beside_others(&cell, &measured));
        }
    }
    let table = Table {
        title: "wss connections",
        rows,
    };
    println!("{table}");
    let missed: Vec<_> = table.missed().collect();
    println!("{} goals are missed", missed.len());
    for row in &missed {
        println!("- {row}");
    }
    Ok(match missed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn measure(
    runtime: &Runtime,
    clients: &[Client],
    shape: Shape,
    rounds: usize,
    port: u16,
) -> Result<Vec<Measured>> {
    let mut measured: Vec<_> = clients
        .iter()
        .map(|client| Measured {
            client: client.name,
            turns: Vec::new(),
        })
        .collect();
    for _ in 0..rounds {
        for (client, measured) in clients.iter().zip(&mut measured) {
            let turn = runtime.block_on(take_turn(client, shape, port));
            let turn = turn.with_context(|| format!("{} fails", client.name))?;
            measured.turns.push(turn);
        }
    }
    Ok(measured)
}

/// Connections end when all are made, so that no end is measured.
async fn take_turn(client: &Client, shape: Shape, port: u16) -> Result<Turn> {
    // The first one may load what all others need, and has no session to resume.
    drop(client.connect(port).await?);
    let (count, together) = shape.counts();
    let mut connections: Vec<Connected> = Vec::with_capacity(count);
    let watch = Stopwatch::start();
    while connections.len() < count {
        let batch = (0..together).map(|_| client.connect(port));
        connections.extend(try_join_all(batch).await?);
    }
    let cost = watch.stop();
    Ok(turn(cost, &connections))
}

fn turn(cost: Cost, connections: &[Connected]) -> Turn {
    let resumed = connections
        .iter()
        .filter(|connected| connected.is_resumed == Some(true))
        .count();
    let count = connections.len() as f64;
    Turn {
        elapsed: cost.elapsed.as_secs_f64() / count * 1e6,
        cpu: cost.cpu.as_secs_f64() / count * 1e6,
        resumed: resumed as f64 / count * 100.0,
    }
}

impl Measured {
    fn median(&self, of: fn(&Turn) -> f64) -> f64 {
        median(self.turns.iter().map(of))
    }
}

fn show(cell: &str, measured: &[Measured]) {
    println!("{cell:<36} {:>9} {:>9} {:>9}", "µs", "µs of CPU", "resumed");
    for measured in measured {
        println!(
            "  {:<34} {:>9.0} {:>9.0} {:>8.0}%",
            measured.client,
            measured.median(|turn| turn.elapsed),
            measured.median(|turn| turn.cpu),
            measured.median(|turn| turn.resumed),
        );
    }
    println!();
}

/// Ours beside others, where both were measured.
fn beside_others(cell: &str, measured: &[Measured]) -> Vec<Row> {
    let elapsed = |name| {
        let found = measured.iter().find(|measured| measured.client == name);
        found.map(|measured| measured.median(|turn| turn.elapsed))
    };
    let rows = COMPARED.iter().filter_map(|(who, other, goal)| {
        Some(Row {
            cell: cell.to_owned(),
            unit: "µs",
            who,
            ours: elapsed(*who)?,
            best: Some(Best {
                name: other,
                value: elapsed(*other)?,
            }),
            goal: *goal,
        })
    });
    rows.collect()
}
