//! Alerts, and handshakes that are interrupted.

use std::time::Duration;

use ::openssl::ssl::SslVersion;
use futures::StreamExt;
use qwebsocket::{
    AlertKind, AlertLevel, Decision, ErrorKind, Event, Socket, TlsConfig, TlsError, WebSocket,
};
use rcgen::{ExtendedKeyUsagePurpose, SerialNumber, date_time_ymd};

use super::super::{Authority, Pem, TlsFront, connect, front, open, params, rest, word};
use crate::common::run;
use crate::tls_front::{demand, only, shows};

const INTERRUPTED: [&str; 2] = ["Connecting", "HandshakeInterrupted(SelfSignedCertificate)"];

const END: [&str; 3] = ["Error(Tls)", "Unconnected", "Disconnected()"];

fn self_signed(version: SslVersion) -> TlsFront {
    let mut context = shows(&Pem::self_signed(params(&["localhost"])));
    only(&mut context, version);
    front(context)
}

/// A socket at its question, and the question.
async fn interrupted(tls: TlsConfig, front: &TlsFront) -> (Socket, Decision<TlsError>) {
    let tls = tls.system_roots(false).interrupt_on_error(true);
    let mut socket = open(tls, front);
    assert_eq!(word(&mut socket).await.unwrap(), INTERRUPTED[0]);
    match socket.next().await {
        Some(Event::HandshakeInterrupted(decision)) => (socket, decision),
        other => panic!("{other:?}"),
    }
}

/// The peer hears why.
#[test]
fn an_interrupted_handshake_ends_with_an_alert() {
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let front = self_signed(version);
        run(async {
            for refuse in [Decision::refuse, drop] as [fn(Decision<TlsError>); 2] {
                let tls = TlsConfig::new().ask_errors(true);
                let (mut socket, decision) = interrupted(tls, &front).await;
                async_std::task::sleep(Duration::from_millis(100)).await;
                assert_eq!(front.has_seen(), ["accepted"]);
                refuse(decision);
                let Some(Event::AlertSent(alert)) = socket.next().await else {
                    panic!("no alert");
                };
                assert_eq!(alert.level(), AlertLevel::Fatal);
                assert_eq!(alert.kind(), AlertKind::UNKNOWN_CA);
                assert_eq!(alert.kind().number(), 48);
                assert_eq!(alert.to_string(), "unknown CA");
                assert_eq!(rest(&mut socket).await, END);
                assert_eq!(front.saw().await, "failed tlsv1 alert unknown ca");
                let error = socket.last_error().unwrap();
                assert_eq!(error.tls_errors().len(), 1);
                assert_eq!(error.to_string(), error.tls_errors()[0].to_string());
            }
        });
    }
}

#[test]
fn an_interrupted_handshake_that_continues_is_as_any_other() {
    let front = self_signed(SslVersion::TLS1_3);
    let found = "PeerVerifyError(SelfSignedCertificate)";
    run(async {
        // Without a question the errors decide.
        let (mut socket, decision) = interrupted(TlsConfig::new(), &front).await;
        decision.answer(());
        let told = rest(&mut socket).await;
        let refused = [&[found, "AlertSent(Fatal, UnknownCa)"], &END[..]].concat();
        assert_eq!(told, refused);

        let tls = TlsConfig::new().danger().ignore_all_errors();
        let (mut socket, decision) = interrupted(tls, &front).await;
        decision.answer(());
        for expected in [found, "Connected", "Connected()"] {
            assert_eq!(word(&mut socket).await.unwrap(), expected);
        }
    });
}

#[test]
fn each_reason_has_its_alert() {
    let authority = Authority::new("authority");
    let mut expired = params(&["localhost"]);
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let mut for_clients = params(&["localhost"]);
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut revoked = params(&["localhost"]);
    revoked.serial_number = Some(SerialNumber::from(7));
    let trusted = || authority.trusted();
    let lists = trusted().revocation_list_pem(authority.revoked(&[7], 2900));
    for (params, tls, sent, seen) in [
        (
            expired,
            trusted(),
            "CertificateExpired",
            "sslv3 alert certificate expired",
        ),
        (
            params(&["other.example"]),
            trusted(),
            "BadCertificate",
            "sslv3 alert bad certificate",
        ),
        (
            for_clients,
            trusted(),
            "UnsupportedCertificate",
            "sslv3 alert unsupported certificate",
        ),
        (
            revoked,
            lists,
            "CertificateRevoked",
            "sslv3 alert certificate revoked",
        ),
        (
            params(&["localhost"]),
            Authority::new("other").trusted(),
            "UnknownCa",
            "tlsv1 alert unknown ca",
        ),
    ] {
        let front = front(shows(&authority.pem(params)));
        run(async {
            let mut socket = open(tls, &front);
            let mut told = rest(&mut socket).await;
            told.retain(|word| !word.starts_with("PeerVerifyError("));
            let sent = format!("AlertSent(Fatal, {sent})");
            assert_eq!(told, [&["Connecting", &sent], &END[..]].concat());
            assert_eq!(front.saw().await, "accepted");
            assert_eq!(front.saw().await, format!("failed {seen}"));
        });
    }
}

