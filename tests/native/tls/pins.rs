//! Whom a connection is to, besides what the certificates say.

use ::openssl::hash::{MessageDigest, hash};
use qwebsocket::{ErrorKind, TlsConfig, WebSocket};

use super::{Authority, LIBRARIES, Pem, TlsFront, connect, front, open, params};
use crate::common::{fail, run};
use crate::tls_front::shows;

/// The hash as somebody else makes it.
fn pin(pem: &Pem) -> [u8; 32] {
    let key = pem
        .x509()
        .public_key()
        .unwrap()
        .public_key_to_der()
        .unwrap();
    let digest = hash(MessageDigest::sha256(), &key).unwrap();
    digest.as_ref().try_into().unwrap()
}

/// TLS is done when the key is looked at, and then nothing follows.
async fn refuses(tls: TlsConfig, front: &TlsFront) {
    let error = fail(&super::socket(tls), super::url(front)).await;
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert!(error.to_string().contains("pinned"), "{error}");
    let mut seen = front.saw().await;
    while !seen.starts_with("close_notify") && !seen.starts_with("lost") {
        assert!(seen != "data" && !seen.starts_with("failed"), "{seen}");
        seen = front.saw().await;
    }
}

#[test]
fn the_key_has_to_be_the_pinned_one() {
    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["localhost"]));
    let front = front(shows(&pem));
    let right = pin(&pem);
    let wrong = pin(&authority.pem(params(&["localhost"])));
    for library in LIBRARIES {
        let tls = || authority.trusted().library(*library);
        run(async {
            for tls in [
                tls().pin_public_key(right),
                tls().pin_public_key(wrong).pin_public_key(right),
                tls().pin_public_key(right).pin_public_key(wrong),
            ] {
                let socket = connect(tls, &front).await.unwrap();
                let certificates = socket.info().tls().unwrap().peer_certificates().to_vec();
                assert_eq!(certificates[0].public_key_sha256(), right);
                drop(socket);
                front.saw_close_notify().await;
            }
            refuses(tls().pin_public_key(wrong), &front).await;
            // What does not look at certificates looks at the key all the same.
            for tls in [
                tls().danger().ignore_all_errors(),
                tls().danger().verify_none(),
            ] {
                refuses(tls.clone().pin_public_key(wrong), &front).await;
                connect(tls.pin_public_key(right), &front).await.unwrap();
                front.saw_close_notify().await;
            }
        });
    }
}

/// The pin comes on top: alone it makes nothing good.
#[test]
fn a_pin_trusts_nobody() {
    let pem = Pem::self_signed(params(&["localhost"]));
    let front = front(shows(&pem));
    for library in LIBRARIES {
        let tls = TlsConfig::new().library(*library).pin_public_key(pin(&pem));
        run(async {
            let error = fail(&super::socket(tls.clone()), super::url(&front)).await;
            assert_eq!(error.kind(), ErrorKind::Tls);
            assert!(!error.to_string().contains("pinned"), "{error}");
            let knowingly = tls.danger().ignore_all_errors();
            connect(knowingly, &front).await.unwrap();
        });
    }
}

/// The name is told to the server, and demanded.
#[test]
fn another_name_can_be_meant() {
    let authority = Authority::new("authority");
    let front = front(shows(&authority.pem(params(&["device.example"]))));
    for library in LIBRARIES {
        let tls = authority.trusted().library(*library);
        run(async {
            let error = fail(&super::socket(tls.clone()), super::url(&front)).await;
            assert_eq!(error.kind(), ErrorKind::Tls);
            while !front.has_seen().is_empty() {}
            let named = tls.clone().server_name("device.example");
            let socket = connect(named, &front).await.unwrap();
            assert_eq!(socket.peer_name(), "localhost");
            let mut seen = front.saw().await;
            while !seen.starts_with("secure ") {
                seen = front.saw().await;
            }
            assert_eq!(seen, "secure TLSv1.3 sni=device.example client=-");
            let other = open(tls.server_name("other.example"), &front);
            let mut socket = other;
            let told = super::rest(&mut socket).await;
            assert!(told.contains(&"Error(Tls)".to_owned()), "{told:?}");
        });
    }
}
