//! `serve`: the page over the freshly built package, and the server that it talks to.

mod echo;

use std::sync::mpsc;
use std::thread;

use anyhow::Result;

use crate::http::{self, Site};
use crate::project::Project;
use crate::{pack, setup};
pub use echo::EchoServer;

/// The page POSTs here for how many milliseconds the server is to be gone.
const RESTART: &str = "/server/restart";

/// Serves until the process ends.
pub fn run(project: &Project, port: Option<u16>) -> Result<()> {
    setup::install_missing(project, setup::FOR_SERVE)?;
    pack::build(project, "web", &project.own.join("page/pkg"))?;
    let mut server = EchoServer::start(project)?;
    // Where the page looks for the server's address.
    server.describe(&project.own.join("page/server.json"))?;

    let listener = http::listen(port)?;
    println!("http://{}/ until Ctrl-C", listener.local_addr()?);
    let (sender, inbox) = mpsc::channel();
    let site = Site {
        dirs: vec![project.root.join("www"), project.own.join("page")],
        inbox: Some((RESTART, sender)),
    };
    thread::spawn(move || site.serve(listener));
    for milliseconds in inbox {
        server.restart(&milliseconds)?;
    }
    Ok(())
}
