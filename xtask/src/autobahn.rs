//! `autobahn`: the Autobahn testsuite against our client, natively and in a browser, and our
//! server.
//!
//! A client is tested by the suite's fuzzing server, a server by its fuzzing client. The verdicts
//! are compared with `tests/autobahn/expected.toml`.

mod verdicts;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::browser::Browser;
use crate::http::{self, Site};
use crate::process::{self, Running};
use crate::project::Project;
use crate::setup::{self, Need};
use crate::web_example;
use verdicts::Verdicts;

const CLIENT: &str = "autobahn_client";
const SERVER: &str = "autobahn_server";

/// How both are called in the reports.
const AGENT: &str = "qwebsocket";

/// Where the suite and its reports are, below xtask's own directory.
const DIR: &str = "autobahn";

/// The cases of `--quick`: all but performance (9) and compression (12, 13), and of these some.
const QUICK: &[&str] = &[
    "1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*", "9.1.1", "9.2.1", "9.7.1", "9.8.1",
    "12.1.1", "12.2.5", "12.5.12", "13.1.5", "13.2.3", "13.3.3", "13.4.3", "13.5.3", "13.6.3",
    "13.7.3",
];

/// For one side. On a busy machine, the whole suite in a browser takes nearly an hour.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// How long the fuzzing server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
    Browser,
}

impl Side {
    const ALL: [Side; 3] = [Side::Client, Side::Server, Side::Browser];

    fn name(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Server => "server",
            Side::Browser => "browser",
        }
    }

    /// The report's directory, below xtask's own.
    fn report(self) -> String {
        format!("{DIR}/reports/{}", self.name())
    }

    fn needs(self) -> &'static [Need] {
        match self {
            Side::Client | Side::Server => &[Need::OpenSsl, Need::Autobahn],
            Side::Browser => &[
                Need::WasmTarget,
                Need::WasmBindgen,
                Need::Chromium,
                Need::Autobahn,
            ],
        }
    }
}

/// Tests all sides, or those named in `only`; returns whether every verdict is the expected one.
pub fn run(project: &Project, quick: bool, only: &[String]) -> Result<bool> {
    let sides = chosen(only)?;
    for side in &sides {
        setup::install_missing(project, side.needs())?;
    }
    let suite = Suite {
        project,
        cases: if quick { QUICK } else { &["*"] },
        is_optimized: !quick,
    };
    for &side in &sides {
        let report = project.own.join(side.report());
        if report.exists() {
            fs::remove_dir_all(report)?;
        }
        match side {
            Side::Client => suite.test_client()?,
            Side::Server => suite.test_server()?,
            Side::Browser => suite.test_browser()?,
        }
    }
    let verdicts: Vec<_> = sides
        .iter()
        .map(|side| Verdicts::read(project, quick, &side.report(), side.name(), AGENT))
        .collect::<Result<_>>()?;
    verdicts::show(&verdicts);
    for side in sides {
        let report = project.own.join(side.report());
        println!("{}: {}/index.html", side.name(), report.display());
    }
    Ok(verdicts.iter().all(Verdicts::are_expected))
}

/// All sides, or those with the names in `only`.
fn chosen(only: &[String]) -> Result<Vec<Side>> {
    let mut sides = Side::ALL.to_vec();
    for name in only {
        ensure!(
            Side::ALL.iter().any(|side| side.name() == name),
            "no side `{name}`, only {}",
            Side::ALL.map(Side::name).join(", ")
        );
    }
    sides.retain(|side| only.is_empty() || only.iter().any(|name| name == side.name()));
    Ok(sides)
}

struct Suite<'a> {
    project: &'a Project,
    cases: &'static [&'static str],
    /// The quick cases run behind the tests, which have built everything without optimization.
    is_optimized: bool,
}

impl Suite<'_> {
    fn test_client(&self) -> Result<()> {
        let client = self.example(CLIENT)?;
        let (_server, url) = self.fuzzing_server(Side::Client)?;
        let mut client = self.project.command_at(&client);
        Running::piped(client.arg(url))?.each_line(LIMIT, |line| println!("{line}"))
    }

    fn test_browser(&self) -> Result<()> {
        let dir = self.project.own.join(DIR).join("page");
        let profile = if self.is_optimized {
            "wasm-release"
        } else {
            "dev"
        };
        web_example::build_page(self.project, CLIENT, profile, &dir)?;
        let (_server, url) = self.fuzzing_server(Side::Browser)?;
        let listener = http::listen(None)?;
        let page = format!("http://{}/{CLIENT}.html?url={url}", listener.local_addr()?);
        let (sender, inbox) = mpsc::channel();
        let site = Site {
            dirs: vec![dir],
            inbox: Some((
                web_example::INBOX,
                Box::new(move |line| Ok(sender.send(line)?)),
            )),
        };
        thread::spawn(move || site.serve(listener));
        web_example::run_page(
            self.project,
            Browser::Chromium,
            &page,
            &inbox,
            LIMIT,
            |line| {
                println!("{line}");
            },
        )
    }

    fn test_server(&self) -> Result<()> {
        let mut server = self.project.command_at(&self.example(SERVER)?);
        let (_server, url) = Running::server(server.args(["--port", "0"]), "listening on ")?;
        let mut wstest = self.wstest(
            "fuzzingclient",
            Side::Server,
            json!({ "servers": [{ "agent": AGENT, "url": url }] }),
        )?;
        // It tells each case in several lines; the verdicts are in its report.
        Running::piped(&mut wstest)?.each_line(LIMIT, |_| {})
    }

    /// Builds a native example: its place.
    fn example(&self, name: &str) -> Result<PathBuf> {
        let (profile, dir) = if self.is_optimized {
            ("release", "release")
        } else {
            ("dev", "debug")
        };
        let mut cargo = self.project.command("cargo");
        // Selected out of the whole workspace, so that it shares its dependencies with the tests.
        cargo.args(["build", "--workspace", "--example", name]);
        process::run(cargo.args(["--profile", profile]))?;
        let program = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        Ok(self.project.target.join(dir).join("examples").join(program))
    }

    /// A server that tests clients, and its URL.
    fn fuzzing_server(&self, side: Side) -> Result<(Running, String)> {
        let port = free_port()?;
        let url = format!("ws://127.0.0.1:{port}");
        let mut wstest = self.wstest("fuzzingserver", side, json!({ "url": url }))?;
        let server = Running::silent(wstest.args(["--webport", "0"]))?;
        wait_for(port)?;
        Ok((server, url))
    }

    fn wstest(&self, mode: &str, side: Side, mut spec: serde_json::Value) -> Result<Command> {
        spec["outdir"] = json!(self.project.own.join(side.report()));
        spec["cases"] = json!(self.cases);
        spec["exclude-cases"] = json!([]);
        spec["exclude-agent-cases"] = json!({});
        let dir = self.project.own.join(DIR);
        let file = dir.join(format!("{}.json", side.name()));
        fs::write(&file, spec.to_string())?;
        let mut wstest = self.project.command_at(&dir.join("python/bin/wstest"));
        wstest.args(["--mode", mode, "--spec"]).arg(file);
        wstest.current_dir(dir);
        Ok(wstest)
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

fn wait_for(port: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(
            Instant::now() < deadline,
            "the fuzzing server never listened"
        );
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
