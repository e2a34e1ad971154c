//! Rust itself: the oldest version that the crate promises, a nightly, and the wasm32 target.
//!
//! Where rustup's server cannot be reached, Debian's own toolchain for browsers stands in. It
//! comes with the source of its library, but without that library compiled for this target.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{announce, as_root, system};
use crate::process;
use crate::project::Project;
use crate::wasm_toolchain::{LINKED, TARGET, WasmToolchain};

/// The compiler, its cargo, its linter, its library's source and the linker of the same LLVM.
const DEBIAN_TOOLCHAIN: &[&str] = &[
    "rustc-web",
    "cargo-web",
    "rust-web-clippy",
    "rust-web-src",
    "lld-22",
];
const DEBIAN_BIN: &str = "/usr/bin";
const DEBIAN_LINKER: &str = "/usr/bin/lld-22";

/// Systems that the library is checked for, besides the one it runs on.
const OTHER_SYSTEMS: &[&str] = &["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];

/// The toolchain that takes options that are not stable: one that is known to work.
pub const NIGHTLY: &str = "nightly-2026-05-20";
const STD_SOURCE: &str = "rust-src";

pub fn install_oldest(project: &Project) -> Result<()> {
    install_toolchain(project, &project.msrv)
}

pub fn install_nightly(project: &Project) -> Result<()> {
    install_toolchain(project, NIGHTLY)?;
    let component = |verb: &[&str]| {
        let mut rustup = project.command("rustup");
        rustup.args(["component"]).args(verb);
        rustup.args(["--toolchain", NIGHTLY]);
        rustup
    };
    let installed = process::output(&mut component(&["list", "--installed"]))?;
    if installed.lines().any(|name| name == STD_SOURCE) {
        return Ok(());
    }
    announce("adds the source of Rust's library to the nightly");
    process::run(&mut component(&["add", STD_SOURCE]))
}

fn install_toolchain(project: &Project, wanted: &str) -> Result<()> {
    let toolchains = process::output(project.command("rustup").args(["toolchain", "list"]))
        .context("rustup is needed: https://rustup.rs")?;
    if toolchains
        .lines()
        .any(|line| line.starts_with(&format!("{wanted}-")))
    {
        return Ok(());
    }
    announce(&format!("installs Rust {wanted}"));
    let mut rustup = project.command("rustup");
    process::run(rustup.args(["toolchain", "install", "--profile", "minimal", wanted]))
}

pub fn install_other_systems(project: &Project) -> Result<()> {
    let list = ["target", "list", "--installed"];
    let installed = process::output(project.command("rustup").args(list))?;
    let is_missing = |target: &&&str| !installed.lines().any(|line| line == **target);
    let missing: Vec<_> = OTHER_SYSTEMS.iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    announce("adds the targets of other systems");
    let mut rustup = project.command("rustup");
    process::run(rustup.args(["target", "add"]).args(missing))
}

pub fn install_wasm_target(project: &Project) -> Result<()> {
    if WasmToolchain::find(project).is_some() {
        return Ok(());
    }
    announce(&format!("adds the target {TARGET}"));
    let mut rustup = project.command("rustup");
    rustup
        .args(["target", "add", TARGET])
        .env("RUST_BACKTRACE", "0");
    let added = process::run(&mut rustup);
    if added.is_err() && system::has_apt(project) {
        announce("takes Debian's Rust for the browser, since rustup did not get the target");
        install_from_debian(project)?;
    }
    match (WasmToolchain::find(project), added) {
        (Some(_), _) => Ok(()),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => bail!("rustup added {TARGET}, but rustc still cannot compile for it"),
    }
}

fn install_from_debian(project: &Project) -> Result<()> {
    system::apt_install(project, DEBIAN_TOOLCHAIN)?;
    announce(&format!(
        "compiles the library of Debian's Rust for {TARGET}"
    ));
    let sysroot = PathBuf::from(process::output(
        debian(project, "rustc").args(["--print", "sysroot"]),
    )?);
    let host = process::output(debian(project, "rustc").args(["--print", "host-tuple"]))?;
    let rustlib = sysroot.join("lib/rustlib");

    let libraries = compile_std(project)?;
    let lib = rustlib.join(TARGET).join("lib");
    // What an older compiler left there would only confuse this one.
    process::run(as_root(project, "rm").arg("-rf").arg(&lib))?;
    process::run(as_root(project, "mkdir").arg("-p").arg(&lib))?;
    process::run(as_root(project, "cp").args(libraries).arg(&lib))?;

    let bin = rustlib.join(host).join("bin");
    process::run(as_root(project, "mkdir").arg("-p").arg(&bin))?;
    process::run(
        as_root(project, "ln")
            .args(["-sf", DEBIAN_LINKER])
            .arg(bin.join("rust-lld")),
    )?;
    process::run(
        project
            .command("rustup")
            .args(["toolchain", "link", LINKED])
            .arg(sysroot),
    )
}

/// Compiles the library below an empty crate and returns its parts.
fn compile_std(project: &Project) -> Result<Vec<PathBuf>> {
    let dir = project.own.join("wasm-std");
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(dir.join("Cargo.toml"), manifest)?;

    let target_dir = dir.join("target");
    let mut cargo = debian(project, "cargo");
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--target",
        TARGET,
        "--target-dir",
    ]);
    cargo
        .arg(&target_dir)
        .arg("-Zbuild-std=std,panic_abort,test,proc_macro");
    // Cargo leaves building the library to nightlies. Without bitcode no profile with `lto` links.
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    process::run(cargo.current_dir(&dir))?;
    libraries_in(&target_dir.join(TARGET).join("release/deps"))
}

fn libraries_in(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            found.push(path);
        }
    }
    Ok(found)
}

/// A command of Debian's toolchain, whatever else is in front of it in the path.
fn debian(project: &Project, program: &str) -> Command {
    let mut command = project.command_at(&Path::new(DEBIAN_BIN).join(program));
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{DEBIAN_BIN}:{path}"));
    command
}
