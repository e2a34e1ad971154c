//! What a program that chose one runtime gets of the others: nothing.

use std::process::Command;

/// The crates of all runtimes, by the feature that brings them.
const RUNTIMES: [(&str, &[&str]); 3] = [
    (
        "async-std",
        &["async-std", "async-io", "async-global-executor"],
    ),
    ("smol", &["async-net", "async-io"]),
    ("tokio", &["tokio"]),
];

/// The names of all that a program needs that has this runtime.
fn dependencies(runtime: &str) -> Vec<String> {
    let features = format!("{runtime},native-tls,tracing");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["tree", "--locked", "--edges", "normal", "--prefix", "none"]);
    cargo.args(["--package", "qwebsocket", "--no-default-features"]);
    cargo.args(["--features", &features]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn one_runtime_brings_no_other() {
    let all: Vec<_> = RUNTIMES.iter().flat_map(|(_, crates)| *crates).collect();
    for (runtime, own) in RUNTIMES {
        let found = dependencies(runtime);
        for name in &all {
            let is_there = found.iter().any(|found| found == *name);
            assert_eq!(is_there, own.contains(name), "{runtime}: {name}");
        }
    }
}
