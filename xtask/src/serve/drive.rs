//! The tests of the page: Node drives Chromium and Firefox.

use std::fs;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{browser, process};

const TESTS: &str = "tests/page";
/// Tells `cargo xtask test` how many there were.
const REPORTER: &str = "./tests/npm/reporter.mjs";

pub fn run(project: &Project, url: &str) -> Result<()> {
    let mut tests = Vec::new();
    for entry in fs::read_dir(project.root.join(TESTS))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            tests.push(path);
        }
    }
    tests.sort();
    let mut node = project.command("node");
    // One file after the other: they share the server, which some of them end.
    node.args(["--test", "--test-concurrency=1"]);
    for reporter in ["spec", REPORTER] {
        node.arg(format!("--test-reporter={reporter}"));
        node.arg("--test-reporter-destination=stdout");
    }
    node.env("QWEBSOCKET_PAGE", url)
        .env("QWEBSOCKET_COUNTERPARTS", &project.own);
    for (variable, program) in [
        ("QWEBSOCKET_CHROMIUM", browser::find_chromium(project)),
        ("QWEBSOCKET_FIREFOX", browser::find_firefox(project)),
        ("QWEBSOCKET_GECKODRIVER", project.find("geckodriver")),
    ] {
        node.env(variable, program.context("a browser is missing")?);
    }
    process::run(node.args(tests))
}
