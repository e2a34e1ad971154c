//! Why TLS failed, from the error alone: nobody sees the events of `connect_with`, nor those of a
//! client whose handshake a `Listener` reads.

use ::openssl::ssl::SslVersion;
use futures::StreamExt;
use futures::future::join;
use qwebsocket::{
    AlertKind, AlertLevel, Error, ErrorKind, Options, Proxy, Socket, TlsConfig, TlsErrorKind,
    TlsLibrary,
};
use rcgen::date_time_ymd;

use super::{Authority, LIBRARIES, TlsFront, front, params, secure_listener, url};
use crate::common::run;
use crate::tls_front::{demand, only, shows};

fn failure(front: &TlsFront, tls: TlsConfig) -> Error {
    let options = Options::new().tls(tls);
    let error = run(Socket::connect_with(url(front), options)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    error
}

fn received(error: &Error) -> Option<AlertKind> {
    let alert = error.alert_received()?;
    assert_eq!(alert.level(), AlertLevel::Fatal);
    Some(alert.kind())
}

#[test]
fn the_servers_alert_is_in_the_error() {
    let authority = Authority::new("authority");
    for library in LIBRARIES {
        for (version, expected) in [
            (SslVersion::TLS1_2, AlertKind::HANDSHAKE_FAILURE),
            (SslVersion::TLS1_3, AlertKind::CERTIFICATE_REQUIRED),
        ] {
            let mut context = shows(&authority.pem(params(&["localhost"])));
            only(&mut context, version);
            demand(&mut context, &authority);
            let error = failure(&front(context), authority.trusted().library(*library));
            assert_eq!(received(&error), Some(expected), "{library:?} {error:?}");
            assert_eq!(error.alert_sent(), None);
            assert!(error.tls_errors().is_empty());
        }
        let mut context = shows(&authority.pem(params(&["localhost"])));
        only(&mut context, SslVersion::TLS1_1);
        let error = failure(&front(context), authority.trusted().library(*library));
        assert_eq!(
            received(&error),
            Some(AlertKind::PROTOCOL_VERSION),
            "{error:?}"
        );
    }
}

#[test]
fn our_alert_is_in_the_error() {
    let authority = Authority::new("authority");
    let front = front(shows(&authority.pem(params(&["localhost"]))));
    for library in LIBRARIES {
        let stranger = Authority::new("stranger").trusted();
        let error = failure(&front, stranger.library(*library));
        assert!(!error.tls_errors().is_empty(), "{error:?}");
        assert_eq!(received(&error), None);
        if *library != TlsLibrary::NativeTls {
            let sent = error.alert_sent().map(|alert| alert.kind());
            assert_eq!(sent, Some(AlertKind::UNKNOWN_CA));
        }
    }
}

/// What a program decides by, whichever library it has.
#[test]
fn what_is_wrong_with_a_certificate_has_a_kind() {
    let authority = Authority::new("authority");
    let mut expired = params(&["localhost"]);
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let elsewhere = params(&["other.example"]);
    let named_in_vain = super::named("localhost", &[]);
    for library in LIBRARIES {
        for (params, kind) in [
            (expired.clone(), TlsErrorKind::CertificateExpired),
            (elsewhere.clone(), TlsErrorKind::HostNameMismatch),
            (named_in_vain.clone(), TlsErrorKind::HostNameMismatch),
        ] {
            let front = front(shows(&authority.pem(params)));
            let error = failure(&front, authority.trusted().library(*library));
            let first = error.tls_errors()[0].kind();
            assert_eq!(first, kind, "{library:?} {error:?}");
        }
        let front = front(shows(&authority.pem(params(&["localhost"]))));
        let error = failure(&front, Authority::new("other").trusted().library(*library));
        let first = error.tls_errors()[0].kind();
        assert_eq!(first, TlsErrorKind::UnableToGetLocalIssuerCertificate);
    }
}

#[test]
fn a_proxys_alert_is_in_the_error() {
    let authority = Authority::new("authority");
    let mut context = shows(&authority.pem(params(&["localhost"])));
    only(&mut context, SslVersion::TLS1_3);
    demand(&mut context, &authority);
    let front = front(context);
    for library in LIBRARIES {
        let proxy = Proxy::https("localhost", front.port());
        let tls = authority.trusted().library(*library);
        let options = Options::new().proxy(proxy).tls(tls);
        let error = run(Socket::connect_with("ws://example.test/", options)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
        let expected = Some(AlertKind::CERTIFICATE_REQUIRED);
        assert_eq!(received(&error), expected, "{error:?}");
    }
}

/// A server learns why a client did not go on.
#[test]
fn a_clients_alert_is_in_the_error() {
    for library in LIBRARIES {
        run(async {
            let mut listener = secure_listener(*library).await;
            let url = format!("wss://localhost:{}/", listener.local_address().port());
            let accepting = async { listener.next().await.unwrap().unwrap().await };
            let (ours, theirs) = join(Socket::connect(url), accepting).await;
            ours.unwrap_err();
            let error = theirs.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls);
            let expected = Some(AlertKind::UNKNOWN_CA);
            assert_eq!(received(&error), expected, "{library:?} {error:?}");
        });
    }
}
