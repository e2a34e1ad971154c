//! Pre-shared keys, with `openssl s_server`.

use std::sync::{Arc, Mutex};

use qwebsocket::{
    ErrorKind, KeyRequest, Options, PreSharedKey, Socket, TlsConfig, TlsVersion, WebSocket,
};

use super::super::{Authority, echo, params, rest, socket};
use crate::common::{message, run};
use crate::s_server::SServer;

const KEY: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];

fn start(version: &str) -> SServer {
    let arguments = [
        ["-nocert", version],
        ["-cipher", "PSK"],
        ["-psk", "1a2b3c4d"],
        ["-psk_identity", "device 7"],
        ["-psk_hint", "the hint"],
    ];
    SServer::start(arguments.as_flattened(), &echo())
}

fn url(server: &SServer) -> String {
    format!("wss://localhost:{}/run/key", server.port())
}

/// Trusts nobody, and has a key.
fn with(key: Option<PreSharedKey>) -> (TlsConfig, Arc<Mutex<Vec<KeyRequest>>>) {
    let asked = Arc::<Mutex<Vec<KeyRequest>>>::default();
    let told = asked.clone();
    let tls = TlsConfig::new().system_roots(false);
    let tls = tls.pre_shared_key(move |request| {
        told.lock().unwrap().push(request.clone());
        key.clone()
    });
    (tls, asked)
}

#[test]
fn a_key_is_enough() {
    for (argument, version, hint) in [
        ("-tls1_2", TlsVersion::Tls1_2, Some(&b"the hint"[..])),
        ("-tls1_3", TlsVersion::Tls1_3, None),
    ] {
        let server = start(argument);
        let (tls, asked) = with(Some(PreSharedKey::new("device 7", KEY)));
        run(async {
            let options = Options::new().tls(tls);
            let socket = Socket::connect_with(url(&server), options).await.unwrap();
            socket.send("hello".into()).unwrap();
            assert_eq!(message(&socket).await, "hello".into());
            let info = socket.info().tls().cloned().unwrap();
            assert_eq!(info.version(), Some(version));
            assert!(info.peer_certificates().is_empty() && info.ignored_errors().is_empty());
            // It is no session that was had before.
            assert_eq!(info.resumed(), Some(false));
        });
        let asked = asked.lock().unwrap();
        // With TLS 1.3 nothing of the server is known yet.
        assert!(
            asked.iter().any(|request| request.hint() == hint),
            "{asked:?}"
        );
        assert!(
            asked
                .iter()
                .all(|request| request.max_key() > 0 && request.max_identity() > 0)
        );
    }
}

/// Those for certificates stay, and a list of the application's is taken at its word.
#[test]
fn ciphers_for_a_key_are_offered_where_there_is_one() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("either", params(&["localhost"]));
    let shown = ["-cert", &*certificate, "-key", &*key, "-tls1_2"];
    let known = ["-psk", "1a2b3c4d", "-psk_identity", "device 7"];
    let cipher = |list: &str, tls: TlsConfig| {
        let arguments = [&shown[..], &known, &["-cipher", list]].concat();
        let server = SServer::start(&arguments, &echo());
        let options = Options::new().tls(tls);
        let socket = run(Socket::connect_with(url(&server), options))?;
        Ok::<_, qwebsocket::Error>(
            socket
                .info()
                .tls()
                .and_then(|tls| tls.cipher())
                .unwrap()
                .to_owned(),
        )
    };
    let with_key = || {
        let tls = authority.trusted();
        tls.pre_shared_key(|_| Some(PreSharedKey::new("device 7", KEY)))
    };
    for list in [
        "PSK-AES128-GCM-SHA256",
        "DHE-PSK-AES256-GCM-SHA384",
        "ECDHE-PSK-CHACHA20-POLY1305",
    ] {
        assert_eq!(cipher(list, with_key()).unwrap(), list);
        assert!(cipher(list, authority.trusted()).is_err());
        let tls = with_key().ciphers("ECDHE-ECDSA-AES128-GCM-SHA256");
        assert!(cipher(list, tls).is_err());
    }
    let list = "ECDHE-ECDSA-AES128-GCM-SHA256";
    assert_eq!(cipher(list, with_key()).unwrap(), list);
    for weak in ["aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0"] {
        assert!(cipher(weak, with_key()).is_err(), "{weak}");
    }
}

#[test]
fn a_wrong_key_is_refused() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = start(version);
        let (tls, _) = with(Some(PreSharedKey::new("device 7", [1, 2, 3, 4])));
        let mut socket = socket(tls);
        run(async {
            socket.open(url(&server).into()).unwrap();
            let told = rest(&mut socket).await;
            let alerts: Vec<_> = told
                .iter()
                .filter(|word| word.contains("(Fatal, "))
                .collect();
            assert_eq!(alerts.len(), 1, "{told:?}");
            assert!(alerts[0].starts_with("AlertReceived("), "{told:?}");
            assert_eq!(told[2..], ["Error(Tls)", "Unconnected", "Disconnected()"]);
        });
    }
}

#[test]
fn no_key_is_the_end() {
    for key in [
        None,
        // What is too long is none.
        Some(PreSharedKey::new("x".repeat(4096), KEY)),
        Some(PreSharedKey::new("device 7", [7; 4096])),
        Some(PreSharedKey::new("nul \0 in it", KEY)),
    ] {
        for version in ["-tls1_2", "-tls1_3"] {
            let server = start(version);
            let (tls, _) = with(key.clone());
            let mut socket = socket(tls);
            run(async {
                socket.open(url(&server).into()).unwrap();
                let told = rest(&mut socket).await;
                assert!(told.contains(&"Error(Tls)".to_owned()), "{told:?}");
                assert!(!told.contains(&"Connected".to_owned()), "{told:?}");
            });
        }
    }
}

/// A server with a certificate is verified as ever, whatever keys there are.
#[test]
fn a_key_replaces_no_certificate() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("with-key", params(&["localhost"]));
    for version in ["-tls1_2", "-tls1_3"] {
        let server = SServer::start(&["-cert", &certificate, "-key", &key, version], &echo());
        let (tls, _) = with(Some(PreSharedKey::new("device 7", KEY)));
        let error = run(crate::common::fail(&socket(tls), url(&server)));
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert_eq!(error.tls_errors().len(), 2, "{error:?}");
    }
}

#[test]
fn a_key_is_not_shown() {
    let key = PreSharedKey::new("device 7", *b"a key in words");
    let (tls, _) = with(Some(key.clone()));
    for shown in [format!("{key:?}"), format!("{tls:?}")] {
        assert!(
            !shown.contains("device") && !shown.contains("words"),
            "{shown}"
        );
        assert!(!shown.contains("97, 32"), "{shown}");
    }
}
