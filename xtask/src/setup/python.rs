//! Python packages, in a virtual environment in the target directory.

use std::fs;

use anyhow::Result;

use super::announce;
use crate::process;
use crate::project::Project;

/// A server and a client to test against.
const PACKAGES: &str = "websockets==17.4";

pub fn install(project: &Project) -> Result<()> {
    let dir = project.own.join("python");
    let installed = dir.join("installed.txt");
    let is_there = fs::read_to_string(&installed).is_ok_and(|text| text == PACKAGES);
    // Started, since an environment outlives the Python it was made of.
    if is_there
        && process::succeeds(
            project
                .command_at(&project.python())
                .args(["-c", "import websockets"]),
        )
    {
        return Ok(());
    }
    announce(&format!(
        "installs the Python package {PACKAGES} in {}",
        dir.display()
    ));
    process::run(
        project
            .command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&dir),
    )?;
    let mut pip = project.command_at(&project.python());
    process::run(pip.args(["-m", "pip", "install", "--quiet", PACKAGES]))?;
    Ok(fs::write(installed, PACKAGES)?)
}
