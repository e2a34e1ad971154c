//! Node packages, in the target directory.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{Need, announce};
use crate::process;
use crate::project::Project;

/// What packs and tests the npm package, what drives and judges the page, and a server to test
/// against. Debian's `wasm-opt` is too old for today's wasm features.
const TOOLS: &[(&str, &str)] = &[
    ("@arethetypeswrong/cli", "0.18.5"),
    ("@types/node", "26.6.6"),
    ("axe-core", "4.14.1"),
    ("binaryen", "132.0.0"),
    ("esbuild", "0.28.2"),
    ("partysocket", "1.3.0"),
    ("playwright-core", "1.65.1"),
    ("publint", "0.3.25"),
    ("selenium-webdriver", "4.49.0"),
    ("typescript", "7.0.2"),
    ("vite", "8.3.8"),
    ("webpack", "5.112.2"),
    ("ws", "8.23.0"),
];

const BUN: &str = "1.4.5";
const DENO: &str = "2.9.6";
/// Newer than the one that runs all this: with a WebSocket of its own.
const NODE: &str = "26.10.0";

pub fn install(project: &Project, needs: &[Need]) -> Result<()> {
    if needs.contains(&Need::NodePackages) {
        install_in(&project.own.join("npm"), project, TOOLS)?;
    }
    if needs.contains(&Need::Runtimes) {
        let node = node_package();
        let runtimes = [("bun", BUN), ("deno", DENO), (node.as_str(), NODE)];
        install_in(&project.own.join("runtimes"), project, &runtimes)?;
    }
    Ok(())
}

/// Node's program, which comes in a package for each platform.
fn node_package() -> String {
    let os = if OS == "macos" { "darwin" } else { OS };
    let arch = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("node-{os}-{arch}")
}

/// Without the packages' own scripts: none of them is needed.
fn install_in(dir: &Path, project: &Project, packages: &[(&str, &str)]) -> Result<()> {
    let is_there = |(name, version): &(&str, &str)| {
        let manifest = dir.join("node_modules").join(name).join("package.json");
        let text = fs::read_to_string(manifest).unwrap_or_default();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        manifest["version"] == *version
    };
    if packages.iter().all(is_there) {
        return Ok(());
    }
    let packages: Vec<_> = packages
        .iter()
        .map(|(name, version)| format!("{name}@{version}"))
        .collect();
    announce(&format!(
        "installs the npm packages {} in {}",
        packages.join(", "),
        dir.display()
    ));
    fs::create_dir_all(dir)?;
    fs::write(dir.join("package.json"), "{ \"private\": true }\n")?;
    let mut npm = project.command("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund"])
        .args(["--save-exact", "--ignore-scripts"])
        .args(packages);
    process::run(npm.current_dir(dir))
}
