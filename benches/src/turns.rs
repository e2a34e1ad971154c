//! Lets the libraries take turns, each turn in a process of its own on one core, against a server on
//! another.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::idle::{self, Idle, Rest, Role};
use crate::machine::{self, Side};
use crate::measure;
use crate::server::Server;
use crate::servers::{self, Running, Service};
use crate::work::{Shape, Work};

/// Ourselves on the other runtime, from the program that is built for it.
pub const ON_TOKIO: &str = "qwebsocket on tokio";

/// QWebSocket of the C++ program.
pub const QT: &str = "QWebSocket (C++)";

/// The npm package in Node, as a server.
pub const NODE_WS: &str = "ws (Node)";

/// Programs besides this one that take turns.
#[derive(Debug, Default)]
pub struct Programs {
    /// This one, built for tokio.
    pub tokio: Option<PathBuf>,
    /// That of `qt/window.cpp`.
    pub qt: Option<PathBuf>,
    /// The modules of Node that hold `ws`.
    pub node_modules: Option<PathBuf>,
}

/// Who takes turns, and how often.
#[derive(Debug)]
pub struct Turns {
    pub rounds: usize,
    server: Running,
    program: PathBuf,
    programs: Programs,
}

/// Nanoseconds for each message.
#[derive(Clone, Copy, Debug)]
pub struct PerMessage {
    pub elapsed: f64,
    pub cpu: f64,
}

impl Turns {
    /// Starts the server of clients, and keeps this process beside them.
    pub fn new(rounds: usize, programs: Programs) -> Result<Turns> {
        let program = env::current_exe()?;
        let server = Running::start(Command::new(&program).arg("serve"))?;
        machine::pin(Side::Client);
        machine::raise_file_limit()?;
        Ok(Turns {
            rounds,
            server,
            program,
            programs,
        })
    }

    /// Whether this one can be measured.
    pub fn has(&self, library: &str) -> bool {
        match library {
            ON_TOKIO => self.programs.tokio.is_some(),
            QT => self.programs.qt.is_some(),
            NODE_WS => self.programs.node_modules.is_some(),
            _ => true,
        }
    }

    /// One after another in each round; the medians in the same order.
    pub fn take(&self, runs: &[(&str, Work)]) -> Result<Vec<PerMessage>> {
        let costs = self.rounds(runs, |(library, work)| self.measure(library, work))?;
        Ok(costs
            .iter()
            .map(|costs| PerMessage {
                elapsed: median(costs.iter().map(|cost| cost.elapsed)),
                cpu: median(costs.iter().map(|cost| cost.cpu)),
            })
            .collect())
    }

    /// What each of these gives in all rounds.
    pub fn rounds<I, T>(
        &self,
        items: &[I],
        mut take: impl FnMut(&I) -> Result<T>,
    ) -> Result<Vec<Vec<T>>> {
        let mut all: Vec<Vec<T>> = items.iter().map(|_| Vec::new()).collect();
        for _ in 0..self.rounds {
            for (item, taken) in items.iter().zip(&mut all) {
                taken.push(take(item)?);
            }
        }
        Ok(all)
    }

    /// A server of this library.
    pub fn server(&self, library: &str, service: Service) -> Result<Running> {
        if library == NODE_WS {
            let modules = self.programs.node_modules.as_ref();
            let mut node = Command::new("node");
            node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/node/server.mjs"));
            node.arg(service.role());
            return Running::start(node.arg(modules.context("there are no modules of Node")?));
        }
        Running::start(self.program(library).args([service.role(), library]))
    }

    /// What each of `count` idle connections keeps resident.
    pub fn idle(&self, library: &str, role: Role, rest: Rest, count: usize) -> Result<Idle> {
        let role = match role {
            Role::Client => "idle-client",
            Role::Server => "idle-server",
        };
        let rest = match rest {
            Rest::Polled => "polled",
            Rest::Unpolled => "unpolled",
        };
        let mut command = self.program(library);
        command.args([role, library, rest, &count.to_string(), &self.port()]);
        let [open, dropped] = numbers(&mut command)?;
        Ok(Idle { open, dropped })
    }

    fn measure(&self, library: &str, work: &Work) -> Result<PerMessage> {
        let mut command = self.program(library);
        match (library, work.shape) {
            (QT, Shape::Echo { window }) => {
                let numbers = [window, work.size, work.count].map(|number| number.to_string());
                command.arg(self.port()).args(numbers);
            }
            _ => {
                command.args(["measure", library, &self.port()]);
                command.args(work.words());
            }
        }
        let [elapsed, cpu] = numbers(&mut command)?.map(|all| all / work.count as f64);
        Ok(PerMessage { elapsed, cpu })
    }

    fn port(&self) -> String {
        self.server.target().port.to_string()
    }

    fn program(&self, library: &str) -> Command {
        let other = match library {
            ON_TOKIO => &self.programs.tokio,
            QT => &self.programs.qt,
            _ => &None,
        };
        Command::new(other.as_ref().unwrap_or(&self.program))
    }
}

/// What a process does that was started to serve or to take a turn.
pub fn act(role: &str, arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match (role, &arguments[..]) {
        ("serve", []) => {
            machine::pin(Side::Server);
            machine::raise_file_limit()?;
            let server = Server::bind()?;
            println!("{}", server.port()?);
            server.run()
        }
        ("serve-echo", [library]) => servers::serve(library, Service::Echo),
        ("serve-broadcast", [library]) => servers::serve(library, Service::Broadcast),
        ("measure", [library, port, shape, kind, size, count]) => {
            let work = Work::from_words([shape, kind, size, count])?;
            let cost = measure::measure(library, &work, port.parse()?)?;
            println!("{} {}", cost.elapsed.as_nanos(), cost.cpu.as_nanos());
            Ok(())
        }
        ("idle-client" | "idle-server", [library, rest, count, port]) => {
            let role = match role {
                "idle-client" => Role::Client,
                _ => Role::Server,
            };
            let rest = match *rest {
                "polled" => Rest::Polled,
                "unpolled" => Rest::Unpolled,
                other => bail!("a connection is not left {other}"),
            };
            let idle = idle::idle(library, role, rest, count.parse()?, port.parse()?)?;
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

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
