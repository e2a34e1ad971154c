//! Whom the default options trust, against servers that nobody here wrote.

use qwebsocket::{ErrorKind, Options, Socket, TlsConfig, WebSocket};
#[cfg(feature = "native-tls")]
use qwebsocket::{TlsErrorKind, TlsLibrary};
use rcgen::{ExtendedKeyUsagePurpose, date_time_ymd};

use super::{Authority, Files, params, serve, socket};
use crate::common::{GOOD_END, Peer, fail, message, run, to_end};

/// A certificate that is refused: the server hears of it before it sees a request.
fn assert_refused(files: &Files, tls: TlsConfig) {
    for peer in [Peer::Node, Peer::Python] {
        let (server, port) = serve(peer, files, None);
        let error = run(fail(
            &socket(tls.clone()),
            format!("wss://localhost:{port}/"),
        ));
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
        if let Peer::Node = peer {
            let line = server.line();
            assert!(line.starts_with("tls "), "{line}");
        }
    }
}

#[test]
fn who_is_signed_by_a_given_authority_is_trusted() {
    let authority = Authority::new("authority");
    let files = authority.issue("trusted", params(&["localhost"]));
    let pem = TlsConfig::new().root_pem(authority.root());
    let other = Authority::new("other");
    let among_others = other.trusted().root_pem(authority.root());
    for peer in [Peer::Node, Peer::Python] {
        let (server, port) = serve(peer, &files, None);
        for tls in [authority.trusted(), pem.clone(), among_others.clone()] {
            run(async {
                let url = format!("wss://localhost:{port}/echo");
                let options = Options::new().tls(tls);
                let socket = Socket::connect_with(&*url, options).await.unwrap();
                socket.send("grüß Gott".into()).unwrap();
                assert_eq!(message(&socket).await, "grüß Gott".into());
                assert_eq!(socket.request_url(), url);
                assert_eq!(socket.peer_address().unwrap().port(), port);
                socket.close(Default::default()).unwrap();
                assert_eq!(to_end(&socket).await, GOOD_END);
            });
        }
        if let Peer::Node = peer {
            assert_eq!(server.line(), "secure TLSv1.3 localhost");
        }
    }
}

#[test]
fn an_address_is_looked_for_in_the_certificate_and_not_sent_as_a_name() {
    let authority = Authority::new("authority");
    let files = authority.issue("address", params(&["127.0.0.1"]));
    let (server, port) = serve(Peer::Node, &files, None);
    run(async {
        let options = Options::new().tls(authority.trusted());
        let url = format!("wss://127.0.0.1:{port}/");
        Socket::connect_with(url, options).await.unwrap();
    });
    assert_eq!(server.line(), "secure TLSv1.3 -");
    assert_refused(&files, authority.trusted());
}

#[test]
fn an_unknown_authority_is_refused() {
    let authority = Authority::new("unknown");
    let files = authority.issue("unknown", params(&["localhost"]));
    assert_refused(&files, TlsConfig::new());
    assert_refused(&files, TlsConfig::new().system_roots(false));
    // It has the name of the right one, but not its key.
    assert_refused(&files, Authority::new("unknown").trusted());
}

#[test]
fn another_host_is_refused() {
    let authority = Authority::new("authority");
    let names = ["localhost.example", "*.localhost", "127.0.0.1"];
    let files = authority.issue("other", params(&names));
    assert_refused(&files, authority.trusted());
}

/// RFC 6125 §6.4.4: a common name is no host.
#[cfg(feature = "native-tls")]
#[test]
fn only_alternative_names_count() {
    let authority = Authority::new("authority");
    let mut nameless = params(&[]);
    nameless
        .distinguished_name
        .push(rcgen::DnType::CommonName, "localhost");
    let files = authority.issue("common-name", nameless);
    // This one would take it, so it is our own check that refuses, when TLS is done.
    let tls = authority.trusted().library(TlsLibrary::NativeTls);
    let (server, port) = serve(Peer::Node, &files, None);
    let error = run(fail(&socket(tls), format!("wss://localhost:{port}/")));
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    let [wrong] = error.tls_errors() else {
        panic!("{error:?}");
    };
    assert_eq!(wrong.kind(), TlsErrorKind::HostNameMismatch);
    assert_eq!(wrong.certificate().unwrap().subject(), "CN=localhost");
    assert!(server.line().starts_with("secure "));
    // The request would be the next line.
    assert_eq!(server.rest(), [""; 0]);
}

#[test]
fn a_certificate_has_its_time() {
    let authority = Authority::new("authority");
    let mut expired = params(&["localhost"]);
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let files = authority.issue("expired", expired);
    assert_refused(&files, authority.trusted());

    let mut future = params(&["localhost"]);
    future.not_before = date_time_ymd(2901, 1, 1);
    future.not_after = date_time_ymd(2902, 1, 1);
    let files = authority.issue("future", future);
    assert_refused(&files, authority.trusted());
}

#[test]
fn a_certificate_for_clients_is_refused() {
    let authority = Authority::new("authority");
    let mut client = params(&["localhost"]);
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let files = authority.issue("client", client);
    assert_refused(&files, authority.trusted());
}

#[test]
fn tls_1_2_is_the_lowest_version() {
    let authority = Authority::new("authority");
    let files = authority.issue("versions", params(&["localhost"]));
    run(async {
        for version in ["TLSv1.2", "TLSv1.3"] {
            let (server, port) = serve(Peer::Node, &files, Some(version));
            let options = Options::new().tls(authority.trusted());
            let url = format!("wss://localhost:{port}/");
            Socket::connect_with(url, options).await.unwrap();
            assert_eq!(server.line(), format!("secure {version} localhost"));
        }
        for version in ["TLSv1.1", "TLSv1"] {
            let (server, port) = serve(Peer::Node, &files, Some(version));
            let url = format!("wss://localhost:{port}/");
            let error = fail(&socket(authority.trusted()), url).await;
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
            assert_eq!(server.line(), "tls ERR_SSL_UNSUPPORTED_PROTOCOL");
        }
    });
}

#[test]
fn a_malformed_root_is_refused() {
    for tls in [
        TlsConfig::new().root_pem("no certificate"),
        TlsConfig::new().root_der([1, 2, 3]),
    ] {
        let error = Options::new().tls(tls).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}
