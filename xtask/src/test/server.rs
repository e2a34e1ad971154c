//! The scripted server that tests talk to: the workspace's own program `support`.

use anyhow::Result;

use crate::process::{self, Running};
use crate::project::Project;

const PROGRAM: &str = "support";

/// It runs until this is dropped.
pub struct Server {
    pub address: String,
    _process: Running,
}

pub fn start(project: &Project) -> Result<Server> {
    // Selected out of the whole workspace, so that it shares its dependencies with the tests.
    let mut cargo = project.command("cargo");
    process::run(cargo.args(["build", "--workspace", "--bin", PROGRAM]))?;
    let program = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let mut server = project.command_at(&project.target.join("debug").join(program));
    let (process, address) = Running::server(server.args(["--port", "0"]), "listening on ")?;
    println!("{PROGRAM} listens on {address}");
    Ok(Server {
        address,
        _process: process,
    })
}
