//! Sessions that are resumed, and those that are not.

use ::openssl::ssl::SslVersion;
use qwebsocket::{Options, Socket, TlsConfig, WebSocket};

use super::super::{Authority, Pem, TlsFront, front, params, url};
use crate::common::{message, run};
use crate::tls_front::{demand, only, shows};

/// Connects, talks, and tells whether a session was resumed.
async fn resumes(options: &Options, front: &TlsFront) -> bool {
    let socket = Socket::connect_with(url(front), options.clone())
        .await
        .unwrap();
    // With TLS 1.3 the session comes behind the handshake.
    socket.send("hello".into()).unwrap();
    assert_eq!(message(&socket).await, "hello".into());
    let info = socket.info().tls().cloned().unwrap();
    assert!(!info.peer_certificates().is_empty());
    info.resumed().unwrap()
}

fn built(tls: TlsConfig) -> Options {
    Options::new().tls(tls).build().unwrap()
}

#[test]
fn a_session_is_resumed() {
    let authority = Authority::new("authority");
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let [one, two] = [(); 2].map(|()| {
            let mut context = shows(&authority.pem(params(&["localhost"])));
            only(&mut context, version);
            front(context)
        });
        let options = built(authority.trusted());
        let others = built(authority.trusted());
        let off = built(authority.trusted().resumption(false));
        run(async {
            assert!(!resumes(&options, &one).await);
            for _ in 0..3 {
                assert!(resumes(&options, &one).await);
            }
            // Neither by another server nor under other options.
            assert!(!resumes(&options, &two).await);
            assert!(!resumes(&others, &one).await);
            for _ in 0..2 {
                assert!(!resumes(&off, &one).await);
            }
        });
    }
}

#[test]
fn a_session_whose_errors_were_accepted_is_not_resumed() {
    let front = front(shows(&Pem::self_signed(params(&["localhost"]))));
    let tls = TlsConfig::new().system_roots(false);
    let options = built(tls.danger().ignore_all_errors());
    run(async {
        for _ in 0..3 {
            assert!(!resumes(&options, &front).await);
        }
    });
}

#[test]
fn a_session_keeps_who_we_are() {
    let authority = Authority::new("authority");
    let mut context = shows(&authority.pem(params(&["localhost"])));
    demand(&mut context, &authority);
    let front = front(context);
    let client = authority.pem(super::super::named("client", &[]));
    let options = built(authority.trusted().identity(client.identity()));
    run(async {
        for is_resumed in [false, true] {
            assert_eq!(resumes(&options, &front).await, is_resumed);
            assert_eq!(front.saw().await, "accepted");
            let seen = front.saw().await;
            assert!(seen.ends_with("client=client"), "{seen}");
            front.saw_close_notify().await;
        }
    });
}

/// A key that is pinned is looked at each time.
#[test]
fn a_resumed_session_is_pinned() {
    let authority = Authority::new("authority");
    let front = front(shows(&authority.pem(params(&["localhost"]))));
    run(async {
        let socket = super::super::connect(authority.trusted(), &front)
            .await
            .unwrap();
        let info = socket.info().tls().cloned().unwrap();
        let pin = info.peer_certificates()[0].public_key_sha256();
        let options = built(authority.trusted().pin_public_key(pin));
        for is_resumed in [false, true] {
            assert_eq!(resumes(&options, &front).await, is_resumed);
        }
    });
}
