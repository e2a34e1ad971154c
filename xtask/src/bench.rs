//! `bench`: measures the library against the other Rust WebSocket libraries, QWebSocket and `ws`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::project::Project;
use crate::setup::{self, Need};

/// All parts, or these. Returns whether every goal is met.
pub fn run(project: &Project, quick: bool, parts: &[String]) -> Result<bool> {
    setup::install_missing(project, setup::FOR_BENCH)?;
    // Both are one program of cargo's, built with different features.
    let tokio = build(project, &["--features", "tokio"], "goals-tokio")?;
    let goals = build_goals(project)?;

    let mut command = project.command_at(&goals);
    command.arg("--tokio").arg(tokio);
    match build_qt(project) {
        Ok(qt) => {
            command.arg("--qt").arg(qt);
        }
        Err(error) => println!("measures without QWebSocket: {error:#}"),
    }
    match setup::install_missing(project, &[Need::NodePackages]) {
        Ok(()) => {
            command.arg("--node-modules").arg(project.node_modules());
        }
        Err(error) => println!("measures without `ws` in Node: {error:#}"),
    }
    if quick {
        command.arg("--quick");
    }
    for part in parts {
        command.args(["--part", part]);
    }
    println!("measures; the medians of all come first, in nanoseconds, with CPU in brackets");
    judged(&mut command)
}

/// Whether a program that measures finds every goal met.
fn judged(command: &mut Command) -> Result<bool> {
    let status = command.status()?;
    // 1 is a goal that is not met, which the table tells.
    match status.code() {
        Some(code @ (0 | 1)) => Ok(code == 0),
        _ => bail!("`{}` failed ({status})", process::shown(command)),
    }
}

/// Everything on its own, by criterion.
pub fn run_criterion(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_BENCH)?;
    process::run(cargo(project, "bench").args(["--bench", "in_memory", "--bench", "loopback"]))
}

/// What a `wss` connection costs. Returns whether every goal is met.
pub fn run_handshakes(project: &Project) -> Result<bool> {
    setup::install_missing(project, setup::FOR_BENCH)?;
    let mut run = cargo(project, "run");
    run.args(["--release", "--features", "tokio", "--bin", "handshakes"]);
    judged(&mut run)
}

/// What each message in memory costs, counted and not timed.
pub fn run_instructions(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_INSTRUCTIONS)?;
    // It counts what `goals` does.
    build_goals(project)?;
    process::run(cargo(project, "run").args(["--release", "--bin", "instructions"]))
}

/// The program that measures, and whose role `serve` is the server of all measurements.
pub fn build_goals(project: &Project) -> Result<PathBuf> {
    build(project, &[], "goals")
}

/// Builds the program of the goals and puts it beside cargo's, under its own name.
fn build(project: &Project, features: &[&str], name: &str) -> Result<PathBuf> {
    let mut cargo = cargo(project, "build");
    process::run(cargo.args(["--release", "--bin", "goals"]).args(features))?;
    let program = program(project, name)?;
    fs::copy(project.target.join("release").join("goals"), &program)?;
    Ok(program)
}

/// The benches have a lock file of their own, and the target directory of all.
fn cargo(project: &Project, command: &str) -> Command {
    let mut cargo = project.command("cargo");
    cargo.args([command, "--locked", "--manifest-path", "benches/Cargo.toml"]);
    cargo.arg("--target-dir").arg(&project.target);
    cargo
}

fn build_qt(project: &Project) -> Result<PathBuf> {
    setup::install_missing(project, &[Need::QtWebSockets])?;
    let mut flags = project.command("pkg-config");
    let flags = process::output(flags.args(["--cflags", "--libs", "Qt6WebSockets"]))?;
    let program = program(project, "qt-window")?;
    let mut compiler = project.command("c++");
    compiler.args(["-O2", "-fPIC", "benches/qt/window.cpp", "-o"]);
    process::run(compiler.arg(&program).args(flags.split_whitespace()))?;
    Ok(program)
}

fn program(project: &Project, name: &str) -> Result<PathBuf> {
    let dir = project.own.join("bench");
    fs::create_dir_all(&dir)?;
    Ok(dir.join(name))
}
