//! `serve`: the demo page over a freshly built module.

use anyhow::Result;

use crate::http::{self, Site};
use crate::project::{CRATE, Project};
use crate::{pack, setup, web_example};

pub fn run(project: &Project, port: Option<u16>) -> Result<()> {
    setup::install_missing(project, setup::FOR_PACK)?;
    build_page(project)?;
    let listener = http::listen(port)?;
    println!("http://{}/ until Ctrl-C", listener.local_addr()?);
    Site {
        dirs: vec![project.root.join("www")],
        inbox: None,
    }
    .serve(listener)
}

/// Puts the module that the page loads beside it.
pub fn build_page(project: &Project) -> Result<()> {
    let dir = project.root.join("www/pkg");
    let wasm = web_example::build(project, "www", "wasm-release", &dir, CRATE)?;
    pack::optimize(project, &wasm)
}
