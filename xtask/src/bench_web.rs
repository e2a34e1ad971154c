//! `bench-web`: measures the library in browsers against the browser's own WebSocket and against
//! the other libraries there.

mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::browser::Browser;
use crate::http::{self, Site};
use crate::process::{self, Running};
use crate::project::{CRATE, Project};
use crate::wasm_toolchain::{TARGET, WasmToolchain};
use crate::web_example::{self, DONE, INBOX};
use crate::{bench, node_tests, pack, setup};
use table::{Place, Results};

/// The crate of the Rust clients, and the page.
const SOURCES: &str = "benches/web";
const CLIENTS: &str = "bench";

const ROUNDS: usize = 9;
const QUICK_ROUNDS: usize = 3;

/// For all of one browser's page or worker.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// Returns whether every goal is met.
pub fn run(project: &Project, quick: bool) -> Result<bool> {
    setup::install_missing(project, setup::FOR_BENCH_WEB)?;
    let mut server = project.command_at(&bench::build_goals(project)?);
    let (_server, port) = Running::server(server.arg("serve"), "")?;

    let listener = http::listen(None)?;
    let address = format!("http://{}", listener.local_addr()?);
    let (sender, inbox) = mpsc::channel();
    let site = Site {
        dirs: vec![build_page(project)?],
        inbox: Some((INBOX, Box::new(move |line| Ok(sender.send(line)?)))),
    };
    thread::spawn(move || site.serve(listener));

    let rounds = if quick { QUICK_ROUNDS } else { ROUNDS };
    let mut results = Vec::new();
    for browser in [Browser::Chromium, Browser::Firefox] {
        for place in ["page", "worker"] {
            println!("measures in {browser}, {place}");
            let page = format!("{address}/?place={place}&port={port}&rounds={rounds}");
            let lines = measure(project, browser, &page, &inbox)?;
            let place = Place(format!("{browser}, {place}"));
            results.push(Results::read(place, &lines)?);
        }
    }
    for (class, node) in nodes(project)? {
        println!("measures in Node, {class}");
        let lines = measure_node(project, &node, class, &port, rounds)?;
        results.push(Results::read(Place(format!("Node, {class}")), &lines)?);
    }
    results.iter().for_each(|results| println!("\n{results}"));
    Ok(table::print_goals(&results))
}

fn measure(
    project: &Project,
    browser: Browser,
    page: &str,
    inbox: &Receiver<String>,
) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    web_example::run_page(project, browser, page, inbox, PATIENCE, |line| {
        if line != DONE {
            lines.push(line.to_owned());
        }
    })?;
    Ok(lines)
}

/// Which class is measured in which Node.
fn nodes(project: &Project) -> Result<[(&'static str, PathBuf); 2]> {
    let modules = project.npm().join("runtimes/node_modules");
    let newer = node_tests::newer_node(&modules)?;
    Ok([("ws", "node".into()), ("own", newer)])
}

fn measure_node(
    project: &Project,
    node: &Path,
    class: &str,
    port: &str,
    rounds: usize,
) -> Result<Vec<String>> {
    let mut command = project.command_at(node);
    command
        .arg("--expose-gc")
        .arg(format!("{SOURCES}/node.mjs"));
    command.arg(project.own.join("package"));
    command.arg(project.node_modules());
    command.args([port, &rounds.to_string(), class]);
    let lines = process::output(&mut command)?;
    Ok(lines.lines().map(str::to_owned).collect())
}

/// Builds the clients, the package and the page, and returns the directory that holds them.
fn build_page(project: &Project) -> Result<PathBuf> {
    let dir = project.own.join("bench-web");
    let clients = build_clients(project, &dir)?;
    let package = pack::package(project)?;

    let page = project.root.join(SOURCES).join("page");
    fs::copy(page.join("index.html"), dir.join("index.html"))?;
    let mut esbuild = project.command("esbuild");
    esbuild
        .args(["page.js", "worker.js"].map(|script| page.join(script)))
        .args(["--bundle", "--format=esm", "--log-level=warning"])
        .arg(format!("--alias:{CLIENTS}={}", clients.display()))
        .arg(format!(
            "--alias:{CRATE}={}",
            package.join("index.js").display()
        ))
        .arg(format!(
            "--alias:{CRATE}/reconnecting={}",
            package.join("reconnecting.js").display()
        ))
        .arg(format!("--outdir={}", dir.display()));
    // Where the other libraries lie, which the page imports by their names.
    process::run(esbuild.env("NODE_PATH", project.node_modules()))?;
    Ok(dir)
}

/// Returns the module that JavaScript imports.
fn build_clients(project: &Project, dir: &Path) -> Result<PathBuf> {
    let mut cargo = WasmToolchain::installed(project)?.command(project, "cargo");
    cargo.args(["build", "--release", "--locked", "--target", TARGET]);
    cargo.args(["--manifest-path", &format!("{SOURCES}/Cargo.toml")]);
    process::run(cargo.arg("--target-dir").arg(&project.target))?;
    let wasm = project
        .target
        .join(TARGET)
        .join("release/qwebsocket_benches_web.wasm");
    let mut bindgen = project.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", CLIENTS]);
    process::run(bindgen.arg("--out-dir").arg(dir).arg(wasm))?;
    Ok(dir.join(format!("{CLIENTS}.js")))
}
