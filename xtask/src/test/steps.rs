//! The steps of `test`, in their order.

use std::num::NonZero;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::browsers;
use super::report::Tally;
use super::server::Servers;
use crate::process::{self, Running};
use crate::project::{CRATE, PROGRAMS, Project, TESTS};
use crate::setup;
use crate::wasm_toolchain::{TARGET, WasmToolchain};

/// Each has to compile by itself: a feature that leans on another one shows only alone.
const FEATURE_SETS: &[&[&str]] = &[
    &["--no-default-features"],
    &["--no-default-features", "--features", "async-std"],
    &[
        "--no-default-features",
        "--features",
        "smol,native-tls,proxy",
    ],
    &[
        "--no-default-features",
        "--features",
        "tokio,native-tls,server",
    ],
    &[
        "--no-default-features",
        "--features",
        "async-std,openssl,idna",
    ],
    &["--no-default-features", "--features", "tokio,rustls"],
    &["--no-default-features", "--features", "tokio,redirects"],
    &["--all-features"],
];

/// The runtimes besides the default one, and rustls by itself, each with what the tests need.
const OTHER_RUNTIMES: &[(&str, &str)] = &[
    (
        "native-smol",
        "authentication,compression,idna,proxy,redirects,server,smol,native-tls,tracing",
    ),
    (
        "native-tokio",
        "authentication,compression,idna,proxy,redirects,server,tokio,native-tls,serde,tracing",
    ),
    (
        "native-rustls",
        "authentication,compression,idna,proxy,redirects,server,tokio,rustls,tracing",
    ),
];

/// Sets of runtimes that may come together, for the tests of what a program then uses; and one in which
/// all else is left out.
const RUNTIME_SETS: &[(&str, &str)] = &[
    (
        "runtimes-all",
        "async-std,proxy,redirects,server,smol,tokio",
    ),
    ("runtimes-async-std-tokio", "async-std,server,tokio"),
    ("runtimes-tokio", "server,tokio"),
    ("runtimes-none", "server"),
    ("runtimes-left-out", "tokio"),
];

/// Other systems, and what is checked for them: all that a C compiler of this machine can do. ring
/// needs Apple's own for macOS.
const OTHER_SYSTEMS: &[(&str, &str)] = &[
    (
        "x86_64-pc-windows-gnu",
        "async-std,smol,tokio,native-tls,rustls,webpki-roots,http,idna,proxy,redirects,server,tracing",
    ),
    (
        "aarch64-apple-darwin",
        "async-std,smol,tokio,native-tls,http,idna,proxy,redirects,server,tracing",
    ),
];

/// A step that takes longer hangs: the slowest one compiles everything once.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Tells native tests where setup put the Node and Python packages that they talk to.
const COUNTERPARTS_VARIABLE: &str = "QWEBSOCKET_COUNTERPARTS";

/// One command, which has to succeed.
pub struct Step {
    pub name: String,
    command: Command,
    has_tests: bool,
    is_beside: bool,
}

impl Step {
    pub fn check(name: impl Into<String>, command: Command) -> Self {
        Self {
            name: name.into(),
            command,
            has_tests: false,
            is_beside: false,
        }
    }

    /// A step that fails also when no test ran.
    pub fn tests(name: impl Into<String>, command: Command) -> Self {
        Self {
            name: name.into(),
            command,
            has_tests: true,
            is_beside: false,
        }
    }

    /// A step that runs at the same time as the one before it, because both mostly wait.
    pub fn beside(mut self) -> Self {
        self.is_beside = true;
        self
    }

    pub fn has_tests(&self) -> bool {
        self.has_tests
    }

    pub fn is_beside(&self) -> bool {
        self.is_beside
    }

    pub fn run(
        &mut self,
        servers: Option<&Servers>,
        tally: &mut Tally,
        mut show: impl FnMut(&str),
    ) -> Result<()> {
        if self.has_tests {
            let processors = thread::available_parallelism().map_or(1, NonZero::get);
            // Most tests wait for a peer or a limit.
            let at_once = 2 * processors;
            self.command.env("RUST_TEST_THREADS", at_once.to_string());
            if let Some(servers) = servers {
                let variables = servers.variables.iter();
                self.command
                    .envs(variables.map(|(name, value)| (name, value)));
            }
        }
        show(&format!("$ {}", process::shown(&self.command)));
        Running::piped(&mut self.command)?.each_line(LIMIT, |line| {
            show(line);
            tally.read(line);
        })?;
        ensure!(!self.has_tests || !tally.is_empty(), "no test ran");
        Ok(())
    }
}

