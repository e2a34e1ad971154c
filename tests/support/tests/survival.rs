//! Whatever a client does, the server answers the next one.
#![cfg(not(target_family = "wasm"))]

mod client;

use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use client::{Client, End, fetch, log, new_id, open, start};
use socket2::SockRef;
use support::{Entry, Frame, Log, Script, Server, blackhole, opcode, refused_port, silent};

fn is_healthy(server: &Server) -> bool {
    let mut client = Client::request(server, "/health");
    let response = client.rest();
    response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("\r\n\r\nok")
}

#[test]
fn garbage_is_refused() {
    let server = Server::start();
    for bytes in [
        b"\r\n\r\n".to_vec(),
        b"\x16\x03\x01\xff\xff\xff\r\n\r\n".to_vec(),
        vec![b'x'; 70 << 10],
    ] {
        let mut client = Client::connect(&server);
        client.write(&bytes);
        assert!(client.rest().starts_with("HTTP/1.1 400 "));
    }
    let mut client = Client::request(&server, "/nowhere");
    assert!(client.rest().starts_with("HTTP/1.1 404 "));
    drop(Client::connect(&server));
    assert!(is_healthy(&server));
}

#[test]
fn bad_scripts_are_refused_and_recorded() {
    let server = Server::start();
    let id = new_id();
    let mut client = Client::request(&server, &format!("/run/{id}?do=accept;jump%zz"));
    assert!(
        client
            .rest()
            .contains("unknown or incomplete step: \"jump%zz\"")
    );
    drop(client);
    let log = log(&server, &id);
    let error = "unknown or incomplete step: \"jump%zz\"".to_owned();
    assert_eq!(log.connection(1)[1], Entry::Error(error));
}

#[test]
fn bytes_that_are_no_frames_are_told() {
    let server = Server::start();
    let script = Script::new().accept().drain(5000);
    for (bytes, frames) in [
        (vec![0xff; 1000], 0),
        ([Frame::text("a").encode(), vec![0x82, 0x7e, 4]].concat(), 1),
    ] {
        let id = new_id();
        let mut client = open(&server, &id, &script);
        client.write(&bytes);
        client.stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.frame(), Err(End::Eof));

        let log = log(&server, &id);
        let rest = &bytes[frames * 3..];
        let head = rest[..rest.len().min(256)].to_vec();
        assert_eq!(log.frames(1).len(), frames);
        assert!(log.frames(1).iter().all(|frame| frame.mask.is_none()));
        let len = rest.len() as u64;
        let total = bytes.len() as u64;
        assert!(log.connection(1).ends_with(&[
            Entry::Eof,
            Entry::Rest { len, head },
            Entry::Bytes { total },
            Entry::Ended,
        ]));
    }
}

#[test]
fn resets_end_the_script() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new().accept().serve().sleep(60_000);
    let client = open(&server, &id, &script);
    let linger = Some(Duration::ZERO);
    SockRef::from(&client.stream).set_linger(linger).unwrap();
    drop(client);
    let log = log(&server, &id);
    let tail = [Entry::Reset, Entry::Bytes { total: 0 }, Entry::Ended];
    assert!(log.connection(1).ends_with(&tail));
}

#[test]
fn writing_to_a_client_that_left_ends_the_script() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new()
        .accept()
        .sleep(50)
        .text("x")
        .sleep(50)
        .text("y")
        .sleep(60_000);
    drop(open(&server, &id, &script));
    assert!(log(&server, &id).connection(1).contains(&Entry::Reset));
}

#[test]
fn scripts_of_one_id_follow_each_other() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new()
        .raw("HTTP/1.1 503 Busy\r\n\r\n")
        .next_connection()
        .accept()
        .text("second");
    assert!(start(&server, &id, &script).rest().contains("503"));
    for _ in 0..2 {
        let mut client = open(&server, &id, &script);
        assert_eq!(client.frame(), Ok((true, opcode::TEXT, b"second".to_vec())));
    }
    let log = fetch(&server, &Log::url_of("", &id, 3));
    assert_eq!(log.connections.len(), 3);
    assert!(log.ended());
}

#[test]
fn logs_are_told_at_once_or_after_the_end() {
    let server = Server::start();
    let id = new_id();
    assert_eq!(fetch(&server, &Log::url_now("", &id)), Log::default());
    assert_eq!(fetch(&server, &Log::url_of("", &id, 0)), Log::default());

    let mut client = open(&server, &id, &Script::new().accept().serve().drain(300));
    assert!(!fetch(&server, &Log::url_now("", &id)).ended());
    client.send(Frame::close(1000, ""));
    let begin = Instant::now();
    drop(client);
    assert!(log(&server, &id).ended());
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[test]
fn listens_on_ipv6_until_dropped() {
    let Ok(server) = Server::bind("[::1]:0") else {
        return;
    };
    let address = server.address();
    assert!(server.base().starts_with("ws://[::1]:"));
    assert!(is_healthy(&server));
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn dead_ends_lead_nowhere() {
    let patience = Duration::from_millis(100);
    let connect = |address| TcpStream::connect_timeout(&address, patience);

    let refused = refused_port().unwrap();
    let error = connect(refused.address()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);

    let silent = silent().unwrap();
    let stream = connect(silent.address()).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    assert!(stream.peek(&mut [0]).is_err());

    let blackhole = blackhole().unwrap();
    if cfg!(target_os = "linux") {
        let error = connect(blackhole.address()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    }
}
