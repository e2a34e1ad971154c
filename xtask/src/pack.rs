//! `pack`: the npm package. wasm-pack builds its cores as `wasm-pack.toml` says; the scripts of `npm/`
//! do all the rest.

mod paths;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::project::{CRATE, Project};
use crate::wasm_toolchain::{TARGET, WasmToolchain};
use crate::{node_tests, process, setup};

/// The crate that becomes the cores, and what each is built with.
const CORE: &str = "npm/core";
const CORES: [(&str, &str, &[&str]); 2] = [
    ("QWEBSOCKET_CORE", "core", &[]),
    (
        "QWEBSOCKET_CORE_FULL",
        "core-full",
        &["--", "--features", "reconnecting"],
    ),
];
const AT_ONCE: usize = 2;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Config {
    target: String,
    scope: Option<String>,
    profile: String,
    wasm_opt: Vec<String>,
}

/// Packs the package into a tarball in the target directory and returns its path.
pub fn run(project: &Project) -> Result<PathBuf> {
    let tarball = pack_into(project, &project.target.join("npm"))?;
    println!("{}", tarball.display());
    Ok(tarball)
}

/// Installs a fresh tarball wherever it has to run, and tries it there.
pub fn test(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_PACK_TEST)?;
    let tarball = run(project)?;
    let again = pack_into(project, &project.own.join("packed-again"))?;
    for script in ["typecheck", "lint", "format:check"] {
        process::run(&mut npm(project, script))?;
    }
    process::run(
        node_tests::command(
            project,
            &["npm/test/unit", "npm/test/model", "tests/npm"],
            AT_ONCE,
        )?
        .env("QWEBSOCKET_TARBALL", tarball)
        .env("QWEBSOCKET_TARBALL_AGAIN", again)
        .env("QWEBSOCKET_PACKAGE", package_dir(project)),
    )
}

/// Packs the package's directory into `target`, as it would be published.
fn pack_into(project: &Project, target: &Path) -> Result<PathBuf> {
    let dir = package(project)?;
    fs::create_dir_all(target)?;
    let mut npm = project.command("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]);
    let name = process::output(npm.arg(target).current_dir(dir))?;
    Ok(target.join(name))
}

/// Builds the package and returns the directory that holds it, as it is when it is installed.
pub fn package(project: &Project) -> Result<PathBuf> {
    setup::install_missing(project, setup::FOR_PACK)?;
    let dir = package_dir(project);
    let mut build = npm(project, "build");
    for (variable, name, features) in CORES {
        let core = project.own.join("wasm-pack").join(name);
        build_core(project, &core, features)?;
        build.env(variable, core);
    }
    // What cargo has left for the last of them becomes JavaScript, too.
    build.env("QWEBSOCKET_CORE_RAW", raw_core(project)?);
    if let Some(scope) = Config::read(project)?.scope {
        build.env("QWEBSOCKET_NAME", format!("@{scope}/{CRATE}"));
    }
    process::run(build.env("QWEBSOCKET_PACKAGE", &dir))?;
    Ok(dir)
}

fn raw_core(project: &Project) -> Result<PathBuf> {
    let profile = Config::read(project)?.profile;
    let dir = project.target.join(TARGET).join(profile);
    Ok(dir.join("qwebsocket_npm.wasm"))
}

fn package_dir(project: &Project) -> PathBuf {
    project.own.join("package")
}

/// A script of `npm/package.json`.
pub fn npm(project: &Project, script: &str) -> Command {
    let mut npm = project.command("npm");
    npm.args(["run", "--silent", script])
        .current_dir(project.npm());
    npm
}

/// Builds a core, its glue and a manifest in `dir`.
fn build_core(project: &Project, dir: &Path, features: &[&str]) -> Result<()> {
    let config = Config::read(project)?;
    let toolchain = WasmToolchain::installed(project)?;
    let mut wasm_pack = toolchain.command(project, "wasm-pack");
    wasm_pack.args(["build", "--mode", "no-install"]);
    wasm_pack.args(["--no-opt", "--no-gitignore"]);
    wasm_pack.args(["--target", &config.target, "--profile", &config.profile]);
    wasm_pack.arg("--out-dir").arg(dir);
    let flags = paths::flags(project, &toolchain)?;
    wasm_pack.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    wasm_pack.args(["--out-name", CRATE]);
    wasm_pack.arg(project.root.join(CORE)).args(features);
    process::run(&mut wasm_pack)?;
    optimize(project, &dir.join(format!("{CRATE}_bg.wasm")))
}

/// Not left to wasm-pack, which takes flags for its own profiles only.
pub fn optimize(project: &Project, wasm: &Path) -> Result<()> {
    let flags = Config::read(project)?.wasm_opt;
    let before = fs::metadata(wasm)?.len();
    process::run(
        project
            .command("wasm-opt")
            .args(flags)
            .arg(wasm)
            .arg("-o")
            .arg(wasm),
    )?;
    let after = fs::metadata(wasm)?.len();
    println!(
        "{}: {after} bytes ({before} before wasm-opt)",
        wasm.display()
    );
    Ok(())
}

impl Config {
    fn read(project: &Project) -> Result<Self> {
        let text = fs::read_to_string(project.root.join("wasm-pack.toml"))
            .context("cannot read wasm-pack.toml")?;
        toml::from_str(&text).context("in wasm-pack.toml")
    }
}
