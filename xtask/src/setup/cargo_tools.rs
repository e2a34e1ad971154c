//! Command line tools that cargo installs.

use anyhow::Result;

use super::{Need, announce};
use crate::process;
use crate::project::Project;

const CARGO_FUZZ: &str = "0.13.2";
const WASM_PACK: &str = "0.15.1";
const GECKODRIVER: &str = "0.37.1";

pub fn install(project: &Project, needs: &[Need]) -> Result<()> {
    let mut missing = Vec::new();
    if needs.contains(&Need::CargoFuzz) && project.find("cargo-fuzz").is_none() {
        missing.push(format!("cargo-fuzz@{CARGO_FUZZ}"));
    }
    if needs.contains(&Need::WasmPack) && project.find("wasm-pack").is_none() {
        missing.push(format!("wasm-pack@{WASM_PACK}"));
    }
    if needs.contains(&Need::Drivers) && project.find("geckodriver").is_none() {
        missing.push(format!("geckodriver@{GECKODRIVER}"));
    }
    let bindgen = format!("wasm-bindgen-cli@{}", project.wasm_bindgen);
    let mut other_bindgen = false;
    if needs.contains(&Need::WasmBindgen) {
        match bindgen_version(project) {
            Some(version) if version == project.wasm_bindgen => {}
            Some(_) => other_bindgen = true,
            None => missing.push(bindgen.clone()),
        }
    }
    if !missing.is_empty() {
        cargo_install(project, &missing, false)?;
    }
    if other_bindgen {
        // The one that is there belongs to somebody else's project.
        cargo_install(project, &[bindgen], true)?;
    }
    Ok(())
}

fn bindgen_version(project: &Project) -> Option<String> {
    project.find("wasm-bindgen")?;
    let version = process::output(project.command("wasm-bindgen").arg("--version")).ok()?;
    Some(version.split_whitespace().nth(1)?.to_owned())
}

/// Without `--locked`: the lock file of wasm-bindgen-cli names a package that was yanked.
fn cargo_install(project: &Project, crates: &[String], in_target: bool) -> Result<()> {
    announce(&format!(
        "builds {}, which takes some minutes",
        crates.join(", ")
    ));
    let mut cargo = project.command("cargo");
    cargo.args(["install", "--quiet"]).args(crates);
    if in_target {
        cargo.arg("--root").arg(project.own.join("cargo"));
    }
    process::run(&mut cargo)
}
