//! `serve`: the page over the freshly built package, and the server that it talks to.

mod drive;
mod echo;

use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

use crate::http::{self, Site};
use crate::project::Project;
use crate::{pack, reference, setup};
pub use echo::EchoServer;

/// The page POSTs here for how many milliseconds the server is to be gone. The answer comes when
/// it is back.
const RESTART: &str = "/server/restart";

/// Serves until the process ends.
pub fn run(project: &Project, port: Option<u16>) -> Result<()> {
    setup::install_missing(project, setup::FOR_SERVE)?;
    with_page(project, port, |url| {
        // The page links to it.
        reference::build(project, &project.own.join("page").join("reference"))?;
        println!("{url} until Ctrl-C");
        loop {
            thread::park();
        }
    })
}

/// Drives the page in browsers, as its visitors do.
pub fn test(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_SERVE)?;
    setup::install_missing(project, setup::FOR_SERVE_TEST)?;
    with_page(project, Some(0), |url| drive::run(project, url))
}

/// Serves while `action` runs with the page's URL.
fn with_page(
    project: &Project,
    port: Option<u16>,
    action: impl FnOnce(&str) -> Result<()>,
) -> Result<()> {
    let dir = project.own.join("page");
    let package = dir.join("package");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&dir)?;
    fs::rename(pack::package(project)?, package)?;
    let server = EchoServer::start(project)?;
    // Where the page looks for the server's address.
    server.describe(&dir.join("server.json"))?;

    let listener = http::listen(port)?;
    let url = format!("http://{}/", listener.local_addr()?);
    let server = Arc::new(Mutex::new(server));
    let restarted = Arc::clone(&server);
    let site = Site {
        dirs: vec![project.root.join("www"), dir],
        inbox: Some((
            RESTART,
            Box::new(move |milliseconds| lock(&restarted).restart(&milliseconds)),
        )),
    };
    thread::spawn(move || site.serve(listener));

    let done = action(&url);
    lock(&server).stop();
    done
}

fn lock(server: &Mutex<EchoServer>) -> MutexGuard<'_, EchoServer> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}
