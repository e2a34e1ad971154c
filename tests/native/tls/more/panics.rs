//! Closures of the application that panic below a TLS library: the end of a connection, and of nothing
//! else.

use futures::StreamExt;
use futures::future::join;
use qwebsocket::{ErrorKind, Listener, Options, TlsConfig, TlsVersion};

#[cfg(feature = "openssl")]
use super::super::echo;
use super::super::{Authority, connect, front, params, socket, url};
use crate::common::{fail, run};
#[cfg(feature = "openssl")]
use crate::s_server::SServer;
use crate::tls_front::shows;

const VERSIONS: [TlsVersion; 2] = [TlsVersion::Tls1_2, TlsVersion::Tls1_3];

fn panicking() -> TlsConfig {
    TlsConfig::new().danger().key_log(|_| panic!("in key_log"))
}

#[test]
fn a_panic_in_key_log_fails_the_connection() {
    let authority = Authority::new("authority");
    let front = front(shows(&authority.pem(params(&["localhost"]))));
    for version in VERSIONS {
        let tls = panicking().danger().verify_none();
        let tls = tls.min_version(version).max_version(version);
        let error = run(fail(&socket(tls), url(&front)));
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.to_string().contains("panicked"), "{error}");
    }
    // It is that of one connection.
    run(connect(authority.trusted(), &front)).unwrap();
}

#[test]
fn a_panic_in_a_servers_key_log_fails_the_connection() {
    let authority = Authority::new("authority");
    let identity = authority.pem(params(&["localhost"])).identity();
    run(async {
        let options = Options::new().tls(panicking().identity(identity));
        let mut listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
        let url = format!("wss://localhost:{}/", listener.local_address().port());
        for _ in 0..2 {
            let client = socket(authority.trusted());
            let accepting = async { listener.next().await.unwrap().unwrap().await };
            let (_, accepted) = join(fail(&client, url.clone()), accepting).await;
            let error = accepted.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
            assert!(error.to_string().contains("panicked"), "{error}");
        }
    });
}

/// Also where the server would go on without a key, by its certificate.
#[cfg(feature = "openssl")]
#[test]
fn a_panic_in_pre_shared_key_fails_the_connection() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("panic", params(&["localhost"]));
    for version in ["-tls1_2", "-tls1_3"] {
        let arguments = [
            ["-cert", &certificate],
            ["-key", &key],
            ["-psk", "1a2b3c4d"],
            ["-cipher", "PSK"],
        ];
        let server = SServer::start(&[arguments.as_flattened(), &[version]].concat(), &echo());
        let tls = authority
            .trusted()
            .pre_shared_key(|_| panic!("in pre_shared_key"));
        let url = format!("wss://localhost:{}/run/key", server.port());
        let error = run(fail(&socket(tls), url));
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.to_string().contains("panicked"), "{error}");
    }
}
