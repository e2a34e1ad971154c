//! `pack`: the npm package in the flavours that `wasm-pack.toml` names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::process;
use crate::project::{CRATE, Project};
use crate::setup;
use crate::wasm_toolchain::WasmToolchain;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Config {
    flavours: Vec<String>,
    scope: Option<String>,
    features: Vec<String>,
    profile: String,
    wasm_opt: Vec<String>,
}

/// Builds every flavour, or the one asked for, each in a directory of its name.
pub fn run(project: &Project, flavour: Option<&str>) -> Result<()> {
    setup::install_missing(project, setup::FOR_PACK)?;
    let flavours = match flavour {
        Some(flavour) => vec![flavour.to_owned()],
        None => Config::read(project)?.flavours,
    };
    for flavour in flavours {
        build(project, &flavour, &project.own.join("pkg").join(&flavour))?;
    }
    Ok(())
}

/// Builds one flavour in `dir`.
pub fn build(project: &Project, flavour: &str, dir: &Path) -> Result<()> {
    let config = Config::read(project)?;
    ensure!(
        config.flavours.iter().any(|known| known == flavour),
        "wasm-pack.toml has no flavour `{flavour}`, only {}",
        config.flavours.join(", "),
    );
    let mut wasm_pack = WasmToolchain::installed(project)?.command(project, "wasm-pack");
    wasm_pack.args([
        "build",
        "--mode",
        "no-install",
        "--no-opt",
        "--no-gitignore",
    ]);
    wasm_pack.args(["--target", flavour, "--profile", &config.profile]);
    wasm_pack.arg("--out-dir").arg(dir);
    if let Some(scope) = &config.scope {
        wasm_pack.args(["--scope", scope]);
    }
    wasm_pack
        .arg(&project.root)
        .args(["--features", &config.features.join(",")]);
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
