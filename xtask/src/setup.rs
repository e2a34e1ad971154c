//! `setup`: installs what is missing. Each part looks first, says what it installs, and is quick
//! and silent where everything is there.

mod autobahn;
mod cargo_tools;
mod npm;
mod python;
mod rust;
mod system;

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::project::Project;

pub use rust::NIGHTLY;

/// What a command needs from the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To compile and link the native library.
    OpenSsl,
    /// To compile for the browser.
    WasmTarget,
    WasmBindgen,
    WasmPack,
    Chromium,
    /// Firefox, and what drives both browsers in tests.
    Drivers,
    /// The oldest Rust that the crate promises to compile with.
    OldestRust,
    /// To check the library for Windows and macOS.
    OtherSystems,
    /// Real servers to test against, and a look at system calls.
    Counterparts,
    /// To run programs for Windows.
    Wine,
    /// To count instructions.
    Valgrind,
    NodePackages,
    /// Where the npm package runs besides browsers and the Node that is there: Bun, Deno, a newer Node.
    Runtimes,
    /// Bundlers, test runners and hosts that the package is tried with.
    Hosts,
    /// What writes the reference of the npm package.
    Reference,
    PythonPackages,
    Autobahn,
    /// What fuzzing takes; nothing else does.
    CargoFuzz,
    /// For options of cargo and of the compiler that are not stable, with the source of std.
    Nightly,
    /// QWebSocket itself, to be compared with; nothing depends on it.
    QtWebSockets,
}

pub const EVERYTHING: &[Need] = &[
    Need::OpenSsl,
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmPack,
    Need::Chromium,
    Need::Drivers,
    Need::OldestRust,
    Need::Nightly,
    Need::OtherSystems,
    Need::Counterparts,
    Need::NodePackages,
    Need::Runtimes,
    Need::Hosts,
    Need::Reference,
    Need::PythonPackages,
    Need::Autobahn,
];
pub const FOR_DEMO: &[Need] = &[
    Need::OpenSsl,
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::Chromium,
];
pub const FOR_BENCH: &[Need] = &[Need::OpenSsl];
pub const FOR_INSTRUCTIONS: &[Need] = &[Need::OpenSsl, Need::Valgrind];
/// Besides what packing takes.
pub const FOR_BENCH_WEB: &[Need] = &[Need::OpenSsl, Need::Chromium, Need::Drivers, Need::Runtimes];
pub const FOR_BOUNDS: &[Need] = &[Need::OpenSsl, Need::WasmTarget, Need::Nightly];
pub const FOR_FUZZ: &[Need] = &[Need::CargoFuzz, Need::Nightly];
pub const FOR_PACK: &[Need] = &[
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmPack,
    Need::NodePackages,
];
pub const FOR_WINDOWS: &[Need] = &[Need::OtherSystems, Need::Wine];
/// Besides what packing takes.
pub const FOR_REFERENCE: &[Need] = &[Need::Reference];
/// Besides what packing takes.
pub const FOR_SERVE: &[Need] = &[Need::OpenSsl];
pub const FOR_SERVE_TEST: &[Need] = &[Need::Chromium, Need::Drivers];
pub const FOR_PACK_TEST: &[Need] = &[Need::Chromium, Need::Drivers, Need::Runtimes, Need::Hosts];

pub fn run(project: &Project) -> Result<()> {
    install_missing(project, EVERYTHING)?;
    install_missing(project, FOR_FUZZ)?;
    println!("setup: everything is there");
    Ok(())
}

/// Makes sure that every one of `needs` is met; the error says what is left for a human to do.
pub fn install_missing(project: &Project, needs: &[Need]) -> Result<()> {
    system::install(project, needs)?;
    if needs.contains(&Need::OldestRust) {
        rust::install_oldest(project)?;
    }
    if needs.contains(&Need::Nightly) {
        rust::install_nightly(project)?;
    }
    if needs.contains(&Need::OtherSystems) {
        rust::install_other_systems(project)?;
    }
    if needs.contains(&Need::WasmTarget) {
        rust::install_wasm_target(project)?;
    }
    cargo_tools::install(project, needs)?;
    npm::install(project, needs)?;
    if needs.contains(&Need::PythonPackages) {
        python::install(project)?;
    }
    if needs.contains(&Need::Autobahn) {
        autobahn::install(project)?;
    }
    Ok(())
}

/// One line before anything is changed on the machine.
fn announce(what: &str) {
    println!("setup: {what}");
}

/// A command that writes outside the project.
fn as_root(project: &Project, program: &str) -> Command {
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    if is_root {
        return project.command(program);
    }
    let mut sudo = project.command("sudo");
    sudo.arg(program);
    sudo
}