/// Under TLS 1.3 the handshake is over for us when the server sees that there is none.
#[test]
fn a_missing_certificate_is_one_error() {
    let authority = Authority::new("authority");
    for (version, alert) in [
        (SslVersion::TLS1_2, "AlertReceived(Fatal, HandshakeFailure)"),
        (
            SslVersion::TLS1_3,
            "AlertReceived(Fatal, CertificateRequired)",
        ),
    ] {
        let mut context = shows(&authority.pem(params(&["localhost"])));
        only(&mut context, version);
        demand(&mut context, &authority);
        let front = front(context);
        run(async {
            for _ in 0..5 {
                let mut socket = open(authority.trusted(), &front);
                let told = rest(&mut socket).await;
                assert_eq!(told, [&["Connecting", alert], &END[..]].concat());
                let error = socket.last_error().unwrap();
                assert_eq!(error.kind(), ErrorKind::Tls);
                assert!(error.to_string().contains("alert"), "{error}");
                assert!(error.tls_errors().is_empty());
            }
        });
    }
}

/// One that the server does not take.
#[test]
fn a_refused_certificate_is_one_error() {
    let authority = Authority::new("authority");
    let stranger = Authority::new("other").pem(params(&[]));
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let mut context = shows(&authority.pem(params(&["localhost"])));
        only(&mut context, version);
        demand(&mut context, &authority);
        let front = front(context);
        run(async {
            let tls = authority.trusted().identity(stranger.identity());
            let mut socket = open(tls, &front);
            let told = rest(&mut socket).await;
            let alert = "AlertReceived(Fatal, UnknownCa)";
            assert_eq!(told, [&["Connecting", alert], &END[..]].concat());
        });
    }
}

#[test]
fn the_end_is_told_both_ways() {
    const SENT: &str = "AlertSent(Warning, CloseNotify)";
    const RECEIVED: &str = "AlertReceived(Warning, CloseNotify)";
    let authority = Authority::new("authority");
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let mut context = shows(&authority.pem(params(&["localhost"])));
        only(&mut context, version);
        let front = front(context);
        run(async {
            let mut socket = connect(authority.trusted(), &front).await.unwrap();
            socket.close(Default::default()).unwrap();
            let told = rest(&mut socket).await;
            let place = |word: &str| told.iter().position(|told| told == word);
            assert!(
                place(SENT).unwrap() < place("Unconnected").unwrap(),
                "{told:?}"
            );
            assert_eq!(told.iter().filter(|word| *word == SENT).count(), 1);
            front.saw_close_notify().await;

            let mut socket = connect(authority.trusted(), &front).await.unwrap();
            socket.abort();
            let told = rest(&mut socket).await;
            assert_eq!(told.iter().filter(|word| *word == SENT).count(), 1);
            front.saw_close_notify().await;

            let socket = connect(authority.trusted(), &front).await.unwrap();
            drop(socket);
            front.saw_close_notify().await;
        });
    }
    // The server is the first.
    let pem = authority.pem(params(&["localhost"]));
    let front = front(shows(&pem));
    let script = support::Script::new().accept().sleep(60);
    let url = script.url(&format!("wss://localhost:{}", front.port()), "ending", "");
    run(async {
        let mut socket = super::super::socket(authority.trusted());
        socket.open(url.into()).unwrap();
        let told = rest(&mut socket).await;
        let end = told.iter().position(|word| word == RECEIVED).unwrap();
        assert_eq!(told[end + 1], "Error(RemoteClosed)", "{told:?}");
        assert_eq!(
            told.iter()
                .filter(|word| word.starts_with("Error("))
                .count(),
            1
        );
    });
}
