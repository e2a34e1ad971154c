//! What a crate feature brings is refused without it. Those that the other tests here do not need are
//! never on, and in one set of features none is but that of a runtime.

use std::io::{Read, Write};
use std::net::SocketAddr;

use qwebsocket::{
    ClientHandshake, Compression, Credentials, Error, ErrorKind, Features, Headers, Options, Proxy,
    ServerHandshake, Socket, WebSocket,
};
#[cfg(not(feature = "server"))]
use qwebsocket::{Listener, testing};

use crate::common::{PLACES, Place, serve};

fn places() -> impl Iterator<Item = Place> {
    PLACES.into_iter().filter(|place| place.has_runtime())
}

/// A server that answers every request so.
fn answering(answer: &'static [u8]) -> SocketAddr {
    serve(|mut stream| {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        stream.write_all(answer).unwrap();
    })
}

#[test]
fn credentials_need_authentication() {
    let missing = || ErrorKind::Unsupported(Features::AUTHENTICATION);
    assert!(!Socket::FEATURES.contains(Features::AUTHENTICATION));
    let credentials = || Credentials::new("user", "password");
    for options in [
        Options::new().credentials(credentials()),
        Options::new().ask_credentials(true),
    ] {
        assert_eq!(options.build().unwrap_err().kind(), missing());
    }
    let error = Socket::new().open("ws://user:password@localhost/".into());
    assert_eq!(error.unwrap_err().kind(), missing());
}

#[cfg(feature = "proxy")]
#[test]
fn an_http_proxy_with_credentials_needs_authentication() {
    let credentials = || Credentials::new("user", "password");
    let by_proxy = Proxy::http("localhost", 1).credentials(credentials());
    let error = Options::new().proxy(by_proxy).build().unwrap_err();
    let missing = ErrorKind::Unsupported(Features::AUTHENTICATION);
    assert_eq!(error.kind(), missing);
    // SOCKS5 has a login of its own.
    let by_proxy = Proxy::socks5("localhost", 1).credentials(credentials());
    assert!(Options::new().proxy(by_proxy).build().is_ok());
}

#[test]
fn a_challenge_is_an_error_that_says_so() {
    const ANSWER: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                            Content-Length: 0\r\nConnection: close\r\n\r\n";

    for place in places() {
        let address = answering(ANSWER);
        let error: Error = place
            .run(Socket::connect(format!("ws://{address}/")))
            .map(drop)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert_eq!(error.response().unwrap().status(), 401);
        assert!(error.to_string().contains("crate feature"), "{error}");
    }
}

#[test]
fn messages_stay_plain_without_compression() {
    const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

    assert!(!Socket::FEATURES.contains(Features::COMPRESSION));
    let options = || Options::new().compression(Compression::new());
    let error = options().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported(Features::COMPRESSION));

    let options = options().best_effort(Features::COMPRESSION);
    let options = options.build().unwrap();
    let client = ClientHandshake::new("ws://localhost/", &options).unwrap();
    assert_eq!(client.headers().get(EXTENSIONS), None);
    let offer = [(EXTENSIONS, "permessage-deflate")];
    let headers: Headers = client.headers().iter().chain(offer).collect();
    if cfg!(feature = "server") {
        let server = ServerHandshake::new("GET", "/", headers).unwrap();
        let (response, _) = server.accept(None, &options).unwrap();
        assert_eq!(response.headers().get(EXTENSIONS), None);
    }
}

#[cfg(not(feature = "proxy"))]
#[test]
fn a_proxy_is_refused_without_its_feature() {
    assert!(!Socket::FEATURES.contains(Features::PROXY));
    // Nobody is asked for the way, and the server is reached without it.
    let address = answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    for proxy in [Proxy::socks5("localhost", 1), Proxy::environment()] {
        let options = Options::new().proxy(proxy);
        let error = options.clone().build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported(Features::PROXY));
        for place in places() {
            let options = options.clone().best_effort(Features::PROXY);
            let url = format!("ws://{address}/");
            let connected = place.run(Socket::connect_with(url, options));
            let error = connected.map(drop).unwrap_err();
            assert_eq!(error.response().unwrap().status(), 404);
        }
    }
}

#[cfg(not(feature = "redirects"))]
#[test]
fn a_redirect_is_a_failed_handshake() {
    assert!(!Socket::FEATURES.contains(Features::REDIRECTS));
    let options = Options::new().redirects(1);
    let error = options.clone().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported(Features::REDIRECTS));
    let address =
        answering(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    for place in places() {
        let options = options.clone().best_effort(Features::REDIRECTS);
        let url = format!("ws://{address}/");
        let connected = place.run(Socket::connect_with(url, options));
        let error = connected.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Handshake, "{error}");
        assert_eq!(error.response().unwrap().status(), 302);
    }
}

#[cfg(not(feature = "server"))]
#[test]
fn nobody_is_served_without_the_feature() {
    let missing = ErrorKind::Unsupported(Features::SERVER);
    assert!(!Socket::FEATURES.contains(Features::SERVER));
    let bound = futures::executor::block_on(Listener::bind("127.0.0.1:0"));
    assert_eq!(bound.unwrap_err().kind(), missing);
    let stream = futures::io::Cursor::new(Vec::new());
    let accepted = Socket::accept(stream, Options::new());
    assert_eq!(accepted.unwrap_err().kind(), missing);
    let handshake = ServerHandshake::new("GET", "/", Headers::default());
    assert_eq!(handshake.unwrap_err().kind(), missing);
    let pair = testing::pair(Options::new(), Options::new());
    assert_eq!(pair.unwrap_err().kind(), missing);
}

#[test]
fn hosts_are_ascii_without_idna() {
    let open = |url: &str| Socket::new().open(url.into());
    for place in places() {
        // In either case.
        place.run(async { open("ws://LOCALHOST:1/") }).unwrap();
    }
    for url in ["ws://b\u{FC}cher.example/", "ws://a\u{3002}example/"] {
        let error = open(url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("`idna`"), "{error}");
    }
    for host in ["a%41", "a^b", "a\u{7F}b", "..", ""] {
        let error = open(&format!("ws://{host}/")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{host}");
    }
}
