//! Servers that nobody here wrote: nginx with certificates of clients and with TLS 1.2 only, and
//! `openssl s_server` with one cipher and with TLS 1.1 only.

use qwebsocket::{
    ErrorKind, Features, Options, Socket, TlsConfig, TlsLibrary, TlsVersion, WebSocket,
};

use super::{Authority, LIBRARIES, echo, named, params, temporary};
use crate::common::{Counterpart, Peer, fail, message, run};
use crate::programs::Program;
use crate::s_server::SServer;

async fn echoes(url: String, tls: TlsConfig) -> Socket {
    let options = Options::new().tls(tls);
    let socket = Socket::connect_with(url, options).await.unwrap();
    socket.send("hello".into()).unwrap();
    assert_eq!(message(&socket).await, "hello".into());
    socket
}

#[test]
fn nginx_demands_certificates() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("nginx-clients", params(&["localhost"]));
    let root = temporary("nginx-clients.root.pem");
    std::fs::write(&root, authority.root()).unwrap();
    let client = authority.pem(named("client", &[]));
    let stranger = Authority::new("other").pem(named("stranger", &[]));
    let (_server, server) = Counterpart::server(Peer::Node, &[]);
    let nginx = Program::nginx_with_tls(
        server,
        &format!(
            "ssl_certificate {certificate}; ssl_certificate_key {key}; \
             ssl_client_certificate {root}; ssl_verify_client on;"
        ),
    );
    let url = || format!("wss://localhost:{}/echo", nginx.port());
    for library in LIBRARIES {
        let tls = || authority.trusted().library(*library);
        run(async {
            echoes(url(), tls().identity(client.identity())).await;
            // It tells by HTTP what it misses.
            for tls in [tls(), tls().identity(stranger.identity())] {
                let socket = Socket::with_options(Options::new().tls(tls)).unwrap();
                let error = fail(&socket, url()).await;
                assert_eq!(error.kind(), ErrorKind::Handshake, "{error}");
                let response = error.response().unwrap();
                assert_eq!(response.status(), 400);
                let body = String::from_utf8_lossy(response.body());
                assert!(body.contains("SSL certificate"), "{body}");
            }
        });
    }
}

/// A client with one shows it, a client without is let in.
#[test]
fn nginx_asks_for_certificates() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("nginx-optional", params(&["localhost"]));
    let root = temporary("nginx-optional.root.pem");
    std::fs::write(&root, authority.root()).unwrap();
    let client = authority.pem(named("client", &[]));
    let (_server, server) = Counterpart::server(Peer::Node, &[]);
    let nginx = Program::nginx_with_tls(
        server,
        &format!(
            "ssl_certificate {certificate}; ssl_certificate_key {key}; \
             ssl_client_certificate {root}; ssl_verify_client optional; \
             add_header X-Client $ssl_client_s_dn always;"
        ),
    );
    let url = || format!("wss://localhost:{}/echo", nginx.port());
    for library in LIBRARIES {
        let tls = || authority.trusted().library(*library);
        run(async {
            let socket = echoes(url(), tls().identity(client.identity())).await;
            let shown = socket.info().headers().get("X-Client").map(str::to_owned);
            assert!(shown.unwrap().contains("CN=client"));
            let socket = echoes(url(), tls()).await;
            assert_eq!(socket.info().headers().get("X-Client"), None);
        });
    }
}

#[test]
fn nginx_speaks_tls_1_2_only() {
    let authority = Authority::new("authority");
    let [certificate, key] = authority.issue("nginx-1.2", params(&["localhost"]));
    let (_server, server) = Counterpart::server(Peer::Node, &[]);
    let nginx = Program::nginx_with_tls(
        server,
        &format!(
            "ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2;"
        ),
    );
    let url = || format!("wss://localhost:{}/echo", nginx.port());
    for library in LIBRARIES {
        let tls = || authority.trusted().library(*library);
        run(async {
            let socket = echoes(url(), tls()).await;
            if let Some(version) = socket.info().tls().cloned().unwrap().version() {
                assert_eq!(version, TlsVersion::Tls1_2);
            }
            let newer = tls().min_version(TlsVersion::Tls1_3);
            let socket = Socket::with_options(Options::new().tls(newer)).unwrap();
            let error = fail(&socket, url()).await;
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        });
    }
}

/// `s_server` with these arguments.
fn s_server(authority: &Authority, test: &str, arguments: &[&str]) -> SServer {
    let [certificate, key] = authority.issue(test, params(&["localhost"]));
    let shown = ["-cert", &*certificate, "-key", &*key];
    SServer::start(&[arguments, &shown].concat(), &echo())
}

fn url(server: &SServer) -> String {
    format!("wss://localhost:{}/run/s_server", server.port())
}

#[test]
fn s_server_has_one_cipher() {
    const CIPHER: &str = "ECDHE-ECDSA-AES128-GCM-SHA256";
    let authority = Authority::new("authority");
    for library in LIBRARIES {
        let arguments = ["-tls1_2", "-cipher", CIPHER];
        let server = s_server(&authority, "one-cipher", &arguments);
        let socket = run(echoes(url(&server), authority.trusted().library(*library)));
        if let Some(cipher) = socket.info().tls().cloned().unwrap().cipher() {
            assert_eq!(cipher, CIPHER);
        }
    }
}

#[test]
fn s_server_speaks_tls_1_1_only() {
    let authority = Authority::new("authority");
    let start = || {
        let arguments = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
        s_server(&authority, "tls-1.1", &arguments)
    };
    for library in LIBRARIES {
        let tls = authority.trusted().library(*library);
        let server = start();
        let socket = Socket::with_options(Options::new().tls(tls.clone())).unwrap();
        let error = run(fail(&socket, url(&server)));
        assert_eq!(error.kind(), ErrorKind::Tls, "{library:?}");
        assert!(server.errors().contains("unsupported protocol"));
        let tls = tls.danger().min_version(TlsVersion::Tls1_1);
        // Who cannot allow what such a server needs says so.
        if *library != TlsLibrary::OpenSsl {
            let error = Options::new().tls(tls).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported(Features::TLS_CIPHERS));
            continue;
        }
        let server = start();
        let socket = run(echoes(url(&server), tls));
        let version = socket.info().tls().cloned().unwrap().version();
        assert_eq!(version, Some(TlsVersion::Tls1_1));
    }
}
