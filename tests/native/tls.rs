//! `wss`, with certificates of our own, against servers that nobody here wrote.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use qwebsocket::{ErrorKind, Options, Socket, Timeouts, TlsConfig, WebSocket};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use socket2::SockRef;

use crate::common::{Counterpart, GOOD_END, Peer, fail, message, run, to_end};

/// Signs certificates.
pub(crate) struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// The files of a certificate and its key.
pub(crate) type Files = [String; 2];

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        Authority {
            certificate: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate and its key.
    pub(crate) fn pem(&self, params: CertificateParams) -> [String; 2] {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        [certificate.pem(), key.serialize_pem()]
    }

    pub(crate) fn issue(&self, test: &str, params: CertificateParams) -> Files {
        let path = |kind| {
            let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
            dir.join(format!("{test}.{kind}.pem"))
                .to_str()
                .unwrap()
                .to_owned()
        };
        let files = [path("certificate"), path("key")];
        for (file, pem) in files.iter().zip(self.pem(params)) {
            fs::write(file, pem).unwrap();
        }
        files
    }

    /// Its own certificate.
    pub(crate) fn root(&self) -> String {
        self.certificate.pem()
    }

    /// Trusts nobody else.
    pub(crate) fn trusted(&self) -> TlsConfig {
        let config = TlsConfig::new().system_roots(false);
        config.root_der(self.certificate.der().to_vec())
    }
}

pub(crate) fn params(names: &[&str]) -> CertificateParams {
    CertificateParams::new(
        names
            .iter()
            .map(|name| name.to_string())
            .collect::<Vec<_>>(),
    )
    .unwrap()
}

fn serve(peer: Peer, files: &Files, version: Option<&str>) -> (Counterpart, u16) {
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    arguments.extend(version);
    Counterpart::server(peer, &arguments)
}

fn socket(tls: TlsConfig) -> Socket {
    Socket::with_options(Options::new().tls(tls)).unwrap()
}

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

/// Answers a ClientHello so.
fn server(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        answer(&mut stream);
    });
    format!("wss://{address}/")
}

#[test]
fn who_is_signed_by_a_given_authority_is_trusted() {
    let authority = Authority::new("authority");
    let files = authority.issue("trusted", params(&["localhost"]));
    let pem = TlsConfig::new().root_pem(authority.certificate.pem());
    let other = Authority::new("other");
    let among_others = other.trusted().root_pem(authority.certificate.pem());
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
#[test]
fn only_alternative_names_count() {
    let authority = Authority::new("authority");
    let mut nameless = params(&[]);
    nameless
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let files = authority.issue("common-name", nameless);
    // OpenSSL would take it, so it is our own check that refuses, when TLS is done.
    let (server, port) = serve(Peer::Node, &files, None);
    let url = format!("wss://localhost:{port}/");
    let error = run(fail(&socket(authority.trusted()), url));
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(error.to_string().contains("alternative names"), "{error}");
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

#[test]
fn a_server_without_tls_is_one_clear_error() {
    let (_server, port) = Counterpart::server(Peer::Node, &[]);
    let greeting = server(|stream| stream.write_all(b"220 mail.example ESMTP\r\n").unwrap());
    run(async {
        for url in [format!("wss://127.0.0.1:{port}/echo"), greeting] {
            let error = fail(&Socket::new(), url).await;
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
            assert!(error.to_string().contains("TLS"), "{error}");
        }
    });
}

#[test]
fn a_handshake_that_breaks_off_is_the_remote_hosts_end() {
    let reset = server(|stream| {
        SockRef::from(&*stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    });
    let error = run(fail(&Socket::new(), reset));
    assert_eq!(error.kind(), ErrorKind::RemoteClosed, "{error}");
}

#[test]
fn a_handshake_that_ends_is_the_remote_hosts_end() {
    let error = run(fail(&Socket::new(), server(|_| {})));
    assert_eq!(error.kind(), ErrorKind::RemoteClosed, "{error}");
}

#[test]
fn a_handshake_has_its_time_limit() {
    const LIMIT: Duration = Duration::from_millis(400);
    let silent = support::silent().unwrap();
    let options = Options::new().timeouts(Timeouts::new().tls(LIMIT));
    let socket = Socket::with_options(options).unwrap();
    run(async {
        let begin = Instant::now();
        let error = fail(&socket, format!("wss://{}/", silent.address())).await;
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        assert!((LIMIT..5 * LIMIT).contains(&begin.elapsed()));
    });
}

#[test]
fn a_connection_that_breaks_off_is_the_remote_hosts_end() {
    let authority = Authority::new("authority");
    let files = authority.issue("broken-off", params(&["localhost"]));
    for peer in [Peer::Node, Peer::Python] {
        let (_server, port) = serve(peer, &files, None);
        run(async {
            let options = Options::new().tls(authority.trusted());
            let url = format!("wss://localhost:{port}/abrupt");
            let socket = Socket::connect_with(url, options).await.unwrap();
            let end = [
                "Error(RemoteClosed)",
                "Unconnected",
                "ReadFinished",
                "Disconnected",
            ];
            assert_eq!(to_end(&socket).await, end, "{peer:?}");
        });
    }
}

#[test]
fn large_messages_go_both_ways() {
    let authority = Authority::new("authority");
    let files = authority.issue("large", params(&["localhost"]));
    let data: Vec<u8> = (0..16 << 20).map(|i: u32| (i % 251) as u8).collect();
    for peer in [Peer::Node, Peer::Python] {
        let (_server, port) = serve(peer, &files, None);
        run(async {
            let options = Options::new().tls(authority.trusted());
            let url = format!("wss://localhost:{port}/echo");
            let socket = Socket::connect_with(url, options).await.unwrap();
            socket.send(data.clone().into()).unwrap();
            assert!(message(&socket).await == data.clone().into(), "{peer:?}");
        });
    }
}
