//! Where the project is, and the versions that its own files settle.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::process;

/// The library; xtask reads its manifest but does not depend on it.
pub const CRATE: &str = "qwebsocket";
/// The package of its tests.
pub const TESTS: &str = "tests";
/// The package whose examples the tests run beside them.
pub const PROGRAMS: &str = "programs";

pub struct Project {
    pub root: PathBuf,
    /// Cargo's target directory, wherever cargo was told to have it.
    pub target: PathBuf,
    /// Where xtask keeps what it builds or installs for this project alone.
    pub own: PathBuf,
    /// The oldest Rust that `Cargo.toml` promises, in full: `1.95.0`.
    pub msrv: String,
    /// The version in `Cargo.lock`; the command line tool has to be of exactly this one.
    pub wasm_bindgen: String,
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    rust_version: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

impl Project {
    pub fn load() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        cargo.arg("--manifest-path");
        cargo.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        let metadata: Metadata = serde_json::from_str(&process::output(&mut cargo)?)?;
        let library = metadata
            .packages
            .iter()
            .find(|package| package.name == CRATE);
        let msrv = library
            .and_then(|package| package.rust_version.as_deref())
            .with_context(|| format!("Cargo.toml has no `rust-version` for {CRATE}"))?;

        let lock_file = metadata.workspace_root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&lock_file)
            .with_context(|| format!("cannot read {}", lock_file.display()))?;
        Ok(Self {
            msrv: full_version(msrv),
            wasm_bindgen: locked_version(&lock, "wasm-bindgen")?,
            root: metadata.workspace_root,
            own: metadata.target_directory.join("xtask"),
            target: metadata.target_directory,
        })
    }

    /// The npm package: its sources, and the tools that build and test it.
    pub fn npm(&self) -> PathBuf {
        self.root.join("npm")
    }

    /// Node packages that xtask installed.
    pub fn node_modules(&self) -> PathBuf {
        self.npm().join("node_modules")
    }

    /// The Python of the virtual environment that xtask made.
    pub fn python(&self) -> PathBuf {
        let program = if cfg!(windows) {
            "Scripts/python.exe"
        } else {
            "bin/python"
        };
        self.own.join("python").join(program)
    }

    /// An example of the library that cargo built for this machine, without optimization.
    pub fn native_example(&self, name: &str) -> PathBuf {
        let program = format!("{name}{}", env::consts::EXE_SUFFIX);
        self.target.join("debug").join("examples").join(program)
    }

    /// A program started in the project's root, which finds xtask's own tools first.
    pub fn command(&self, program: &str) -> Command {
        self.command_at(Path::new(program))
    }

    /// The same for a program whose place is known.
    pub fn command_at(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", self.search_path());
        command
    }

    /// Where `program` lies, if it is there at all.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        let name = format!("{program}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&self.search_path())
            .map(|dir| dir.join(&name))
            .find(|path| path.is_file())
    }

    /// `PATH`, with xtask's own tools first.
    pub fn search_path(&self) -> OsString {
        let own = [
            self.own.join("cargo").join("bin"),
            self.node_modules().join(".bin"),
        ];
        let inherited = env::var_os("PATH").unwrap_or_default();
        env::join_paths(own.into_iter().chain(env::split_paths(&inherited))).unwrap_or(inherited)
    }
}

/// The version of `name` in the text of a `Cargo.lock`, which must hold it once.
fn locked_version(lock: &str, name: &str) -> Result<String> {
    let lock: Lock = toml::from_str(lock).context("Cargo.lock is not what cargo writes")?;
    let mut versions = lock
        .package
        .into_iter()
        .filter(|package| package.name == name);
    let package = versions
        .next()
        .with_context(|| format!("Cargo.lock holds no {name}"))?;
    ensure!(
        versions.next().is_none(),
        "Cargo.lock holds more than one {name}"
    );
    Ok(package.version)
}

/// `1.95` as rustup names it: `1.95.0`.
fn full_version(version: &str) -> String {
    let missing = 3usize.saturating_sub(version.split('.').count());
    version.to_owned() + &".0".repeat(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_found_once() {
        let lock = "[[package]]\nname = 'a'\nversion = '1.2.3'\n";
        assert_eq!(locked_version(lock, "a").unwrap(), "1.2.3");
        assert!(locked_version(lock, "b").is_err());
        assert!(locked_version(&lock.repeat(2), "a").is_err());
    }

    #[test]
    fn a_rust_version_gets_three_parts() {
        assert_eq!(full_version("1.95"), "1.95.0");
        assert_eq!(full_version("1.95.1"), "1.95.1");
    }
}
