//! Measures the goals and prints one table.
//!
//! Each figure is the median over rounds in which all libraries take turns. Each turn is a process
//! of its own on one core, and the server is one on another.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lexopt::Parser;
use lexopt::prelude::*;

use qwebsocket_benches::libraries::{AsyncTungstenite, BATCHING_PEERS, PEERS, QWebSocket};
use qwebsocket_benches::library::Library;
use qwebsocket_benches::payload::{Kind, bytes};
use qwebsocket_benches::table::{Bound, Row, Table};
use qwebsocket_benches::turns::{self, Medians, ON_TOKIO, PerMessage, QT, Turns};
use qwebsocket_benches::work::{Shape, Work};

const HELP: &str = "\
goals [--quick] [--tokio <program>] [--qt <program>]

  --quick            fewer rounds
  --tokio <program>  this program, built with the feature `tokio`
  --qt <program>     the one of qt/window.cpp
";

/// Both runtimes.
const OURS: &[&str] = &[QWebSocket::NAME, ON_TOKIO];
const DIRECT: &str = AsyncTungstenite::NAME;

const ROUNDS: usize = 11;
const QUICK_ROUNDS: usize = 3;
const IDLE_CONNECTIONS: usize = 5000;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// How often a message of a size is echoed, pushed and flooded.
struct Counts {
    size: usize,
    echoed: usize,
    pushed: usize,
    flooded: usize,
}

#[rustfmt::skip]
const COUNTS: [Counts; 4] = [
    Counts { size: 16, echoed: 8_000, pushed: 1_000_000, flooded: 1_000_000 },
    Counts { size: KIB, echoed: 8_000, pushed: 300_000, flooded: 200_000 },
    Counts { size: 64 * KIB, echoed: 1_500, pushed: 8_000, flooded: 6_000 },
    Counts { size: MIB, echoed: 100, pushed: 500, flooded: 400 },
];

