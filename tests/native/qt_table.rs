//! The tables of the documentation against what they speak of.

use std::collections::BTreeSet;

use qwebsocket::{Features, Socket};

const QT: &str = include_str!("../../src/docs/qt.md");
const README: &str = include_str!("../../README.md");
const NAMES_TS: &str = include_str!("../../npm/src/names.ts");
const TYPES_TS: &str = include_str!("../../npm/src/types.ts");

/// Each method, static function, slot and signal of `QWebSocket`, overloads one by one.
const MEMBERS: &str = include_str!("qt_members.txt");

#[test]
fn every_member_has_one_row() {
    let members: BTreeSet<&str> = MEMBERS.lines().collect();
    assert_eq!(
        members.len(),
        MEMBERS.lines().count(),
        "a member is listed twice"
    );
    let mut rows = BTreeSet::new();
    for row in table(QT, "## Members") {
        let name = row[0]
            .strip_prefix('`')
            .and_then(|name| name.strip_suffix('`'))
            .unwrap_or_else(|| panic!("{:?} is not one name in backticks", row[0]));
        assert!(rows.insert(name), "{name} has two rows");
    }
    let missing: Vec<_> = members.difference(&rows).collect();
    let unknown: Vec<_> = rows.difference(&members).collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
    assert!(unknown.is_empty(), "no members of QWebSocket: {unknown:?}");
}

#[test]
fn every_cell_says_something() {
    for (heading, columns) in [("## Members", 4), ("## Errors", 2), ("## What differs", 3)] {
        for row in table(QT, heading) {
            assert_eq!(row.len(), columns, "{heading}: {row:?}");
            assert!(
                row.iter().all(|cell| !cell.is_empty()),
                "{heading}: {row:?}"
            );
        }
    }
}

#[test]
fn every_member_is_there() {
    for row in table(QT, "## Members") {
        let says = |text| row.iter().any(|cell| cell.contains(text));
        assert!(!says("not supported") && !says("nothing yet"), "{row:?}");
    }
}

#[test]
fn what_is_said_to_need_a_library_needs_it() {
    const HAS_OPENSSL: bool = cfg!(feature = "openssl");
    const HAS_EITHER: bool = cfg!(any(feature = "openssl", feature = "rustls"));

    let mut seen = Features::NONE;
    for row in table(QT, "## Members") {
        for (feature, name) in Features::ALL.iter() {
            for (needs, is_on) in [
                ("`openssl`", HAS_OPENSSL),
                ("`openssl` or `rustls`", HAS_EITHER),
            ] {
                if row[2].contains(&format!("with the crate feature {needs}: [`{name}`]")) {
                    let is_there = Socket::FEATURES.contains(feature);
                    assert_eq!(is_there, is_on, "{row:?}");
                    seen |= feature;
                }
            }
        }
    }
    let expected = Features::TLS_ERRORS
        | Features::TLS_INTERRUPTION
        | Features::TLS_ALERTS
        | Features::PRE_SHARED_KEY
        | Features::TLS_INFO;
    assert_eq!(seen, expected);
}

#[test]
fn the_readme_knows_every_feature() {
    let rows = table(README, "## What works where");
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let expected: Vec<_> = Features::ALL.iter().map(|(_, name)| name).collect();
    assert_eq!(names, expected);
    for ((feature, name), row) in Features::ALL.iter().zip(&rows) {
        let claim = match row[2] {
            "yes" => true,
            "no" => false,
            "with `authentication`" => cfg!(feature = "authentication"),
            "with `proxy`" => cfg!(feature = "proxy"),
            "with `redirects`" => cfg!(feature = "redirects"),
            "with `server`" => cfg!(feature = "server"),
            "with `compression`" => cfg!(feature = "compression"),
            "with `openssl`" => cfg!(feature = "openssl"),
            "with `openssl` or `rustls`" => cfg!(any(feature = "openssl", feature = "rustls")),
            "with `native-tls`, `openssl` or `rustls`" => cfg!(any(
                feature = "native-tls",
                feature = "openssl",
                feature = "rustls"
            )),
            other => panic!("{name}: {other}"),
        };
        assert_eq!(claim, Socket::FEATURES.contains(feature), "{name}");
        assert!(matches!(row[3], "yes" | "no"), "{name}: {}", row[3]);
    }
}

/// The package has them by their names, in the order of the core's bits.
#[test]
fn the_package_knows_every_feature() {
    let expected: Vec<_> = Features::ALL.iter().map(|(_, name)| name).collect();
    let (_, names) = NAMES_TS.split_once("NAMES =").expect("a list of names");
    let names = names.split('"').nth(1).expect("a string");
    assert_eq!(names.split(' ').collect::<Vec<_>>(), expected);

    let (_, union) = TYPES_TS.split_once("type Feature =").expect("a union");
    let (union, _) = union.split_once(';').expect("its end");
    let names: Vec<_> = union.split('"').skip(1).step_by(2).collect();
    assert_eq!(names, expected);
}

/// The rows of the first table under a heading, without its head.
fn table<'a>(text: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let rows: Vec<_> = text
        .lines()
        .skip_while(|line| *line != heading)
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(cells)
        .collect();
    assert!(!rows.is_empty(), "no table under {heading:?}");
    rows
}

fn cells(row: &str) -> Vec<&str> {
    let inside = row
        .strip_prefix('|')
        .and_then(|row| row.trim_end().strip_suffix('|'));
    let cells = inside
        .unwrap_or_else(|| panic!("{row:?} has no end"))
        .split('|');
    cells.map(str::trim).collect()
}
