//! The Autobahn testsuite, which runs on Python 2.7 only, in the target directory.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::announce;
use crate::process;
use crate::project::Project;

const SUITE: &str = "autobahntestsuite==25.10.1";
/// The last one for Python 2.7.
const VIRTUALENV: &str = "virtualenv==20.15.1";
const PYTHON: &str = "2.7.18";

pub fn install(project: &Project) -> Result<()> {
    let dir = project.own.join("autobahn");
    let installed = dir.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == SUITE) {
        return Ok(());
    }
    let python = python(project)?;
    announce(&format!(
        "installs the Python package {SUITE} in {}",
        dir.display()
    ));
    let bootstrap = dir.join("bootstrap");
    let mut pip = project.command_at(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--target"])
        .arg(&bootstrap);
    process::run(pip.arg(VIRTUALENV))?;
    let environment = dir.join("python");
    let mut virtualenv = project.command_at(&python);
    virtualenv.env("PYTHONPATH", &bootstrap);
    virtualenv.args(["-m", "virtualenv", "--quiet", "--clear"]);
    process::run(virtualenv.arg(&environment))?;
    let mut pip = project.command_at(&environment.join("bin/pip"));
    process::run(pip.args(["install", "--quiet", SUITE]))?;
    Ok(fs::write(installed, SUITE)?)
}

/// Systems have no Python 2.7 any more, but pyenv does.
fn python(project: &Project) -> Result<PathBuf> {
    if let Some(python) = project.find("python2.7")
        && process::succeeds(project.command_at(&python).arg("--version"))
    {
        return Ok(python);
    }
    let root = process::output(project.command("pyenv").arg("root"))
        .context("please install Python 2.7, or pyenv: the Autobahn testsuite needs it")?;
    let python = PathBuf::from(root)
        .join("versions")
        .join(PYTHON)
        .join("bin/python2.7");
    if !python.exists() {
        announce(&format!("builds Python {PYTHON} with pyenv"));
        process::run(project.command("pyenv").args(["install", PYTHON]))?;
    }
    Ok(python)
}
