//! Lets the libraries take turns, each turn in a process of its own.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::machine::{self, Side};
use crate::payload::bytes;
use crate::server::Server;
use crate::work::{self, Shape, Work};

/// Ourselves on the other runtime, from the program that is built for it.
pub const ON_TOKIO: &str = "qwebsocket on tokio";

/// QWebSocket of the C++ program.
pub const QT: &str = "QWebSocket (C++)";

/// Who measures, and how often.
#[derive(Debug)]
pub struct Turns {
    rounds: usize,
    server: Child,
    port: String,
    program: PathBuf,
    tokio: Option<PathBuf>,
    qt: Option<PathBuf>,
}

/// Nanoseconds for each message.
#[derive(Clone, Copy, Debug)]
pub struct PerMessage {
    pub elapsed: f64,
    pub cpu: f64,
}

/// The median of each library.
pub type Medians = BTreeMap<&'static str, PerMessage>;

impl Turns {
    /// Starts the server. The programs are this one built for tokio and that of `qt/window.cpp`.
    pub fn new(rounds: usize, tokio: Option<PathBuf>, qt: Option<PathBuf>) -> Result<Turns> {
        let program = env::current_exe()?;
        let mut serve = Command::new(&program);
        let mut server = serve.arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut port = String::new();
        let stdout = server.stdout.take().context("the server tells its port")?;
        BufReader::new(stdout).read_line(&mut port)?;
        // The server is on its own core by now; whoever takes a turn stays on ours, QWebSocket too.
        machine::pin(Side::Client);
        Ok(Turns {
            rounds,
            server,
            port: port.trim().to_owned(),
            program,
            tokio,
            qt,
        })
    }

    /// Whether this one can be measured.
    pub fn has(&self, library: &str) -> bool {
        match library {
            ON_TOKIO => self.tokio.is_some(),
            QT => self.qt.is_some(),
            _ => true,
        }
    }

    /// One after another in each round.
    pub fn take(&self, work: &Work, libraries: &[&'static str]) -> Result<Medians> {
        let mut costs = BTreeMap::<_, Vec<_>>::new();
        for _ in 0..self.rounds {
            for library in libraries {
                let cost = self.take_one(library, work)?;
                costs.entry(*library).or_default().push(cost);
            }
        }
        eprint!("{} {} {}:", work.shape, work.kind.name(), bytes(work.size));
        let mut medians = Medians::new();
        for (library, costs) in costs {
            let [elapsed, cpu] = [0, 1].map(|i| median(costs.iter().map(|cost| cost[i])));
            eprint!("  {library} {elapsed:.0} ({cpu:.0})");
            medians.insert(library, PerMessage { elapsed, cpu });
        }
        eprintln!();
        Ok(medians)
    }

    /// The resident bytes of each of `count` idle connections, and the same after they are gone.
    pub fn idle(&self, library: &str, count: usize) -> Result<[f64; 2]> {
        let mut command = self.program(library);
        numbers(command.args(["idle", library, &self.port, &count.to_string()]))
    }

    fn take_one(&self, library: &str, work: &Work) -> Result<[f64; 2]> {
        let mut command = self.program(library);
        let [size, count] = [work.size, work.count].map(|number| number.to_string());
        match (library, work.shape) {
            (QT, Shape::Echo { window }) => {
                command.args([&self.port, &window.to_string(), &size, &count]);
            }
            (_, shape) => {
                let shape = shape.to_string();
                command.args(["measure", library, &self.port, &shape, work.kind.name()]);
                command.args([size, count]);
            }
        }
        Ok(numbers(&mut command)?.map(|nanoseconds| nanoseconds / work.count as f64))
    }

    fn program(&self, library: &str) -> Command {
        let other = match library {
            ON_TOKIO => &self.tokio,
            QT => &self.qt,
            _ => &None,
        };
        Command::new(other.as_ref().unwrap_or(&self.program))
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What a process does that was started to serve or to take a turn.
pub fn act(role: &str, arguments: &[String]) -> Result<()> {
    match (role, arguments) {
        ("serve", []) => {
            machine::pin(Side::Server);
            machine::raise_file_limit()?;
            let server = Server::bind()?;
            println!("{}", server.port()?);
            server.run()
        }
        ("measure", [library, port, shape, kind, size, count]) => {
            let work = Work {
                shape: shape.parse()?,
                kind: kind.parse()?,
                size: size.parse()?,
                count: count.parse()?,
            };
            let cost = work::measure(library, &work, port.parse()?)?;
            println!("{} {}", cost.elapsed.as_nanos(), cost.cpu.as_nanos());
            Ok(())
        }
        ("idle", [library, port, count]) => {
            let idle = work::idle(library, count.parse()?, port.parse()?)?;
            println!("{} {}", idle.open, idle.dropped);
            Ok(())
        }
        _ => bail!(
            "there is no role `{role}` with {} arguments",
            arguments.len()
        ),
    }
}

/// The two numbers that a turn prints.
fn numbers(command: &mut Command) -> Result<[f64; 2]> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(output.status.success(), "{command:?} failed");
    let text = String::from_utf8(output.stdout)?;
    let (first, second) = text
        .trim()
        .split_once(' ')
        .context("a turn prints two numbers")?;
    Ok([first.parse()?, second.parse()?])
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
