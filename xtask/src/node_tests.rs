//! Tests in JavaScript, which Node's own runner runs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::browser::Browser;
use crate::project::Project;

/// Tells `cargo xtask test` how many there were.
pub const REPORTER: &str = "./tests/reporter.mjs";

/// Runs the tests of some directories, so many files of them at once.
pub fn command(project: &Project, dirs: &[&str], at_once: usize) -> Result<Command> {
    let mut all = Vec::new();
    for dir in dirs {
        all.extend(files(project, dir)?);
    }
    of_files(project, &all, REPORTER, at_once)
}

/// Runs the tests of some files. They are told where setup put what it installed, and the browsers.
pub fn of_files(
    project: &Project,
    files: &[PathBuf],
    reporter: &str,
    at_once: usize,
) -> Result<Command> {
    let geckodriver = project.find("geckodriver");
    let mut node = project.command("node");
    node.arg("--test")
        .arg(format!("--test-concurrency={at_once}"));
    for reporter in ["spec", reporter] {
        node.arg(format!("--test-reporter={reporter}"));
        node.arg("--test-reporter-destination=stdout");
    }
    node.args(files)
        .env("QWEBSOCKET_COUNTERPARTS", &project.own)
        .env("QWEBSOCKET_CHROMIUM", Browser::Chromium.program(project)?)
        .env("QWEBSOCKET_FIREFOX", Browser::Firefox.program(project)?)
        .env(
            "QWEBSOCKET_GECKODRIVER",
            geckodriver.context("geckodriver is missing")?,
        );
    Ok(node)
}

/// The Node that npm has installed as a package, for this platform.
pub fn newer_node(modules: &Path) -> Result<PathBuf> {
    let package = fs::read_dir(modules)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&format!("node-{}-", env::consts::OS))
        })
        .context("there is no newer Node")?;
    Ok(package.join("bin/node"))
}

/// Node 20 finds them only in directories of some names.
pub fn files(project: &Project, dir: &str) -> Result<Vec<PathBuf>> {
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
