//! Versions, ciphers, groups, ALPN, and the log of keys.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ::openssl::ssl::{AlpnError, SslContextBuilder, SslVersion, select_next_proto};
use futures::StreamExt;
use futures::future::join;
use qwebsocket::{
    ErrorKind, Features, Listener, Options, Socket, TlsConfig, TlsInfo, TlsVersion, WebSocket,
};

use super::super::{Authority, LIBRARIES, connect, front, invalid, params, rest};
use crate::common::run;
use crate::tls_front::{only, shows};

/// What is agreed on with such a server.
async fn agree(
    authority: &Authority,
    change: impl FnOnce(&mut SslContextBuilder),
    tls: TlsConfig,
) -> Result<TlsInfo, ErrorKind> {
    let mut context = shows(&authority.pem(params(&["localhost"])));
    change(&mut context);
    let front = front(context);
    let connected = connect(tls, &front).await;
    connected
        .map(|socket| socket.info().tls().cloned().unwrap())
        .map_err(|error| error.kind())
}

#[test]
fn versions_have_bounds() {
    let authority = Authority::new("authority");
    let tls = || authority.trusted();
    run(async {
        for (server, ours) in [
            (SslVersion::TLS1_2, TlsVersion::Tls1_2),
            (SslVersion::TLS1_3, TlsVersion::Tls1_3),
        ] {
            let at = |tls| agree(&authority, |context| only(context, server), tls);
            for tls in [tls(), tls().min_version(ours), tls().max_version(ours)] {
                assert_eq!(at(tls).await.unwrap().version(), Some(ours));
            }
        }
        let old = |tls| agree(&authority, |context| only(context, SslVersion::TLS1_2), tls);
        let new = tls().min_version(TlsVersion::Tls1_3);
        assert_eq!(old(new).await, Err(ErrorKind::Tls));
        let new = |tls| agree(&authority, |context| only(context, SslVersion::TLS1_3), tls);
        let old = tls().max_version(TlsVersion::Tls1_2);
        assert_eq!(new(old).await, Err(ErrorKind::Tls));
        for (server, ours) in [
            (SslVersion::TLS1, TlsVersion::Tls1_0),
            (SslVersion::TLS1_1, TlsVersion::Tls1_1),
        ] {
            let at = |tls| agree(&authority, |context| only(context, server), tls);
            assert_eq!(at(tls()).await, Err(ErrorKind::Tls));
            if !Socket::FEATURES.contains(Features::TLS_CIPHERS) {
                continue;
            }
            let knowingly = tls().danger().min_version(ours);
            assert_eq!(at(knowingly).await.unwrap().version(), Some(ours));
        }
    });
}

#[test]
fn bounds_that_cannot_be_are_refused() {
    for library in LIBRARIES {
        let tls = || TlsConfig::new().library(*library);
        for version in [TlsVersion::Tls1_0, TlsVersion::Tls1_1] {
            assert!(invalid(tls().min_version(version)).contains("danger"));
            assert!(invalid(tls().max_version(version)).contains("lowest"));
        }
        let reversed = tls().min_version(TlsVersion::Tls1_3);
        assert!(invalid(reversed.max_version(TlsVersion::Tls1_2)).contains("lowest"));
    }
}

#[cfg(feature = "openssl")]
#[test]
fn ciphers_and_groups_are_ours_to_choose() {
    let authority = Authority::new("authority");
    let old = || authority.trusted().max_version(TlsVersion::Tls1_2);
    let new = || authority.trusted().min_version(TlsVersion::Tls1_3);
    run(async {
        for cipher in [
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
        ] {
            let info = agree(&authority, |_| (), old().ciphers(cipher)).await;
            assert_eq!(info.unwrap().cipher(), Some(cipher));
            let strict = |context: &mut SslContextBuilder| {
                context
                    .set_cipher_list("ECDHE-ECDSA-AES256-GCM-SHA384")
                    .unwrap();
            };
            let info = agree(&authority, strict, old().ciphers(cipher)).await;
            assert_eq!(info, Err(ErrorKind::Tls));
        }
        for suite in ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] {
            let info = agree(&authority, |_| (), new().cipher_suites(suite)).await;
            assert_eq!(info.unwrap().cipher(), Some(suite));
        }
        let strict = |context: &mut SslContextBuilder| context.set_groups_list("P-384").unwrap();
        for (groups, is_good) in [("P-384", true), ("X25519:P-384", true), ("P-256", false)] {
            let info = agree(&authority, strict, new().groups(groups)).await;
            assert_eq!(info.is_ok(), is_good, "{groups}");
        }
    });
    for tls in [
        TlsConfig::new().ciphers("NO-SUCH-CIPHER"),
        TlsConfig::new().cipher_suites("TLS_NO_SUCH_SUITE"),
        TlsConfig::new().groups("P-1"),
    ] {
        invalid(tls);
    }
}

/// By default none that leaves the peer unknown, or that is weak, however the server likes them.
#[test]
fn what_is_weak_is_not_offered() {
    let authority = Authority::new("authority");
    run(async {
        for weak in ["aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0", "PSK:@SECLEVEL=0"] {
            let strict = |context: &mut SslContextBuilder| {
                only(context, SslVersion::TLS1_2);
                context.set_cipher_list(weak).unwrap();
            };
            let info = agree(&authority, strict, authority.trusted()).await;
            assert_eq!(info, Err(ErrorKind::Tls), "{weak}");
        }
    });
}

