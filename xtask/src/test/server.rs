//! The servers that tests talk to, which are programs of the workspace.

use std::path::Path;

use anyhow::Result;

use crate::process::{self, Running};
use crate::project::Project;

/// The scripted server.
const SUPPORT: &str = "support";
/// Our own, with which browsers compress and shop.
const OWN: &str = "own_server";

/// They run until this is dropped.
pub struct Servers {
    /// Where they listen. Native tests are told when they run, those in browsers when they are
    /// compiled.
    pub variables: [(&'static str, String); 2],
    _processes: [Running; 2],
}

pub fn start(project: &Project) -> Result<Servers> {
    // Selected out of the whole workspace, so that they share their dependencies with the tests.
    let mut cargo = project.command("cargo");
    cargo.args(["build", "--workspace", "--bin", SUPPORT]);
    process::run(cargo.args(["--example", OWN]))?;
    let dir = project.target.join("debug");
    let (support, address) = server(project, &dir, SUPPORT)?;
    let (own, url) = server(project, &dir.join("examples"), OWN)?;
    Ok(Servers {
        variables: [
            ("QWEBSOCKET_TEST_SERVER", address),
            ("QWEBSOCKET_OWN_SERVER", url),
        ],
        _processes: [support, own],
    })
}

fn server(project: &Project, dir: &Path, name: &str) -> Result<(Running, String)> {
    let program = dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut server = project.command_at(&program);
    let (process, address) = Running::server(server.args(["--port", "0"]), "listening on ")?;
    println!("{name} listens on {address}");
    Ok((process, address))
}
