//! Which of the installed toolchains compiles for wasm32.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which setup links a toolchain where rustup's own cannot have the target.
pub const LINKED: &str = "qwebsocket-wasm";

/// A toolchain that was seen to compile for wasm32.
pub struct WasmToolchain {
    /// rustup's name for it; none is the one that is active anyway.
    name: Option<&'static str>,
}

impl WasmToolchain {
    /// The active toolchain if it can, else the linked one if it can.
    pub fn find(project: &Project) -> Option<Self> {
        [None, Some(LINKED)]
            .into_iter()
            .map(|name| Self { name })
            .find(|toolchain| toolchain.compiles(project))
    }

    /// The same for commands that run behind setup.
    pub fn installed(project: &Project) -> Result<Self> {
        Self::find(project).with_context(|| format!("no toolchain here compiles for {TARGET}"))
    }

    /// A command whose cargo and rustc are this toolchain's.
    pub fn command(&self, project: &Project, program: &str) -> Command {
        let mut command = project.command(program);
        if let Some(name) = self.name {
            command.env("RUSTUP_TOOLCHAIN", name);
        }
        command
    }

    /// An empty library needs the target's `std`, from exactly this compiler: a listing of
    /// directories would not notice one that an upgrade left behind.
    fn compiles(&self, project: &Project) -> bool {
        let probe = project.own.join("probe");
        if std::fs::create_dir_all(&probe).is_err() {
            return false;
        }
        let mut rustc = self.command(project, "rustc");
        rustc.args(["--target", TARGET, "--crate-type=lib", "--crate-name=probe"]);
        rustc.args(["--emit=metadata", "-", "--out-dir"]).arg(probe);
        process::succeeds(&mut rustc)
    }
}
