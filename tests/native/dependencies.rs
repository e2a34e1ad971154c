//! What a program gets with the features that it chose: neither what others bring nor more crates
//! than there are reasons for.

use std::collections::BTreeSet;
use std::process::Command;

use crate::common::root;

/// The crates of all runtimes, by the feature that brings them.
const RUNTIMES: [(&str, &[&str]); 3] = [
    (
        "async-std",
        &["async-std", "async-io", "async-global-executor"],
    ),
    ("smol", &["async-net", "async-io"]),
    ("tokio", &["tokio"]),
];

/// The crates of TLS libraries and of what can be left out, by the feature that brings them.
const OPTIONAL: [(&str, &[&str]); 8] = [
    ("native-tls", &["async-native-tls", "native-tls"]),
    ("openssl", &["openssl"]),
    ("rustls", &["rustls", "ring"]),
    ("authentication", &["http-auth", "md-5"]),
    ("compression", &["flate2", "zlib-rs"]),
    ("idna", &["idna"]),
    ("proxy", &["ipnet"]),
    ("redirects", &["url"]),
];

/// The most crates, this one among them, and those that come in two versions; `docs/decisions.md`
/// says what they are for.
const LARGEST: [(&str, usize, &[&str]); 3] = [
    (
        "async-std,authentication,compression,idna,native-tls,proxy,redirects,server",
        133,
        &[
            "async-channel",
            "block-buffer",
            "cpufeatures",
            "crypto-common",
            "digest",
            "event-listener",
            "getrandom",
            "rand",
            "rand_core",
            "sha2",
            "syn",
        ],
    ),
    ("tokio,native-tls", 91, &["syn"]),
    ("tokio,rustls", 59, &["getrandom"]),
];

/// Names and versions of all that a program needs that has these features, on Linux.
fn dependencies(features: &str) -> BTreeSet<(String, String)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root());
    cargo.args(["tree", "--locked", "--edges", "normal", "--prefix", "none"]);
    cargo.args(["--target", "x86_64-unknown-linux-gnu"]);
    cargo.args(["--package", "qwebsocket", "--no-default-features"]);
    cargo.args(["--features", features]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let crates = lines.lines().map(|line| {
        let mut words = line.split(' ').map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap())
    });
    crates.collect()
}

fn has(crates: &BTreeSet<(String, String)>, name: &str) -> bool {
    crates.iter().any(|(found, _)| found == name)
}

#[test]
fn one_runtime_brings_no_other() {
    let all: Vec<_> = RUNTIMES.iter().flat_map(|(_, crates)| *crates).collect();
    for (runtime, own) in RUNTIMES {
        let found = dependencies(&format!("{runtime},native-tls,tracing"));
        for name in &all {
            assert_eq!(has(&found, name), own.contains(name), "{runtime}: {name}");
        }
    }
}

#[test]
fn what_is_left_out_is_not_there() {
    // native-tls is over the crate of OpenSSL here, async-native-tls takes names by url, and url by idna.
    let brings = |feature, other| {
        feature == other
            || match feature {
                "native-tls" => ["idna", "openssl", "redirects"].contains(&other),
                "redirects" => other == "idna",
                _ => false,
            }
    };
    for (feature, _) in OPTIONAL {
        let found = dependencies(&format!("tokio,{feature}"));
        for (other, crates) in OPTIONAL {
            for name in crates {
                assert_eq!(
                    has(&found, name),
                    brings(feature, other),
                    "{feature}: {name}"
                );
            }
        }
    }
}

#[test]
fn there_are_no_more_crates_than_there_are_reasons_for() {
    for (features, most, twice) in LARGEST {
        let found = dependencies(features);
        assert!(
            found.len() <= most,
            "{features}: {} {found:#?}",
            found.len()
        );
        let names = found.iter().map(|(name, _)| name);
        let doubles: BTreeSet<_> = names
            .clone()
            .zip(names.skip(1))
            .filter(|(one, next)| one == next)
            .map(|(name, _)| &**name)
            .collect();
        assert_eq!(doubles, twice.iter().copied().collect(), "{features}");
    }
}
