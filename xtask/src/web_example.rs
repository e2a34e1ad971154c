//! An example of the library, as a module that a page can load.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process;
use crate::project::Project;
use crate::wasm_toolchain::{TARGET, WasmToolchain};

/// Builds the example and puts it in `dir` under the name `module`: the place of its wasm there.
pub fn build(
    project: &Project,
    example: &str,
    profile: &str,
    dir: &Path,
    module: &str,
) -> Result<PathBuf> {
    let mut cargo = WasmToolchain::installed(project)?.command(project, "cargo");
    cargo.args(["build", "--example", example, "--target", TARGET]);
    process::run(cargo.args(["--profile", profile]))?;

    // Cargo's profile `dev` has a directory of another name.
    let profile_dir = if profile == "dev" { "debug" } else { profile };
    let wasm = project
        .target
        .join(TARGET)
        .join(profile_dir)
        .join("examples")
        .join(format!("{example}.wasm"));
    let mut bindgen = project.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", module]);
    process::run(bindgen.arg("--out-dir").arg(dir).arg(wasm))?;
    Ok(dir.join(format!("{module}_bg.wasm")))
}
