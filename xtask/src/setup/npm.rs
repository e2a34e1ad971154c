//! Node packages, in the target directory.

use std::fs;

use anyhow::Result;

use super::announce;
use crate::process;
use crate::project::Project;

/// `wasm-opt` (Debian's is too old for today's wasm features) and a server to test against.
const PACKAGES: &[(&str, &str)] = &[("binaryen", "132.0.0"), ("ws", "8.23.0")];

pub fn install(project: &Project) -> Result<()> {
    let is_there = |(name, version): &(&str, &str)| {
        let manifest = project.node_modules().join(name).join("package.json");
        let text = fs::read_to_string(manifest).unwrap_or_default();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        manifest["version"] == *version
    };
    if PACKAGES.iter().all(is_there) {
        return Ok(());
    }
    let packages: Vec<_> = PACKAGES
        .iter()
        .map(|(name, version)| format!("{name}@{version}"))
        .collect();
    let dir = project.own.join("npm");
    announce(&format!(
        "installs the npm packages {} in {}",
        packages.join(", "),
        dir.display()
    ));
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("package.json"), "{ \"private\": true }\n")?;
    let mut npm = project.command("npm");
    npm.args([
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--save-exact",
    ])
    .args(packages);
    process::run(npm.current_dir(dir))
}
