//! Node packages: what the lock files of `npm/` and its directories pin, installed beside
//! them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Need, announce};
use crate::process;
use crate::project::Project;

/// In `node_modules`: the lock file that it was made from.
const STAMP: &str = ".installed-lock.json";

pub fn install(project: &Project, needs: &[Need]) -> Result<()> {
    if needs.contains(&Need::NodePackages) {
        install_in(&project.npm(), project)?;
        link(project, "npm", &project.npm())?;
    }
    if needs.contains(&Need::Runtimes) {
        let runtimes = project.npm().join("runtimes");
        install_in(&runtimes, project)?;
        link(project, "runtimes", &runtimes)?;
    }
    if needs.contains(&Need::Hosts) {
        install_in(&project.npm().join("hosts"), project)?;
    }
    if needs.contains(&Need::Reference) {
        install_in(&project.npm().join("reference"), project)?;
    }
    Ok(())
}

/// Without the packages' own scripts: none of them is needed.
fn install_in(dir: &Path, project: &Project) -> Result<()> {
    let lock = dir.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let stamp = dir.join("node_modules").join(STAMP);
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    announce(&format!(
        "installs the npm packages that {}/package-lock.json pins",
        dir.display()
    ));
    let mut npm = project.command("npm");
    npm.args([
        "ci",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]);
    process::run(npm.current_dir(dir))?;
    Ok(fs::write(stamp, lock)?)
}

/// The programs of other runtimes, and what tests run with them, look below the target directory.
fn link(project: &Project, name: &str, to: &Path) -> Result<()> {
    let link = project.own.join(name);
    if fs::read_link(&link).is_ok_and(|target| target == to) {
        return Ok(());
    }
    match fs::symlink_metadata(&link) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&link)?,
        Ok(_) => fs::remove_file(&link)?,
        Err(_) => fs::create_dir_all(&project.own)?,
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, &link)?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir(to, &link)?;
    Ok(())
}
