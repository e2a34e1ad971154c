//! What is told of a connection afterwards.

use std::time::{Duration, SystemTime};

use ::openssl::hash::MessageDigest;
use ::openssl::x509::X509;
use qwebsocket::{Socket, TlsVersion, WebSocket};
use rcgen::{DnType, date_time_ymd};

use super::super::{Authority, connect, echo, front, named};
use crate::common::run;
use crate::tls_front::shows;

#[test]
fn it_tells_all_that_was_agreed_on() {
    let authority = Authority::new("authority");
    let sub = authority.below(Authority::params("sub"));
    let mut params = named("server", &["localhost"]);
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Example, Inc.");
    params.not_before = date_time_ymd(2020, 2, 3);
    params.not_after = date_time_ymd(2100, 4, 5);
    let pem = sub.pem(params);
    let front = front(shows(&pem));
    let socket = run(connect(authority.trusted(), &front)).unwrap();
    let tls = socket.info().tls().cloned().unwrap();
    assert_eq!(tls.version(), Some(TlsVersion::Tls1_3));
    assert_eq!(tls.cipher(), Some("TLS_AES_256_GCM_SHA384"));
    assert_eq!((tls.alpn(), tls.resumed()), (None, Some(false)));
    assert!(tls.ignored_errors().is_empty());

    let chain = X509::stack_from_pem(pem.chain.as_bytes()).unwrap();
    assert_eq!(tls.peer_certificates().len(), chain.len());
    for (told, sent) in tls.peer_certificates().iter().zip(&chain) {
        assert_eq!(told.der(), sent.to_der().unwrap());
        assert_eq!(
            told.sha1()[..],
            *sent.digest(MessageDigest::sha1()).unwrap()
        );
        assert_eq!(
            told.sha256()[..],
            *sent.digest(MessageDigest::sha256()).unwrap()
        );
    }
    let [own, between] = tls.peer_certificates() else {
        panic!("two");
    };
    assert!(own.subject().contains("CN=server"), "{}", own.subject());
    assert!(
        own.subject().contains(r"O=Example\, Inc."),
        "{}",
        own.subject()
    );
    assert_eq!((own.issuer(), between.subject()), ("CN=sub", "CN=sub"));
    assert_eq!(between.issuer(), "CN=authority");
    let at = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    assert_eq!(own.not_before(), at(1_580_688_000));
    assert_eq!(own.not_after(), at(4_110_566_400));
    assert_ne!(own, between);
    assert_eq!(*own, own.clone());
}

#[test]
fn a_connection_without_tls_tells_nothing_of_it() {
    run(async {
        let url = format!("ws://{}/run/plain-info", echo());
        let socket = Socket::connect(url).await.unwrap();
        assert!(socket.info().tls().is_none());
    });
}
