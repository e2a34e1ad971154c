//! `test-tools`: the npm package in everything that loads it, in the versions of the day.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{node_tests, pack, process, setup};

/// What every change is tried with, in pinned versions; and what is tried here only.
const BOTH: [&str; 2] = ["tests/npm/pages.test.mjs", "tests/npm/hosts.test.mjs"];
const NEWEST: &str = "tests/npm/newest";
/// Prints the table at the end.
const TABLE: &str = "./tests/npm/newest/table.mjs";

pub fn run(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_PACK_TEST)?;
    let tarball = pack::run(project)?;
    let bin = install(project)?;

    let mut files: Vec<PathBuf> = BOTH.iter().map(|file| project.root.join(file)).collect();
    files.extend(node_tests::files(project, NEWEST)?);
    // One after the other: several of them make the same project.
    let mut node = node_tests::of_files(project, &files, TABLE, 1)?;
    // Some of the tools ask for a newer Node than there is.
    let others = project.search_path();
    let paths = [bin].into_iter().chain(env::split_paths(&others));
    node.env("PATH", env::join_paths(paths)?)
        .env("QWEBSOCKET_TARBALL", tarball)
        .env("QWEBSOCKET_NEWEST", "1");
    process::run(&mut node)
}

/// Installs what `npm/newest/package.json` names, in the newest versions; returns where Node lies.
fn install(project: &Project) -> Result<PathBuf> {
    let dir = project.npm().join("newest");
    let modules = dir.join("node_modules");
    if modules.exists() {
        fs::remove_dir_all(&modules)?;
    }
    let mut npm = project.command("npm");
    npm.args(["install", "--silent", "--no-package-lock"]);
    process::run(npm.current_dir(&dir))?;
    node_tests::newer_node(&modules)?
        .parent()
        .map(PathBuf::from)
        .context("a program lies in a directory")
}
