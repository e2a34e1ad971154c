//! `windows`: the library linked for Windows with MinGW, its unit tests and a conversation of its
//! examples under Wine.
//!
//! The native tests are not built: their peers need OpenSSL for Windows, which Debian does not have.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::process::{self, Running};
use crate::project::{CRATE, Project};
use crate::setup;
use crate::web_example::DONE;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Debian's Wine has no `bcryptprimitives.dll`, from which Rust's standard library takes its random
/// numbers. This is all of it that is needed.
const RANDOM: &str = "\
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return RtlGenRandom(data, (ULONG)length);
}
";

/// A step that takes longer hangs: the slowest one compiles everything once.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Each with a TLS library that Windows has or that needs none.
const FEATURES: [&str; 2] = ["async-std,native-tls", "smol,rustls"];

/// On by default in the crate.
const PARTS: &str = "authentication,compression,idna,proxy,redirects,server";

pub fn run(project: &Project) -> Result<()> {
    setup::install_missing(project, setup::FOR_WINDOWS)?;
    let dir = project.own.join("windows");
    build_random_numbers(project, &dir)?;
    for features in FEATURES {
        let mut tests = cargo(project, &dir, "test");
        tests.args(["--lib", "--no-default-features", "--features"]);
        shown(tests.arg(format!("{features},{PARTS}")), |_| {})?;
    }
    shown(cargo(project, &dir, "build").arg("--examples"), |_| {})?;
    converse(project, &dir)
}

fn shown(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    Running::piped(command)?.each_line(LIMIT, |line| {
        println!("{line}");
        each(line);
    })
}

fn build_random_numbers(project: &Project, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    let source = dir.join("random.c");
    fs::write(&source, RANDOM)?;
    let mut compiler = project.command("x86_64-w64-mingw32-gcc");
    compiler.arg("-shared").arg(source).arg("-o");
    process::run(
        compiler
            .arg(dir.join("bcryptprimitives.dll"))
            .arg("-ladvapi32"),
    )
}

fn cargo(project: &Project, dir: &Path, command: &str) -> Command {
    let mut cargo = project.command("cargo");
    cargo.args([command, "--package", CRATE, "--target", TARGET]);
    cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", WINE);
    in_wine(&mut cargo, dir);
    cargo
}

/// Where Debian's package `wine64` has it.
pub const WINE: &str = "/usr/lib/wine/wine64";

fn in_wine(command: &mut Command, dir: &Path) {
    command.env("WINEPREFIX", dir.join("prefix"));
    command.env("WINEPATH", format!("Z:{}", dir.display()));
    command.env("WINEDEBUG", "-all");
}

/// The example of a client talks to that of a server.
fn converse(project: &Project, dir: &Path) -> Result<()> {
    let example = |name: &str| {
        let mut wine = project.command(WINE);
        in_wine(&mut wine, dir);
        let examples = project.target.join(TARGET).join("debug/examples");
        wine.arg(examples.join(format!("{name}.exe")));
        wine
    };
    let mut server = example("echo_server");
    let (_server, url) = Running::server(server.args(["--port", "0"]), "listening on ")?;
    let mut is_done = false;
    shown(example("echo_client").arg(url), |line| {
        is_done |= line.trim_end() == DONE;
    })?;
    ensure!(is_done, "the client did not come to its end");
    Ok(())
}
