//! `demo`: one client from one source, natively and in a browser, against one server; then the
//! page, to try by hand.

mod columns;

use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::browser::Browser;
use crate::http::{self, Site};
use crate::process::{self, Running};
use crate::project::Project;
use crate::serve::{self, EchoServer};
use crate::setup;
use crate::web_example::{self, DONE, INBOX};

const CLIENT: &str = "echo_client";

/// A client needs moments; a browser's first start takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// With `once` it ends after both clients did, and is an error unless both got to their end.
pub fn run(project: &Project, once: bool) -> Result<()> {
    setup::install_missing(project, setup::FOR_DEMO)?;
    let mut cargo = project.command("cargo");
    process::run(cargo.args(["build", "--workspace", "--example", CLIENT]))?;
    let dir = project.own.join("demo");
    web_example::build_page(project, CLIENT, "dev", &dir)?;

    let server = EchoServer::start(project)?;
    let listener = http::listen(Some(0))?;
    let address = format!("http://{}", listener.local_addr()?);
    let (sender, inbox) = mpsc::channel();
    let site = Site {
        dirs: vec![dir],
        inbox: Some((INBOX, Box::new(move |line| Ok(sender.send(line)?)))),
    };
    thread::spawn(move || site.serve(listener));

    let native = native_client(project, server.url())?;
    let page = format!("{address}/{CLIENT}.html?url={}", server.url());
    let browser = browser_client(project, &page, &inbox)?;
    if let Some(table) = columns::beside(("native", &native), ("browser", &browser)) {
        println!("\n{table}");
    }
    ensure!(
        native.last().is_some_and(|line| line == DONE),
        "the native client did not end with the line `{DONE}`"
    );
    if once {
        return Ok(());
    }

    drop(server);
    println!("\nThe page, to try by hand:");
    serve::run(project, None)
}

fn native_client(project: &Project, url: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let client = project.native_example(CLIENT);
    Running::piped(project.command_at(&client).arg(url))?.each_line(PATIENCE, |line| {
        println!("native  | {line}");
        lines.push(line.to_owned());
    })?;
    Ok(lines)
}

fn browser_client(project: &Project, page: &str, inbox: &Receiver<String>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    web_example::run_page(project, Browser::Chromium, page, inbox, PATIENCE, |line| {
        println!("browser | {line}");
        lines.push(line.to_owned());
    })?;
    Ok(lines)
}
