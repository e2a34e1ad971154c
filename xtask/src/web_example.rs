//! An example of the library, as a module that a page can load.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::browser::Browser;
use crate::process;
use crate::project::{CRATE, PROGRAMS, Project};
use crate::wasm_toolchain::{TARGET, WasmToolchain};

/// Starts the module of its own name and posts each line of its console to [`INBOX`].
const PAGE: &str = include_str!("web_example/page.html");
pub const INBOX: &str = "/__console";

/// The last line of an example that did all it should.
pub const DONE: &str = "done";
/// How a line about what went wrong begins; it is the last one, too.
const ERROR: &str = "error: ";

/// Builds the example and puts it in `dir`: the place of its wasm there.
pub fn build(project: &Project, example: &str, profile: &str, dir: &Path) -> Result<PathBuf> {
    let mut cargo = WasmToolchain::installed(project)?.command(project, "cargo");
    cargo.args(["build", "--package", CRATE, "--package", PROGRAMS]);
    cargo.args(["--example", example, "--target", TARGET]);
    process::run(cargo.args(["--profile", profile]))?;

    // Cargo's profile `dev` has a directory of another name.
    let profile_dir = if profile == "dev" { "debug" } else { profile };
    let wasm = project
        .target
        .join(TARGET)
        .join(profile_dir)
        .join("examples")
        .join(format!("{example}.wasm"));
    let mut bindgen = project.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]);
    process::run(bindgen.arg(dir).arg(wasm))?;
    Ok(dir.join(format!("{example}_bg.wasm")))
}

/// The same with a page of the example's name beside it, which starts it.
pub fn build_page(project: &Project, example: &str, profile: &str, dir: &Path) -> Result<()> {
    build(project, example, profile, dir)?;
    Ok(fs::write(dir.join(format!("{example}.html")), PAGE)?)
}

/// Opens such a page and hands each line of its console to `line`, until it is done. What goes
/// wrong there is an error, and so is more time than `limit`.
pub fn run_page(
    project: &Project,
    browser: Browser,
    url: &str,
    inbox: &Receiver<String>,
    limit: Duration,
    mut line: impl FnMut(&str),
) -> Result<()> {
    let _browser = browser.open_headless(project, url)?;
    let deadline = Instant::now() + limit;
    loop {
        let text = inbox
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .with_context(|| format!("the browser was not done after {} s", limit.as_secs()))?;
        line(&text);
        if text == DONE {
            return Ok(());
        }
        if let Some(error) = text.strip_prefix(ERROR) {
            bail!("in the browser: {error}");
        }
    }
}
