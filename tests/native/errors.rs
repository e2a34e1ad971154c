//! An error says each text once, to whoever prints it together with the chain of its sources.

use std::net::TcpListener;

use qwebsocket::{
    Error, ErrorKind, Listener, Options, Proxy, Request, Socket, TlsCertificate, TlsConfig,
    TlsIdentity, TypedError,
};
use support::{Script, assert_said_once as said_once};

use crate::common::{fail, run};
use crate::scripted::Scripted;
use crate::tls::{Authority, LIBRARIES, front, params};
use crate::tls_front::{TlsFront, demand, shows};

const GARBAGE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/// Whether the chain has more than one text.
fn has_source(error: &Error) -> bool {
    said_once(error).len() > 1
}

async fn with(options: Options, request: impl Into<Request>) -> Error {
    let socket = Socket::with_options(options).unwrap();
    let error = fail(&socket, request).await;
    said_once(&error);
    error
}

#[test]
fn of_the_way_to_a_server() {
    run(async {
        let nobody = support::refused_port().unwrap();
        let plain = || Options::new();
        let error = with(plain(), format!("ws://{}/", nobody.address())).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(has_source(&error));
        let error = with(plain(), "ws://nobody.invalid/").await;
        assert_eq!(error.kind(), ErrorKind::HostNotFound);
        assert!(has_source(&error));
        for script in [
            Script::new().raw("nonsense\r\n\r\n").drain(500),
            Script::new().raw("HTTP/1.1 404 No\r\n\r\n").fin(),
            Script::new().fin(),
            Script::new().rst(),
        ] {
            let server = Scripted::new(script);
            with(plain(), server.url()).await;
        }
    });
}

#[test]
fn of_a_proxy() {
    run(async {
        let nobody = support::refused_port().unwrap().address().port();
        for new in [Proxy::http, Proxy::socks5] {
            let options = Options::new().proxy(new("127.0.0.1", nobody));
            let error = with(options, "ws://a.example/").await;
            assert_eq!(error.kind(), ErrorKind::ProxyConnectionRefused);
            assert!(error.to_string().starts_with("proxy: "), "{error}");
            assert!(has_source(&error), "the system's own word is there");
            for answer in ["nonsense\r\n\r\n", "HTTP/1.1 403 No\r\n\r\n", ""] {
                let server = Scripted::new(Script::new().raw(answer).fin());
                let port = server.own_port().await;
                let options = Options::new().proxy(new("127.0.0.1", port));
                with(options, "ws://a.example/").await;
            }
        }
        let server = Scripted::new(Script::new().raw("a\x01 b\r\n\r\n").fin());
        let proxy = Proxy::http("127.0.0.1", server.own_port().await);
        let error = with(Options::new().proxy(proxy), "ws://a.example/").await;
        assert_eq!(error.kind(), ErrorKind::ProxyProtocol);
        assert!(has_source(&error), "the parser's own word is there");
    });
}

#[test]
fn of_a_listener() {
    run(async {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = Listener::bind(taken.local_addr().unwrap()).await;
        assert!(has_source(&error.unwrap_err()));
        for address in ["nobody.invalid:0", "[::1%none]:0", "none"] {
            said_once(&Listener::bind(address).await.unwrap_err());
        }
    });
}

#[test]
fn of_tls_as_it_is_spoken() {
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let pem = |names: &[&str]| authority.pem(params(names));
    let connect = |url: String, tls: TlsConfig| {
        let options = Options::new().tls(tls);
        let error = run(Socket::connect_with(url, options)).unwrap_err();
        said_once(&error);
        error
    };
    let at = |front: &TlsFront| format!("wss://localhost:{}/", front.port());
    for library in LIBRARIES {
        let trusted = || authority.trusted().library(*library);
        let good = front(shows(&pem(&["localhost"])));
        let error = connect(at(&good), stranger.trusted().library(*library));
        assert_eq!(error.to_string(), error.tls_errors()[0].to_string());
        connect(at(&front(shows(&pem(&["elsewhere"])))), trusted());
        let mut demanding = shows(&pem(&["localhost"]));
        demand(&mut demanding, &authority);
        let error = connect(at(&front(demanding)), trusted());
        assert!(error.alert_received().is_some(), "{error:?}");
        for script in [
            Script::new().raw("HTTP/1.1 400 No\r\n\r\n").drain(500),
            Script::new().fin(),
            Script::new().rst(),
        ] {
            let port = run(Scripted::new(script).own_port());
            connect(format!("wss://localhost:{port}/"), trusted());
        }
        let proxy = Proxy::https("localhost", good.port());
        let tls = stranger.trusted().library(*library);
        let options = Options::new().proxy(proxy).tls(tls);
        let error = run(Socket::connect_with("ws://a.example/", options)).unwrap_err();
        assert!(!error.tls_errors().is_empty());
        said_once(&error);
    }
}

#[test]
fn of_tls_as_it_is_configured() {
    let own = Authority::new("own").pem(params(&["own"]));
    let other = Authority::new("other").pem(params(&["other"]));
    for library in LIBRARIES {
        let tls = || TlsConfig::new().library(*library);
        for bad in [
            tls().root_pem(GARBAGE),
            tls().root_pem("none"),
            tls().root_der("garbage"),
            tls().root_file("/no/such/file"),
            tls().revocation_list_pem(GARBAGE.replace("CERTIFICATE", "X509 CRL")),
            tls().ciphers("nonsense"),
            tls().cipher_suites("nonsense"),
            tls().groups("nonsense"),
            tls().server_name("a b"),
            tls().identity(TlsIdentity::pem(GARBAGE, &*own.key)),
            tls().identity(TlsIdentity::pem(&*own.chain, "garbage")),
            tls().identity(TlsIdentity::pem(&*own.chain, &*other.key)),
            tls().identity(TlsIdentity::pkcs12("garbage", "secret")),
            tls().identity(TlsIdentity::pkcs12_file("/no/such/file", "secret")),
        ] {
            let error = Options::new().tls(bad).build().unwrap_err();
            said_once(&error);
        }
        let missing = tls().root_file("/no/such/file");
        let text = Options::new().tls(missing).build().unwrap_err().to_string();
        assert!(text.starts_with("cannot read /no/such/file: "), "{text}");
    }
    if !LIBRARIES.is_empty() {
        let error = TlsCertificate::from_pem(GARBAGE.as_bytes()).unwrap_err();
        assert!(has_source(&error));
    }
}

#[test]
fn of_typed_messages() {
    let socket = Error::from(ErrorKind::TooLarge).with_source(Error::other("the cause"));
    for (error, texts) in [
        (TypedError::Socket(socket), 2),
        (TypedError::Encode(Error::other("the codec")), 2),
        (TypedError::Decode(Error::other("the codec")), 2),
    ] {
        assert_eq!(said_once(&error).len(), texts);
    }
}