/// `openssl s_server` says why.
#[cfg(feature = "openssl")]
#[test]
fn another_cipher_than_the_only_one_is_refused() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("another-cipher", params(&["localhost"]));
    let only = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"];
    let shown = ["-cert", &*certificate, "-key", &*key];
    let server =
        crate::s_server::SServer::start(&[&only[..], &shown].concat(), &super::super::echo());
    let url = format!("wss://localhost:{}/", server.port());
    let tls = authority.trusted().ciphers("ECDHE-ECDSA-AES256-GCM-SHA384");
    let error = run(crate::common::fail(&super::super::socket(tls), url));
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert!(server.errors().contains("no shared cipher"));
}

#[test]
fn protocols_are_agreed_on() {
    let authority = Authority::new("authority");
    let tls = |names: &[&str]| authority.trusted().alpn(names.iter().copied());
    let likes = |wire: &'static [u8]| {
        move |context: &mut SslContextBuilder| {
            context.set_alpn_select_callback(move |_, offered| {
                select_next_proto(wire, offered).ok_or(AlpnError::NOACK)
            });
        }
    };
    run(async {
        for (wire, offered, chosen) in [
            (
                &b"\x08http/1.1\x04mqtt"[..],
                &["mqtt", "http/1.1"][..],
                Some("http/1.1"),
            ),
            (b"\x08http/1.1", &["http/1.1"], Some("http/1.1")),
            (b"\x02h2", &["http/1.1"], None),
            (b"\x02h2", &[], None),
        ] {
            let info = agree(&authority, likes(wire), tls(offered)).await.unwrap();
            assert_eq!(info.alpn(), chosen);
        }
    });
    for name in [String::new(), "x".repeat(256)] {
        assert!(invalid(TlsConfig::new().alpn([name])).contains("ALPN"));
    }
}

#[test]
fn a_listener_chooses_what_it_likes_best() {
    let authority = Authority::new("authority");
    let identity = authority.pem(params(&["localhost"])).identity();
    run(async {
        for (liked, offered, chosen) in [
            (&["a", "b"][..], &["b", "a"][..], Ok(Some("a"))),
            (&["b"], &["a", "b"], Ok(Some("b"))),
            (&["a"], &[], Ok(None)),
            (&[], &["a"], Ok(None)),
            (&["a"], &["b"], Err("NoApplicationProtocol")),
        ] {
            let tls = TlsConfig::new();
            let tls = tls.identity(identity.clone()).alpn(liked.iter().copied());
            let options = Options::new().tls(tls);
            let mut listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
            let url = format!("wss://localhost:{}/", listener.local_address().port());
            let tls = authority.trusted().alpn(offered.iter().copied());
            let mut client = super::super::socket(tls);
            client.open(url.into()).unwrap();
            let server = async {
                let incoming = listener.next().await.unwrap().unwrap().await?;
                let alpn = incoming.tls().unwrap().alpn().map(str::to_owned);
                incoming.accept(None).await?.abort();
                Ok::<_, qwebsocket::Error>(alpn)
            };
            let (told, server) = join(rest(&mut client), server).await;
            match chosen {
                Ok(chosen) => {
                    assert_eq!(server.unwrap().as_deref(), chosen);
                    assert!(told.contains(&"Connected()".to_owned()), "{told:?}");
                    assert_eq!(client.info().tls().cloned().unwrap().alpn(), chosen);
                }
                Err(alert) => {
                    assert_eq!(server.unwrap_err().kind(), ErrorKind::Tls);
                    let alert = format!("AlertReceived(Fatal, {alert})");
                    assert!(told.contains(&alert), "{told:?}");
                }
            }
        }
    });
}

/// The lines are those that the server has, too, so they decrypt what was recorded.
#[test]
fn keys_can_be_logged() {
    const OF_1_2: &[&str] = &["CLIENT_RANDOM"];
    const OF_1_3: &[&str] = &[
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    ];
    let authority = Authority::new("authority");
    for (version, expected) in [(SslVersion::TLS1_2, OF_1_2), (SslVersion::TLS1_3, OF_1_3)] {
        let [ours, theirs] = [(); 2].map(|()| Arc::<Mutex<BTreeSet<String>>>::default());
        let log = theirs.clone();
        let mut context = shows(&authority.pem(params(&["localhost"])));
        only(&mut context, version);
        context.set_keylog_callback(move |_, line| {
            log.lock().unwrap().insert(line.to_owned());
        });
        let front = front(context);
        let log = ours.clone();
        let tls = authority.trusted().danger().key_log(move |line| {
            assert!(log.lock().unwrap().insert(line.to_owned()), "told twice");
        });
        assert!(!format!("{tls:?}").contains("key_log: None"));
        run(connect(tls, &front)).unwrap();
        let lines = ours.lock().unwrap();
        assert_eq!(*lines, *theirs.lock().unwrap());
        let mut names = Vec::new();
        for line in lines.iter() {
            let [name, random, secret] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_hex(random) && random.len() == 64, "{line}");
            assert!(is_hex(secret) && secret.len() >= 64, "{line}");
            names.push(name);
        }
        assert_eq!(names, expected);
    }
}
