//! Tests in JavaScript, which Node's own runner runs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::browser::Browser;
use crate::project::Project;

/// Tells `cargo xtask test` how many there were.
const REPORTER: &str = "./tests/reporter.mjs";

/// Runs the tests of some directories, so many files of them at once. They are told where setup put
/// what it installed, and the browsers.
pub fn command(project: &Project, dirs: &[&str], at_once: usize) -> Result<Command> {
    let geckodriver = project.find("geckodriver");
    let mut node = project.command("node");
    node.arg("--test")
        .arg(format!("--test-concurrency={at_once}"));
    for reporter in ["spec", REPORTER] {
        node.arg(format!("--test-reporter={reporter}"));
        node.arg("--test-reporter-destination=stdout");
    }
    for dir in dirs {
        node.args(files(project, dir)?);
    }
    node.env("QWEBSOCKET_COUNTERPARTS", &project.own)
        .env("QWEBSOCKET_CHROMIUM", Browser::Chromium.program(project)?)
        .env("QWEBSOCKET_FIREFOX", Browser::Firefox.program(project)?)
        .env(
            "QWEBSOCKET_GECKODRIVER",
            geckodriver.context("geckodriver is missing")?,
        );
    Ok(node)
}

/// Node 20 finds them only in directories of some names.
fn files(project: &Project, dir: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(project.root.join(dir))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
