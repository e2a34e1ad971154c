//! `docs/tls.md` has what the libraries do.

use std::fs;

use qwebsocket::{Options, Socket, TlsConfig, TlsErrorKind, TlsLibrary, WebSocket};

use super::matrix::{Row, rows};
use super::{Authority, LIBRARIES, front, params, url};
use crate::common::{root, run};
use crate::tls_front::shows;

/// The lines of the table below this heading, without its own.
fn table(heading: &str) -> Vec<Vec<String>> {
    let paper = fs::read_to_string(root().join("docs/tls.md")).unwrap();
    let (_, below) = paper.split_once(&format!("\n## {heading}\n")).unwrap();
    let lines = below.lines().skip_while(|line| !line.starts_with('|'));
    let lines = lines.take_while(|line| line.starts_with('|')).skip(2);
    let cells = lines.map(|line| line.trim_matches('|').split('|'));
    cells
        .map(|cells| cells.map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

fn list(errors: &[TlsErrorKind]) -> String {
    if errors.is_empty() {
        return "none".to_owned();
    }
    let names = errors.iter().map(|error| format!("`{error:?}`"));
    names.collect::<Vec<_>>().join(", ")
}

fn line(row: &Row) -> Vec<String> {
    let by_openssl = [row.errors, row.also].concat();
    let by_native_tls = match by_openssl.len() {
        _ if !row.is_for_all => "`Unsupported`".to_owned(),
        0 | 1 => list(&by_openssl),
        _ => "one of OpenSSL's".to_owned(),
    };
    vec![
        row.name.to_owned(),
        list(&by_openssl),
        list(row.errors),
        by_native_tls,
    ]
}

#[test]
fn errors_are_those_of_the_matrix() {
    let expected: Vec<_> = rows().iter().map(line).collect();
    assert_eq!(table("What is wrong with a certificate"), expected);
}

#[test]
fn facts_of_a_connection_are_told() {
    let table = table("Facts of a connection");
    let ca = Authority::new("ca");
    let chain = ca
        .below(Authority::params("sub"))
        .pem(params(&["localhost"]));
    let front = front(shows(&chain));
    for library in LIBRARIES {
        let column = match library {
            TlsLibrary::OpenSsl => 1,
            TlsLibrary::Rustls => 2,
            _ => 3,
        };
        let trusting = || ca.trusted().library(*library);
        let builds = |tls: TlsConfig| Options::new().tls(tls).build().is_ok();
        let connecting = Socket::connect_with(url(&front), Options::new().tls(trusting()));
        let info = run(connecting).unwrap().info().tls().cloned().unwrap();
        for line in &table {
            let is_told = match &*line[0] {
                "`version`" => info.version().is_some(),
                "`cipher`" => info.cipher().is_some(),
                "`resumed`" => info.resumed().is_some(),
                "`alpn`" => builds(trusting().alpn(["chat"])),
                "`ignored_errors`" => builds(trusting().ask_errors(true)),
                "`peer_certificates`" => {
                    let told = match info.peer_certificates().len() {
                        1 => "the peer's own",
                        _ => "all that were sent",
                    };
                    assert_eq!(line[column], told, "{library:?}");
                    continue;
                }
                other => panic!("nothing is known of {other}"),
            };
            assert_eq!(is_told, line[column] != "no", "{library:?}: {}", line[0]);
        }
    }
}
