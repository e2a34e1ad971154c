//! What a crate feature brings is refused without it: none is on here but that of a runtime.

use std::io::{Read, Write};

use qwebsocket::{
    ClientHandshake, Compression, Credentials, Error, ErrorKind, Features, Headers, Options, Proxy,
    ServerHandshake, Socket, WebSocket,
};

use crate::common::{PLACES, serve};

#[test]
fn credentials_need_authentication() {
    let missing = || ErrorKind::Unsupported(Features::AUTHENTICATION);
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
    let server = ServerHandshake::new("GET", "/", headers).unwrap();
    let (response, _) = server.accept(None, &options).unwrap();
    assert_eq!(response.headers().get(EXTENSIONS), None);
}
