//! The tests of the page: Node drives Chromium and Firefox.

use anyhow::Result;

use crate::project::Project;
use crate::{node_tests, process};

/// One file after the other: they share the server, which some of them end.
const AT_ONCE: usize = 1;

pub fn run(project: &Project, url: &str) -> Result<()> {
    process::run(
        node_tests::command(project, &["tests/page"], AT_ONCE)?.env("QWEBSOCKET_PAGE", url),
    )
}
