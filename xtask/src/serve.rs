//! `serve`: the demo page over a freshly built web package.

use anyhow::Result;

use crate::http::{self, Site};
use crate::project::Project;
use crate::{pack, setup};

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

/// Puts the package beside the page, which imports it from there.
pub fn build_page(project: &Project) -> Result<()> {
    pack::build(project, "web", &project.root.join("www/pkg"))
}
