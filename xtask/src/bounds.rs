//! `bounds`: whether the library builds with the oldest versions that `Cargo.toml` allows.
//!
//! Cargo chooses them for the packages of a workspace with all that their tests need. So the library
//! is checked under a manifest without tests and examples, which is made of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;
use crate::setup;
use crate::wasm_toolchain::{TARGET, WasmToolchain};

/// What leans on another feature's dependencies shows alone.
const NATIVE: &[&str] = &[
    "--all-features",
    "",
    "async-std",
    "smol",
    "tokio",
    "native-tls",
    "openssl",
    "rustls",
];

const WEB: &[&str] = &["", "__npm_reconnecting,tracing"];

pub fn run(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_BOUNDS)?;
    let wasm = WasmToolchain::installed(project)?;
    let dir = project.own.join("bounds");
    fs::create_dir_all(&dir)?;
    write_manifest(project, &dir)?;
    choose_oldest(project, &dir)?;
    for features in NATIVE {
        check(project.command("cargo"), &dir, features)?;
    }
    for features in WEB {
        let mut cargo = wasm.command(project, "cargo");
        cargo.args(["--config", &format!("build.target={TARGET:?}")]);
        check(cargo, &dir, features)?;
    }
    Ok(())
}

fn write_manifest(project: &Project, dir: &Path) -> Result<()> {
    let path = project.root.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let library = project.root.join("src/lib.rs");
    let manifest = format!("{}\n[lib]\npath = {library:?}\n", of_library(&manifest));
    fs::write(dir.join("Cargo.toml"), manifest)?;
    Ok(())
}

/// What a manifest says of a library and of its dependencies.
fn of_library(manifest: &str) -> String {
    let mut is_kept = true;
    let mut kept = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            let is_other = ["[[test]]", "[[example]]", "[[bench]]"].contains(&line);
            is_kept = !is_other && !line.contains("dev-dependencies");
        }
        let names_packages = ["members =", "default-members =", "exclude ="];
        let is_member = names_packages.iter().any(|start| line.starts_with(start));
        if is_kept && !is_member {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

/// The oldest versions of what the library names itself. Of what stands behind that, the newest: its
/// bounds are not ours.
fn choose_oldest(project: &Project, dir: &Path) -> Result<()> {
    let lock = dir.join("Cargo.lock");
    if lock.exists() {
        fs::remove_file(&lock)?;
    }
    let mut cargo = project.command("cargo");
    // The option is not stable.
    cargo.env("RUSTUP_TOOLCHAIN", setup::NIGHTLY);
    cargo.args(["update", "--quiet", "-Zdirect-minimal-versions"]);
    process::run(cargo.current_dir(dir))
}

fn check(mut cargo: Command, dir: &Path, features: &str) -> Result<()> {
    cargo.args(["check", "--lib", "--locked", "--quiet", "--target-dir"]);
    cargo.arg(dir.join("target"));
    match features {
        "--all-features" => cargo.arg(features),
        _ => cargo.args(["--no-default-features", "--features", features]),
    };
    println!("$ {}", process::shown(&cargo));
    process::run(cargo.current_dir(dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_tests_need_is_left_out() {
        let manifest = "[package]\nname = 'a'\n[dependencies]\nb = '1'\n[dev-dependencies]\nc = '1'\n\
            [target.'cfg(unix)'.dependencies]\nd = '1'\n[target.'cfg(unix)'.dev-dependencies]\n\
            e = '1'\n[[test]]\nname = 't'\n[workspace]\nmembers = ['x']\nresolver = '3'\n";
        let expected = "[package]\nname = 'a'\n[dependencies]\nb = '1'\n\
            [target.'cfg(unix)'.dependencies]\nd = '1'\n[workspace]\nresolver = '3'\n";
        assert_eq!(of_library(manifest), expected);
    }
}