pub fn all(project: &Project, wasm: &WasmToolchain) -> Vec<Step> {
    let cargo = |arguments: &[&str]| with(project.command("cargo"), arguments);
    let wasm_cargo = |arguments: &[&str]| {
        with(
            with(wasm.command(project, "cargo"), arguments),
            &["--target", TARGET],
        )
    };

    let mut steps = vec![
        Step::check("fmt", cargo(&["fmt", "--all", "--check"])),
        Step::check(
            "clippy",
            denying(cargo(&["clippy", "--workspace", "--all-targets"])),
        ),
        Step::check(
            "clippy-openssl",
            denying(cargo(&["clippy", "--all-targets", "--features", "openssl"])),
        ),
        Step::check(
            "clippy-rustls",
            denying(cargo(&["clippy", "--all-targets", "--features", "rustls"])),
        ),
        Step::check(
            "clippy-wasm",
            denying(wasm_cargo(&[
                "clippy",
                "--package",
                CRATE,
                "--package",
                "qwebsocket-npm",
                "--package",
                PROGRAMS,
                "--package",
                TESTS,
                "--all-targets",
                "--features",
                "qwebsocket/__npm_reconnecting",
            ])),
        ),
    ];
    for package in ["benches", "fuzz"] {
        // Packages of their own, with target directories of their own.
        let mut command = cargo(&["clippy", "--all-targets", "--manifest-path"]);
        command.arg(project.root.join(package).join("Cargo.toml"));
        command.arg("--target-dir").arg(project.own.join(package));
        if package == "fuzz" {
            command.env("RUSTFLAGS", "--cfg fuzzing");
        }
        steps.push(Step::check(format!("clippy-{package}"), denying(command)));
    }
    for set in FEATURE_SETS {
        // Clippy is a check that can deny warnings without compiling the dependencies anew.
        let name = format!(
            "features-{}",
            set.last().unwrap_or(&"").trim_start_matches('-')
        );
        steps.push(Step::check(
            name,
            denying(with(cargo(&["clippy", "--lib"]), set)),
        ));
    }
    steps.push(Step::check("oldest-rust", {
        let mut command = cargo(&["check", "--lib", "--test", "native"]);
        command.env("RUSTUP_TOOLCHAIN", &project.msrv);
        command
    }));
    for (target, features) in OTHER_SYSTEMS {
        let mut command = cargo(&["check", "--lib", "--target", target]);
        command.args(["--no-default-features", "--features", features]);
        steps.push(Step::check(*target, command));
    }
    steps.push(Step::check("unwind-wasm", {
        let mut command = cargo(&["check", "--package", CRATE, "--lib", "--target", TARGET]);
        command.args([
            "--no-default-features",
            "--features",
            "__npm_reconnecting,tracing",
        ]);
        // Such programs need a std that unwinds, which only they compile themselves.
        command.arg("-Zbuild-std=std,panic_unwind");
        command.arg("--target-dir").arg(project.own.join("unwind"));
        command.env("RUSTUP_TOOLCHAIN", setup::NIGHTLY);
        command.env("RUSTFLAGS", "-Cpanic=unwind");
        command
    }));
    steps.push(Step::check("bounds", cargo(&["xtask", "bounds"])));
    steps.push(Step::tests("native", {
        // Its features would be those of the library, too.
        let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
        for package in ["frameworks", "machines", "runtimes"] {
            command.args(["--exclude", package]);
        }
        command.env(COUNTERPARTS_VARIABLE, &project.own);
        command
    }));
    steps.push(Step::tests("native-openssl", {
        let mut command = cargo(&["test", "--test", "native", "--no-fail-fast"]);
        command.args(["--features", "openssl"]);
        command.env(COUNTERPARTS_VARIABLE, &project.own);
        command
    }));
    for (name, features) in OTHER_RUNTIMES {
        let mut command = cargo(&["test", "--test", "native", "--no-fail-fast"]);
        command.args(["--no-default-features", "--features", features]);
        command.env(COUNTERPARTS_VARIABLE, &project.own);
        steps.push(Step::tests(*name, command));
    }
    for (name, features) in RUNTIME_SETS {
        let mut command = cargo(&["test", "--package", "runtimes", "--no-fail-fast"]);
        command.args(["--no-default-features", "--features", features]);
        steps.push(Step::tests(*name, command));
    }
    // Together, so that tokio is compiled once for both.
    let frameworks = ["--package", "frameworks", "--package", "machines"];
    steps.push(Step::tests(
        "frameworks",
        with(cargo(&["test", "--no-fail-fast"]), &frameworks),
    ));
    let test = cargo(&["test", "--no-fail-fast"]);
    steps.push(Step::tests("interfaces", interfaces(project, test)));
    let clippy = wasm_cargo(&["clippy", "--examples", "--all-features"]);
    let clippy = denying(interfaces(project, clippy));
    steps.push(Step::check("interfaces-wasm", clippy));
    // With the examples that the first of these steps has built.
    steps.push(Step::tests(
        "autobahn",
        cargo(&["xtask", "autobahn", "--quick"]),
    ));
    steps.extend(browsers::steps(project, wasm));
    steps.push(Step::check(
        "examples-wasm",
        wasm_cargo(&["build", "--examples", "--features", "serde"]),
    ));
    steps.push(Step::tests("npm", cargo(&["xtask", "pack", "--test"])));
    steps.push(Step::check("size", cargo(&["xtask", "size"])));
    steps.push(Step::tests("page", cargo(&["xtask", "serve", "--test"])));
    let doc = ["doc", "--no-deps", "--package", CRATE];
    steps.push(Step::check("doc", documented(cargo(&doc))));
    steps.push(Step::check("doc-wasm", documented(wasm_cargo(&doc))));
    steps
}

/// Of user interfaces, which have a lock file of their own, and the target directory of all.
fn interfaces(project: &Project, mut command: Command) -> Command {
    command.args(["--locked", "--manifest-path", "tests/interfaces/Cargo.toml"]);
    command.arg("--target-dir").arg(&project.target);
    command
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

fn denying(clippy: Command) -> Command {
    with(clippy, &["--", "-D", "warnings"])
}

fn documented(mut doc: Command) -> Command {
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}
