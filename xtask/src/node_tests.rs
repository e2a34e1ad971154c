//! Tests in JavaScript, which Node's own runner runs.

use std::process::Command;

use anyhow::Result;

use crate::browser;
use crate::project::Project;

/// Tells `cargo xtask test` how many there were.
const REPORTER: &str = "./tests/reporter.mjs";

/// Runs these tests of a directory, so many of them at once. They are told where setup put what it
/// installed, and the browser that most of them need.
pub fn command(project: &Project, dir: &str, tests: &[&str], at_once: usize) -> Result<Command> {
    let mut node = project.command("node");
    node.arg("--test")
        .arg(format!("--test-concurrency={at_once}"));
    for reporter in ["spec", REPORTER] {
        node.arg(format!("--test-reporter={reporter}"));
        node.arg("--test-reporter-destination=stdout");
    }
    node.args(tests.iter().map(|name| format!("{dir}/{name}.test.mjs")))
        .env("QWEBSOCKET_COUNTERPARTS", &project.own)
        .env("QWEBSOCKET_CHROMIUM", browser::chromium(project)?);
    Ok(node)
}
