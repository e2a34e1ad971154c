//! `reference`: the API of the npm package as pages, which TypeDoc writes. What it cannot resolve, or
//! finds undocumented, is an error.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::project::Project;
use crate::{pack, process, setup};

/// Writes the pages into the target directory and returns where they begin.
pub fn run(project: &Project) -> Result<()> {
    // The sources need the cores, and their glue.
    pack::package(project)?;
    let first = build(project, &project.own.join("reference"))?;
    println!("{}", first.display());
    Ok(())
}

/// Writes the pages into `dir`, over a package that is built.
pub fn build(project: &Project, dir: &Path) -> Result<PathBuf> {
    setup::install_missing(project, setup::FOR_REFERENCE)?;
    process::run(
        pack::npm(project, "reference")
            .args(["--", "--out"])
            .arg(dir),
    )?;
    Ok(dir.join("index.html"))
}
