//! `autobahn`: the Autobahn testsuite against our client and our server.
//!
//! A client is tested by the suite's fuzzing server, a server by its fuzzing client. The verdicts
//! are compared with `tests/autobahn/expected.toml`.

mod verdicts;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::process::{self, Running};
use crate::project::Project;
use crate::setup;
use verdicts::Verdicts;

const CLIENT: &str = "autobahn_client";
const SERVER: &str = "autobahn_server";

/// How both are called in the reports.
const AGENT: &str = "qwebsocket";

/// The cases of `--quick`: all but performance (9) and compression (12, 13), and of these some.
const QUICK: &[&str] = &[
    "1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*", "9.1.1", "9.2.1", "9.7.1", "9.8.1",
    "12.1.1", "12.2.5", "12.5.10", "13.1.5", "13.2.3", "13.3.3", "13.4.3", "13.5.3", "13.6.3",
    "13.7.3",
];

/// The whole suite takes less than half of it.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// How long the fuzzing server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns whether every verdict is the expected one.
pub fn run(project: &Project, quick: bool) -> Result<bool> {
    setup::install_missing(project, setup::FOR_AUTOBAHN)?;
    // The quick cases run behind the tests, which have built both without optimization.
    let profile = if quick { "dev" } else { "release" };
    let mut cargo = project.command("cargo");
    cargo.args([
        "build",
        "--workspace",
        "--example",
        CLIENT,
        "--example",
        SERVER,
    ]);
    process::run(cargo.args(["--profile", profile]))?;
    let profile_dir = if quick { "debug" } else { "release" };
    let examples = project.target.join(profile_dir).join("examples");
    let cases = if quick { QUICK } else { &["*"] };

    let reports = project.own.join("autobahn/reports");
    if reports.exists() {
        fs::remove_dir_all(&reports)?;
    }
    test_client(project, &examples.join(CLIENT), cases)?;
    test_server(project, &examples.join(SERVER), cases)?;

    let mut good = true;
    for side in ["client", "server"] {
        let verdicts = Verdicts::read(project, side, AGENT)?;
        verdicts.show();
        good &= verdicts.are_expected();
    }
    println!("the whole reports: {}", reports.display());
    Ok(good)
}

fn test_client(project: &Project, client: &Path, cases: &[&str]) -> Result<()> {
    let port = free_port()?;
    let spec = json!({
        "url": format!("ws://127.0.0.1:{port}"),
        "outdir": "reports/client",
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    });
    let mut wstest = wstest(project, "fuzzingserver", &spec)?;
    let _server = Running::silent(wstest.args(["--webport", "0"]))?;
    wait_for(port)?;
    let mut client = project.command_at(client);
    client.arg(format!("ws://127.0.0.1:{port}"));
    Running::piped(&mut client)?.each_line(LIMIT, |line| println!("{line}"))
}

fn test_server(project: &Project, server: &Path, cases: &[&str]) -> Result<()> {
    let mut server = project.command_at(server);
    let (_server, url) = Running::server(server.args(["--port", "0"]), "listening on ")?;
    let spec = json!({
        "outdir": "reports/server",
        "servers": [{ "agent": AGENT, "url": url }],
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    });
    let mut wstest = wstest(project, "fuzzingclient", &spec)?;
    // It tells each case in several lines; the verdicts are in its report.
    Running::piped(&mut wstest)?.each_line(LIMIT, |_| {})
}

fn wstest(
    project: &Project,
    mode: &str,
    spec: &serde_json::Value,
) -> Result<std::process::Command> {
    let dir = project.own.join("autobahn");
    let file = dir.join(format!("{mode}.json"));
    fs::write(&file, spec.to_string())?;
    let mut wstest = project.command_at(&dir.join("python/bin/wstest"));
    wstest.args(["--mode", mode, "--spec"]).arg(file);
    wstest.current_dir(dir);
    Ok(wstest)
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
