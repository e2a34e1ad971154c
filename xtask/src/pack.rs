//! `pack`: the npm package. wasm-pack builds the core as `wasm-pack.toml` says, and [`assembly`]
//! puts it together with the files of `npm/`.

mod assembly;
mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::project::{CRATE, Project};
use crate::wasm_toolchain::WasmToolchain;
use crate::{node_tests, process, setup};

/// The crate that becomes the core.
const NPM: &str = "npm/core";
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
    process::run(
        node_tests::command(project, "tests/npm", AT_ONCE)?
            .env("QWEBSOCKET_TARBALL", tarball)
            .env("QWEBSOCKET_TARBALL_AGAIN", again),
    )
}

fn pack_into(project: &Project, target: &Path) -> Result<PathBuf> {
    assembly::pack(project, &package(project)?, target)
}

/// Builds the package and returns the directory that holds it, as it is when it is installed.
pub fn package(project: &Project) -> Result<PathBuf> {
    setup::install_missing(project, setup::FOR_PACK)?;
    let core = project.own.join("wasm-pack");
    build(project, &core)?;
    let name = match Config::read(project)?.scope {
        Some(scope) => format!("@{scope}/{CRATE}"),
        None => CRATE.to_owned(),
    };
    assembly::assemble(project, &core, name)
}

/// Builds the core, its glue and a manifest in `dir`.
fn build(project: &Project, dir: &Path) -> Result<()> {
    let config = Config::read(project)?;
    let toolchain = WasmToolchain::installed(project)?;
    let mut wasm_pack = toolchain.command(project, "wasm-pack");
    wasm_pack.args(["build", "--mode", "no-install"]);
    wasm_pack.args(["--no-opt", "--no-gitignore", "--no-typescript"]);
    wasm_pack.args(["--target", &config.target, "--profile", &config.profile]);
    wasm_pack.arg("--out-dir").arg(dir);
    let flags = paths::flags(project, &toolchain)?;
    wasm_pack.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    wasm_pack.args(["--out-name", CRATE]);
    wasm_pack.arg(project.root.join(NPM));
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