fn main() -> Result<ExitCode> {
    let mut arguments = Parser::from_env();
    let (mut rounds, mut tokio, mut qt) = (ROUNDS, None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(role) => {
                let rest = arguments.raw_args()?.map(|word| word.string());
                turns::act(&role.string()?, &rest.collect::<Result<Vec<_>, _>>()?)?;
                return Ok(ExitCode::SUCCESS);
            }
            Long("quick") => rounds = QUICK_ROUNDS,
            Long("tokio") => tokio = Some(PathBuf::from(arguments.value()?)),
            Long("qt") => qt = Some(PathBuf::from(arguments.value()?)),
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let mut goals = Goals {
        turns: Turns::new(rounds, tokio, qt)?,
        rows: Vec::new(),
    };
    goals.measure()?;
    let table = Table(goals.rows);
    print!("{table}");
    Ok(match table.0.iter().all(Row::is_met) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

struct Goals {
    turns: Turns,
    rows: Vec<Row>,
}

impl Goals {
    fn measure(&mut self) -> Result<()> {
        self.small_messages()?;
        self.processor()?;
        self.multibyte_text()?;
        self.bulk()?;
        self.slow_transport()?;
        self.idle_memory()
    }

    fn small_messages(&mut self) -> Result<()> {
        let (size, count) = (16, 30_000);
        let work = binary(Shape::Echo { window: 64 }, size, count);
        let medians = self.take(&work, &[&[QT], PEERS].concat())?;
        let figure = "window of 64, 16 B";
        let fastest = fastest(&medians, PEERS);
        self.compare(1, figure, &medians, elapsed, fastest, Bound::AtLeast(3.5));
        if self.turns.has(QT) {
            self.compare(1, figure, &medians, elapsed, QT, Bound::AtLeast(1.2));
        }
        Ok(())
    }

    fn processor(&mut self) -> Result<()> {
        for counts in COUNTS {
            let size = counts.size;
            let batch = (MIB / size).clamp(1, 1000);
            let mut shapes = vec![
                ("one at a time", Shape::Echo { window: 1 }, counts.echoed),
                ("pushed", Shape::Push, counts.pushed),
                ("flooded", Shape::Flood { batch }, counts.flooded),
            ];
            if size <= KIB {
                let shape = Shape::BatchedEcho { window: 64 };
                shapes.push(("window of 64, batched", shape, 50_000));
            }
            for (name, shape, count) in shapes {
                let medians = self.take(&binary(shape, size, count), &[DIRECT])?;
                let figure = format!("CPU, {name}, {}", bytes(size));
                self.compare(2, &figure, &medians, cpu, DIRECT, Bound::AtMost(1.05));
            }
        }
        Ok(())
    }

    fn multibyte_text(&mut self) -> Result<()> {
        let shapes = [("in memory", Shape::Receive), ("pushed", Shape::Push)];
        for counts in COUNTS.iter().filter(|counts| counts.size >= KIB) {
            for (name, shape) in shapes {
                let work = Work {
                    shape,
                    kind: Kind::Multibyte,
                    size: counts.size,
                    count: counts.pushed,
                };
                let figure = format!("multi-byte text, {name}, {}", bytes(counts.size));
                self.against_fastest(3, &figure, &work, PEERS, Bound::AtMost(1.3))?;
            }
        }
        Ok(())
    }

    fn bulk(&mut self) -> Result<()> {
        let bound = Bound::AtMost(1.0);
        let work = binary(Shape::Echo { window: 1 }, 16 * MIB, 10);
        self.against_fastest(4, "echo, 16 MiB", &work, PEERS, bound)?;
        for (batch, figure) in [
            (1000, "flood of 16 B, flushed after 1,000"),
            (200_000, "flood of 16 B, flushed after 200,000"),
        ] {
            let work = binary(Shape::Flood { batch }, 16, 1_000_000);
            self.against_fastest(4, figure, &work, BATCHING_PEERS, bound)?;
        }
        Ok(())
    }

    /// Four times the length may take four times as long. Both are longer than caches are.
    fn slow_transport(&mut self) -> Result<()> {
        let shape = Shape::Send {
            limit: Some(64 * KIB),
        };
        let ours = QWebSocket::NAME;
        let long = self.take(&binary(shape, 16 * MIB, 20), PEERS)?[ours].elapsed;
        let longer = self.take(&binary(shape, 64 * MIB, 5), &[])?[ours].elapsed;
        self.rows.push(Row {
            goal: 5,
            figure: "64 MiB, 64 KiB at a time".to_owned(),
            unit: "ns",
            who: ours,
            ours: longer,
            other: Some(("4 times 16 MiB", 4.0 * long)),
            bound: Bound::AtMost(1.2),
        });
        Ok(())
    }

    fn idle_memory(&mut self) -> Result<()> {
        for who in [OURS, PEERS].concat() {
            if !self.turns.has(who) {
                continue;
            }
            let [open, dropped] = self.turns.idle(who, IDLE_CONNECTIONS)?;
            eprintln!("idle:  {who} {open:.0} B, after dropping {dropped:.0} B");
            if OURS.contains(&who) {
                self.rows.push(Row {
                    goal: 6,
                    figure: format!("memory of an idle one of {IDLE_CONNECTIONS}"),
                    unit: "KiB",
                    who,
                    ours: open / KIB as f64,
                    other: None,
                    bound: Bound::AtMost(6.0),
                });
            }
        }
        Ok(())
    }

    fn against_fastest(
        &mut self,
        goal: u8,
        figure: &str,
        work: &Work,
        peers: &[&'static str],
        bound: Bound,
    ) -> Result<()> {
        let medians = self.take(work, peers)?;
        let fastest = fastest(&medians, peers);
        self.compare(goal, figure, &medians, elapsed, fastest, bound);
        Ok(())
    }

    /// Ourselves and these.
    fn take(&self, work: &Work, others: &[&'static str]) -> Result<Medians> {
        let mut libraries = [OURS, others].concat();
        // In memory no runtime takes part.
        libraries.retain(|who| self.turns.has(who) && !(work.is_in_memory() && *who == ON_TOKIO));
        self.turns.take(work, &libraries)
    }

    fn compare(
        &mut self,
        goal: u8,
        figure: &str,
        medians: &Medians,
        nanoseconds: fn(&PerMessage) -> f64,
        other: &'static str,
        bound: Bound,
    ) {
        for who in OURS {
            if let Some(ours) = medians.get(who) {
                self.rows.push(Row {
                    goal,
                    figure: figure.to_owned(),
                    unit: "ns",
                    who,
                    ours: nanoseconds(ours),
                    other: Some((other, nanoseconds(&medians[other]))),
                    bound,
                });
            }
        }
    }
}

fn binary(shape: Shape, size: usize, count: usize) -> Work {
    Work {
        shape,
        kind: Kind::Binary,
        size,
        count,
    }
}

fn elapsed(cost: &PerMessage) -> f64 {
    cost.elapsed
}

fn cpu(cost: &PerMessage) -> f64 {
    cost.cpu
}

fn fastest(medians: &Medians, peers: &[&'static str]) -> &'static str {
    peers
        .iter()
        .min_by(|a, b| f64::total_cmp(&medians[*a].elapsed, &medians[*b].elapsed))
        .expect("there are peers")
}
