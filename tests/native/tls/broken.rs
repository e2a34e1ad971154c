//! What breaks off, is silent, or is no TLS at all.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use qwebsocket::{ErrorKind, Options, Socket, Timeouts, TlsConfig, WebSocket};
use socket2::SockRef;

use super::{Authority, LIBRARIES, params, serve, socket};
use crate::common::{Counterpart, Peer, fail, message, run, to_end};

/// Answers a ClientHello so.
fn server(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        answer(&mut stream);
    });
    format!("wss://{address}/")
}

#[test]
fn a_server_without_tls_is_one_clear_error() {
    let (_server, port) = Counterpart::server(Peer::Node, &[]);
    for library in LIBRARIES {
        let greeting = server(|stream| stream.write_all(b"220 mail.example ESMTP\r\n").unwrap());
        run(async {
            for url in [format!("wss://127.0.0.1:{port}/echo"), greeting] {
                let error = fail(&socket(TlsConfig::new().library(*library)), url).await;
                assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
                assert!(error.to_string().contains("TLS"), "{error}");
            }
        });
    }
}

#[test]
fn a_handshake_that_breaks_off_is_the_remote_hosts_end() {
    let reset = server(|stream| {
        SockRef::from(&*stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    });
    let error = run(fail(&Socket::new(), reset));
    assert_eq!(error.kind(), ErrorKind::RemoteClosed, "{error}");
}

#[test]
fn a_handshake_that_ends_is_the_remote_hosts_end() {
    let error = run(fail(&Socket::new(), server(|_| {})));
    assert_eq!(error.kind(), ErrorKind::RemoteClosed, "{error}");
}

#[test]
fn a_handshake_has_its_time_limit() {
    const LIMIT: Duration = Duration::from_millis(400);
    let silent = support::silent().unwrap();
    let options = Options::new().timeouts(Timeouts::new().tls(LIMIT));
    let socket = Socket::with_options(options).unwrap();
    run(async {
        let begin = Instant::now();
        let error = fail(&socket, format!("wss://{}/", silent.address())).await;
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        assert!((LIMIT..5 * LIMIT).contains(&begin.elapsed()));
    });
}

#[test]
fn a_connection_that_breaks_off_is_the_remote_hosts_end() {
    let authority = Authority::new("authority");
    let files = authority.issue("broken-off", params(&["localhost"]));
    for peer in [Peer::Node, Peer::Python] {
        let (_server, port) = serve(peer, &files, None);
        run(async {
            let options = Options::new().tls(authority.trusted());
            let url = format!("wss://localhost:{port}/abrupt");
            let socket = Socket::connect_with(url, options).await.unwrap();
            let end = [
                "Error(RemoteClosed)",
                "Unconnected",
                "ReadFinished",
                "Disconnected",
            ];
            assert_eq!(to_end(&socket).await, end, "{peer:?}");
        });
    }
}

#[test]
fn large_messages_go_both_ways() {
    let authority = Authority::new("authority");
    let files = authority.issue("large", params(&["localhost"]));
    let data: Vec<u8> = (0..16 << 20).map(|i: u32| (i % 251) as u8).collect();
    for peer in [Peer::Node, Peer::Python] {
        let (_server, port) = serve(peer, &files, None);
        run(async {
            let options = Options::new().tls(authority.trusted());
            let url = format!("wss://localhost:{port}/echo");
            let socket = Socket::connect_with(url, options).await.unwrap();
            socket.send(data.clone().into()).unwrap();
            assert!(message(&socket).await == data.clone().into(), "{peer:?}");
        });
    }
}
