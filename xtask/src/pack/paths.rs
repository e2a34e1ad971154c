//! Panics name the source files they are in: without where these lie on this machine, it builds what
//! others build.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;
use crate::wasm_toolchain::WasmToolchain;

/// The compiler's flags that leave such places out.
pub fn flags(project: &Project, toolchain: &WasmToolchain) -> Result<String> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("there is no home")?.join(".cargo"),
    };
    let rustc = |option| process::output(toolchain.command(project, "rustc").args(option));
    let sysroot = rustc(["--print", "sysroot"])?;
    // What it calls the library's source where that is not installed.
    let version = rustc(["--version", "--verbose"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .context("rustc does not know its commit")?;
    Ok(format!(
        "--remap-path-prefix={}=cargo --remap-path-prefix={sysroot}/lib/rustlib/src/rust=/rustc/{commit}",
        home.display()
    ))
}
