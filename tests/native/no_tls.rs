//! A build without a TLS library: whatever needs one says so before anything happens.

use std::net::TcpListener;

use qwebsocket::{
    ErrorKind, Event, Features, Listener, Options, Proxy, Socket, State, TlsConfig, TlsIdentity,
    WebSocket, WebSocketExt,
};

use crate::common::run;

const MISSING: ErrorKind = ErrorKind::Unsupported(Features::TLS_CONFIG);

/// Where nobody may come.
struct Nobody(TcpListener);

impl Nobody {
    fn new() -> Nobody {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Nobody(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn saw_nobody(&self) {
        let came = self.0.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(came, Err(std::io::ErrorKind::WouldBlock));
    }
}

#[test]
fn wss_is_unsupported_by_the_call() {
    let nobody = Nobody::new();
    let socket = Socket::new();
    let error = socket
        .open(format!("wss://127.0.0.1:{}/", nobody.port()).into())
        .unwrap_err();
    assert_eq!(error.kind(), MISSING);
    assert!(error.to_string().contains("native-tls"), "{error}");
    assert_eq!(socket.state(), State::Unconnected);
    assert!(run(socket.next_event()).is_none());
    let (stream, _) = std::os::unix::net::UnixStream::pair().unwrap();
    let stream = async_std::os::unix::net::UnixStream::from(stream);
    let over = socket.open_over(stream, "wss://localhost/").unwrap_err();
    assert_eq!(over.kind(), MISSING);
    nobody.saw_nobody();
}

#[test]
fn a_proxy_by_https_is_unsupported_by_the_call() {
    let nobody = Nobody::new();
    let proxy = Proxy::https("127.0.0.1", nobody.port());
    let built = Options::new().proxy(proxy.clone()).build();
    assert_eq!(built.unwrap_err().kind(), MISSING);
    // Options that were built before the proxy was set.
    let built = Options::new().build().unwrap().proxy(proxy);
    let error = run(Socket::connect_with("ws://localhost/", built)).unwrap_err();
    assert_eq!(error.kind(), MISSING);
    nobody.saw_nobody();
}

/// It never listens without TLS instead, not even at best effort.
#[test]
fn an_identity_of_a_listener_is_unsupported() {
    let tls = TlsConfig::new().identity(TlsIdentity::pem("certificate", "key"));
    let options = Options::new().tls(tls);
    for options in [options.clone(), options.best_effort(Features::ALL)] {
        let bound = run(Listener::bind_with("127.0.0.1:0", options));
        assert_eq!(bound.unwrap_err().kind(), MISSING);
    }
}

#[test]
fn what_tls_was_told_can_be_done_without() {
    let tls = TlsConfig::new().system_roots(false);
    let options = Options::new().tls(tls).best_effort(Features::TLS_CONFIG);
    let socket = Socket::with_options(options).unwrap();
    let nobody = Nobody::new();
    let url = format!("wss://127.0.0.1:{}/", nobody.port());
    assert_eq!(socket.open(url.into()).unwrap_err().kind(), MISSING);
    socket
        .open(format!("ws://127.0.0.1:{}/", nobody.port()).into())
        .unwrap();
}

/// A redirect from `ws` to `wss` ends before another connection is made.
#[test]
fn a_redirect_to_wss_is_unsupported() {
    let nobody = Nobody::new();
    let location = format!("wss://127.0.0.1:{}/", nobody.port());
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", server.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = server.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let answer =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).unwrap();
        stream
    });
    let socket = Socket::with_options(Options::new().redirects(1)).unwrap();
    socket.open(url.into()).unwrap();
    let mut errors = Vec::new();
    run(async {
        while let Some(event) = socket.next_event().await {
            if let Event::Error(error) = event {
                errors.push(error.kind());
            }
        }
    });
    assert_eq!(errors, [MISSING]);
    drop(answering.join().unwrap());
    nobody.saw_nobody();
}
