//! The tests of the page: Node drives Chromium and Firefox.

use std::path::PathBuf;

use anyhow::Result;

use crate::project::Project;
use crate::{node_tests, process};

/// Restarts the server, so no other file runs beside it.
const RESTARTS: &str = "page.test.mjs";

/// Two browsers, for two processors.
const AT_ONCE: usize = 2;

pub fn run(project: &Project, url: &str) -> Result<()> {
    let run = |files: &[PathBuf], at_once| {
        let reporter = node_tests::REPORTER;
        let mut node = node_tests::of_files(project, files, reporter, at_once)?;
        process::run(node.env("QWEBSOCKET_PAGE", url))
    };
    let files = node_tests::files(project, "tests/page")?;
    let (alone, together): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|path| path.ends_with(RESTARTS));
    let shared = run(&together, AT_ONCE);
    run(&alone, 1).and(shared)
}
