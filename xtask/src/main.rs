//! `cargo xtask <command>`: everything a developer does here that plain cargo cannot do.

mod autobahn;
mod bench;
mod bench_web;
mod bounds;
mod browser;
mod builds;
mod demo;
mod fuzz;
mod http;
mod node_tests;
mod pack;
mod process;
mod project;
mod reference;
mod serve;
mod setup;
mod size;
mod test;
mod test_tools;
mod wasm_toolchain;
mod web_example;
mod windows;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::Parser;
use lexopt::prelude::*;

use project::Project;

const HELP: &str = "\
cargo xtask <command>

  setup                installs what is missing for the commands below, and nothing else
  demo [--once]        one client, natively and in a browser; then the page, until Ctrl-C
  test [--only <step>] every check and every test, natively and in browsers (may be repeated)
  autobahn [--quick] [--only <side>]
                       the Autobahn testsuite against our client, our server, and our client in
                       a browser: the sides client, server, browser (may be repeated)
  bench [--quick] [--part <part>]
                       the goals of speed and memory, against the other libraries, QWebSocket and
                       `ws` in Node: the parts memory, loopback, server, broadcast, idle (may be
                       repeated)
  bench --criterion    each size and kind of message on its own, against the other libraries
  bench --builds       crates, CPU time and size of the smallest clients, against the other libraries
  bench --handshakes   `wss` connections one after the other and 100 at once, resumed and not, by each
                       TLS library, against the other libraries
  bench --instructions the instructions of each message in memory, counted by Callgrind
  bench-web [--quick]  in Chromium and Firefox, against the raw WebSocket and the other libraries
  bounds               builds the library with the oldest versions that Cargo.toml allows
  fuzz [<target>]      fuzzes for 60 seconds each, or --seconds <n>; for a schedule, not for every change
  pack [--test]        the npm package as a tarball; with --test also installed where it has to run
  test-tools           the npm package in bundlers, test runners, frameworks and hosts, all in the
                       versions of the day, and a table of them
  reference            the API of the npm package as pages
  windows              links the library for Windows with MinGW, and runs its unit tests and two of its
                       examples under Wine; for a schedule, not for every change
  size                 what a page has to load, gzipped: of a Rust program and of the npm package
  serve [--port <n>]   the page, over the freshly built npm package, on 127.0.0.1:8080 or the next
                       free port, with a server that it may restart
  serve --test         drives the page in Chromium and in Firefox
";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether what was done is also good; what it found is then printed already.
fn run() -> Result<bool> {
    process::end_children_on_signals()?;
    let mut arguments = Parser::from_env();
    let command = match arguments.next()? {
        Some(Value(command)) => command.string()?,
        None | Some(Long("help") | Short('h')) => {
            print!("{HELP}");
            return Ok(true);
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    let (mut once, mut quick) = (false, false);
    let (mut builds, mut criterion) = (false, false);
    let (mut handshakes, mut instructions) = (false, false);
    let (mut only, mut parts) = (Vec::new(), Vec::new());
    let (mut port, mut with_test) = (None, false);
    let (mut target, mut seconds) = (None, 60);
    while let Some(argument) = arguments.next()? {
        match (command.as_str(), argument) {
            ("demo", Long("once")) => once = true,
            ("autobahn", Long("quick")) => quick = true,
            ("bench" | "bench-web", Long("quick")) => quick = true,
            ("bench", Long("part")) => parts.push(arguments.value()?.string()?),
            ("bench", Long("builds")) => builds = true,
            ("bench", Long("criterion")) => criterion = true,
            ("bench", Long("handshakes")) => handshakes = true,
            ("bench", Long("instructions")) => instructions = true,
            ("test" | "autobahn", Long("only")) => only.push(arguments.value()?.string()?),
            ("fuzz", Value(name)) if target.is_none() => target = Some(name.string()?),
            ("fuzz", Long("seconds")) => seconds = arguments.value()?.parse()?,
            ("pack" | "serve", Long("test")) => with_test = true,
            ("serve", Long("port")) => port = Some(arguments.value()?.parse()?),
            (_, other) => return Err(other.unexpected().into()),
        }
    }

    let project = Project::load()?;
    match command.as_str() {
        "setup" => setup::run(&project)?,
        "demo" => demo::run(&project, once)?,
        "test" => return test::run(&project, &only),
        "autobahn" => return autobahn::run(&project, quick, &only),
        "bench" if builds => return builds::run(&project),
        "bench" if criterion => bench::run_criterion(&project)?,
        "bench" if handshakes => return bench::run_handshakes(&project),
        "bench" if instructions => bench::run_instructions(&project)?,
        "bench" => return bench::run(&project, quick, &parts),
        "bench-web" => return bench_web::run(&project, quick),
        "bounds" => bounds::run(&project)?,
        "fuzz" => return fuzz::run(&project, target.as_deref(), seconds),
        "pack" if with_test => pack::test(&project)?,
        "pack" => drop(pack::run(&project)?),
        "test-tools" => test_tools::run(&project)?,
        "reference" => reference::run(&project)?,
        "size" => return size::run(&project),
        "serve" if with_test => serve::test(&project)?,
        "serve" => serve::run(&project, port)?,
        "windows" => windows::run(&project)?,
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }
    Ok(true)
}
