//! What a crate feature brings is refused without it: none is on here but that of a runtime.

use std::io::{Read, Write};

use qwebsocket::{
    Credentials, Error, ErrorKind, Features, Options, Proxy, Socket, WebSocket, WebSocketExt,
};

use crate::common::{PLACES, serve};

fn missing() -> ErrorKind {
    ErrorKind::Unsupported(Features::AUTHENTICATION)
}

#[test]
fn credentials_need_authentication() {
    assert!(!Socket::FEATURES.contains(Features::AUTHENTICATION));
    let credentials = || Credentials::new("user", "password");
    let by_proxy = Proxy::http("localhost", 1).credentials(credentials());
    for options in [
        Options::new().credentials(credentials()),
        Options::new().ask_credentials(true),
        Options::new().proxy(by_proxy),
    ] {
        assert_eq!(options.build().unwrap_err().kind(), missing());
    }
    let error = Socket::new().open("ws://user:password@localhost/".into());
    assert_eq!(error.unwrap_err().kind(), missing());
    // SOCKS5 has a login of its own.
    let by_proxy = Proxy::socks5("localhost", 1).credentials(credentials());
    assert!(Options::new().proxy(by_proxy).build().is_ok());
}

#[test]
fn a_challenge_is_an_error_that_says_so() {
    const ANSWER: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                            Content-Length: 0\r\nConnection: close\r\n\r\n";

    for place in PLACES.into_iter().filter(|place| place.has_runtime()) {
        let address = serve(|mut stream| {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            stream.write_all(ANSWER).unwrap();
        });
        let error: Error = place
            .run(Socket::connect(format!("ws://{address}/")))
            .map(drop)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert_eq!(error.response().unwrap().status(), 401);
        assert!(error.to_string().contains("crate feature"), "{error}");
    }
}
