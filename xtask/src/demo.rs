//! `demo`: one client from one source, natively and in a browser, against one server; then the
//! page, to try by hand.

mod columns;

use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::http::{self, Site};
use crate::process::{self, Running};
use crate::project::Project;
use crate::{browser, serve, setup, web_example};

const SERVER: &str = "echo_server";
const CLIENT: &str = "echo_client";

/// Loads the client's wasm and posts each line of its console to us.
const PAGE: &str = include_str!("demo/echo_client.html");
const INBOX: &str = "/__demo";

/// The last line of a client that did all it should.
const DONE: &str = "done";
/// How the page begins a line about what went wrong.
const ERROR: &str = "error: ";
/// A client needs moments; a browser's first start takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// With `once` it ends after both clients did, and is an error unless both got to their end.
pub fn run(project: &Project, once: bool) -> Result<()> {
    setup::install_missing(project, setup::FOR_DEMO)?;
    let mut cargo = project.command("cargo");
    process::run(cargo.args(["build", "--example", SERVER, "--example", CLIENT]))?;
    build_browser_client(project)?;

    let (_server, url) = Running::server(
        example(project, SERVER).args(["--port", "0"]),
        "listening on ",
    )?;
    println!("The example {SERVER} listens on {url}\n");

    let listener = http::listen(None)?;
    let address = format!("http://{}", listener.local_addr()?);
    let (sender, inbox) = mpsc::channel();
    let site = Site {
        dirs: vec![project.own.join("demo"), project.root.join("www")],
        inbox: Some((INBOX, sender)),
    };
    thread::spawn(move || site.serve(listener));

    let native = native_client(project, &url)?;
    let page = format!("{address}/{CLIENT}.html?url={url}");
    let browser = browser_client(project, &page, &inbox)?;
    if let Some(table) = columns::beside(("native", &native), ("browser", &browser)) {
        println!("\n{table}");
    }
    for (client, lines) in [("native", native), ("browser", browser)] {
        ensure!(
            lines.last().is_some_and(|line| line == DONE),
            "the {client} client did not end with the line `{DONE}`"
        );
    }
    if once {
        return Ok(());
    }

    setup::install_missing(project, setup::FOR_PACK)?;
    serve::build_page(project)?;
    println!("\nThe page: {address}/?server={url} until Ctrl-C");
    loop {
        thread::park();
    }
}

fn example(project: &Project, name: &str) -> std::process::Command {
    let program = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    project.command_at(&project.target.join("debug/examples").join(program))
}

fn build_browser_client(project: &Project) -> Result<()> {
    let dir = project.own.join("demo");
    web_example::build(project, CLIENT, "dev", &dir, CLIENT)?;
    Ok(fs::write(dir.join(format!("{CLIENT}.html")), PAGE)?)
}

fn native_client(project: &Project, url: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    Running::piped(example(project, CLIENT).arg(url))?.each_line(PATIENCE, |line| {
        println!("native  | {line}");
        lines.push(line.to_owned());
    })?;
    Ok(lines)
}

/// Opens the page until its client is done, failed, or silent for too long.
fn browser_client(project: &Project, page: &str, inbox: &Receiver<String>) -> Result<Vec<String>> {
    let _chromium = browser::open_headless(project, page)?;
    let mut lines: Vec<String> = Vec::new();
    while lines
        .last()
        .is_none_or(|line| line != DONE && !line.starts_with(ERROR))
    {
        let line = inbox.recv_timeout(PATIENCE).with_context(|| {
            format!("no line came from the browser for {} s", PATIENCE.as_secs())
        })?;
        println!("browser | {line}");
        lines.push(line);
    }
    Ok(lines)
}
