//! Every step of a script, seen from a client.
#![cfg(not(target_family = "wasm"))]

mod client;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use client::{Client, End, log, new_id, open, start};
use support::{Accept, Entry, Frame, Payload, Script, Server, SlowRead, Socks5, opcode};

#[test]
fn serve_echoes_and_answers() {
    let server = Server::start();
    let id = new_id();
    let mut client = Client::request(&server, &format!("/run/{id}/a/../b?x=1"));
    client.head();
    client.send(Frame::text("a").not_final());
    client.send(Frame::ping("p"));
    client.send(Frame::continuation("b"));
    client.send(Frame::binary(Payload::pattern(70_000)));
    client.send(Frame::close(4321, "bye"));

    assert_eq!(client.frame(), Ok((false, opcode::TEXT, b"a".to_vec())));
    assert_eq!(client.frame(), Ok((true, opcode::PONG, b"p".to_vec())));
    assert_eq!(
        client.frame(),
        Ok((true, opcode::CONTINUATION, b"b".to_vec()))
    );
    let pattern = Payload::pattern(70_000).to_bytes();
    assert_eq!(client.frame(), Ok((true, opcode::BINARY, pattern)));
    let code = 4321_u16.to_be_bytes().to_vec();
    assert_eq!(client.frame(), Ok((true, opcode::CLOSE, code)));
    assert_eq!(client.frame(), Err(End::Eof));
    drop(client);

    let log = log(&server, &id);
    assert_eq!(
        log.request(1)[0],
        format!("GET /run/{id}/a/../b?x=1 HTTP/1.1")
    );
    assert_eq!(log.header(1, "host"), Some("x"));
    assert_eq!(log.frames(1).len(), 5);
    assert_eq!(log.frames(1)[4].close_reason(), Some("bye"));
    assert_eq!(log.frames(1)[0].mask, Some(client::MASK));
    assert!(
        log.frames(1)[3]
            .body
            .is(Payload::pattern(70_000).to_bytes())
    );
    assert_eq!(log.bytes(1), 7 + 7 + 7 + (14 + 70_000) + (6 + 5));
    assert!(log.hung_up(1) && log.ended());
}

#[test]
fn serve_for_ends_in_time() {
    let server = Server::start();
    let id = new_id();
    let mut client = open(
        &server,
        &id,
        &Script::new().accept().serve_for(50).text("on"),
    );
    assert_eq!(client.frame(), Ok((true, opcode::TEXT, b"on".to_vec())));
    drop(client);
    assert!(log(&server, &id).connection(1).contains(&Entry::Timeout));
}

#[test]
fn accept_obeys_in_one_write() {
    let server = Server::start();
    let accept = Accept::new().status_line("HTTP/1.1 101").protocol("chat2");
    let accept = accept.header("Set-Cookie: a=b").tail(b"\x81\x02hi");
    let mut client = start(&server, &new_id(), &Script::new().accept_with(accept));
    let mut bytes = [0; 1000];
    let count = client.stream.read(&mut bytes).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&bytes[..count]),
        "HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         Sec-WebSocket-Protocol: chat2\r\nSet-Cookie: a=b\r\n\r\n\u{fffd}\u{2}hi"
    );
}

#[test]
fn pace_writes_bit_by_bit() {
    let server = Server::start();
    let script = Script::new()
        .accept()
        .pace(1, 20)
        .text("slow")
        .at_once()
        .text("fast");
    let mut client = open(&server, &new_id(), &script);
    let begin = Instant::now();
    assert_eq!(client.read(1), Ok(vec![0x81]));
    assert_eq!(client.read(5), Ok(b"\x04slow".to_vec()));
    assert!(begin.elapsed() >= Duration::from_millis(80));
    assert_eq!(client.frame(), Ok((true, opcode::TEXT, b"fast".to_vec())));
}

#[test]
fn burst_and_raw_write_anything() {
    let server = Server::start();
    let script = Script::new()
        .accept()
        .burst([
            Frame::text("a").not_final(),
            Frame::new(7, "b").rsv(4).masked([0, 0, 0, 1]),
        ])
        .raw(Payload::repeat([0xff], 3));
    let mut client = open(&server, &new_id(), &script);
    let expected = b"\x01\x01a\xc7\x81\0\0\0\x01b\xff\xff\xff";
    assert_eq!(client.read(expected.len()), Ok(expected.to_vec()));
    assert_eq!(client.read(1), Err(End::Eof));
}

#[test]
fn frames_are_counted_and_awaited() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new()
        .accept()
        .frames(2, 5000)
        .text("two")
        .frames_until(opcode::CLOSE, 5000)
        .close(1001, "why")
        .frames(1, 30);
    let mut client = open(&server, &id, &script);
    client.send(Frame::text("1"));
    client.send(Frame::text("2"));
    assert_eq!(client.frame(), Ok((true, opcode::TEXT, b"two".to_vec())));
    client.send(Frame::pong("3"));
    client.send(Frame::close_empty());
    let close = b"\x03\xe9why".to_vec();
    assert_eq!(client.frame(), Ok((true, opcode::CLOSE, close)));
    assert_eq!(client.frame(), Err(End::Eof));
    drop(client);

    let log = log(&server, &id);
    assert_eq!(log.frames(1).len(), 4);
    assert_eq!(log.frames(1)[3].close_code(), None);
    let tail = [
        Entry::Timeout,
        Entry::Eof,
        Entry::Bytes {
            total: 7 + 7 + 7 + 6,
        },
        Entry::Ended,
    ];
    assert!(log.connection(1).ends_with(&tail));
}

#[test]
fn drain_is_silent_and_sleep_waits() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new().sleep(50).accept().drain(60).text("done");
    let begin = Instant::now();
    let mut client = open(&server, &id, &script);
    assert!(begin.elapsed() >= Duration::from_millis(50));
    client.send(Frame::ping("?"));
    assert_eq!(client.frame(), Ok((true, opcode::TEXT, b"done".to_vec())));
    assert!(begin.elapsed() >= Duration::from_millis(110));
    drop(client);
    assert_eq!(log(&server, &id).frames(1)[0].opcode, opcode::PING);
}

#[test]
fn slow_read_keeps_the_client_waiting() {
    let server = Server::start();
    let id = new_id();
    let read = SlowRead::lasting(20_000);
    let script = Script::new()
        .receive_buffer(65_536)
        .accept()
        .slow_read(read.gap(5).chunk(1000).total(20_000))
        .text("half")
        .slow_read(read);
    let mut client = open(&server, &id, &script);
    let frame = Frame::binary(Payload::pattern(8_000_000)).masked([5; 4]);
    let mut stream = client.stream.try_clone().unwrap();
    let begin = Instant::now();
    let writing = thread::spawn(move || {
        stream.write_all(&frame.encode()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        begin.elapsed()
    });
    assert_eq!(client.frame(), Ok((true, opcode::TEXT, b"half".to_vec())));
    assert!(writing.join().unwrap() >= Duration::from_millis(95));
    assert_eq!(client.frame(), Err(End::Eof));

    let log = log(&server, &id);
    assert_eq!(log.bytes(1), 8_000_014);
    assert!(
        log.frames(1)[0]
            .body
            .is(Payload::pattern(8_000_000).to_bytes())
    );
}

#[test]
fn request_reads_a_second_head() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new()
        .raw("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        .request()
        .accept();
    let mut client = start(&server, &id, &script);
    assert!(client.head().contains(" 401 "));
    client.write("GET /again HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n");
    assert!(
        client
            .head()
            .contains("Accept: JVxkmtKFjDcI/Pm/AGPEKSN6wT8=")
    );
    drop(client);
    let log = log(&server, &id);
    let lines = vec![
        "GET /again HTTP/1.1".to_owned(),
        "Sec-WebSocket-Key: x".to_owned(),
    ];
    assert_eq!(log.connection(1)[1], Entry::Request { lines });
    assert_eq!(log.bytes(1), 0);
}

#[test]
fn fin_half_close_and_rst_end_differently() {
    let server = Server::start();
    let scripts = Script::new()
        .accept()
        .fin()
        .next_connection()
        .accept()
        .half_close()
        .frames(1, 5000)
        .next_connection()
        .accept()
        .sleep(30)
        .rst();
    let id = new_id();

    let mut fin = open(&server, &id, &scripts);
    assert_eq!(fin.frame(), Err(End::Eof));
    drop(fin);

    let mut half = open(&server, &id, &scripts);
    assert_eq!(half.frame(), Err(End::Eof));
    half.send(Frame::text("still"));
    drop(half);

    let mut rst = open(&server, &id, &scripts);
    rst.send(Frame::text("unread"));
    assert_eq!(rst.frame(), Err(End::Reset));

    let log = log(&server, &id);
    assert_eq!(log.connections.len(), 3);
    assert_eq!(log.frames(2)[0].body.text(), Some("still"));
    let tail = [Entry::Bytes { total: 0 }, Entry::Ended];
    assert!(log.connection(3).ends_with(&tail));
    assert!(!log.hung_up(3));
}

#[test]
fn frames_of_twenty_mebibytes_are_echoed() {
    let server = Server::start();
    let len = 20 << 20;
    let mut client = open(&server, &new_id(), &Script::echo());
    client.send(Frame::binary(Payload::pattern(len)));
    let (fin, opcode, payload) = client.frame().unwrap();
    assert!(fin && opcode == opcode::BINARY);
    assert_eq!(payload.len(), len);
    assert!(payload == Payload::pattern(len).to_bytes());
}

/// A client of the port that follows this script.
fn at_own_port(server: &Server, id: &str, script: &Script) -> TcpStream {
    let mut client = Client::request(server, &script.port_url("", id));
    client.head();
    let (_, _, port) = client.frame().unwrap();
    let port: u16 = str::from_utf8(&port).unwrap().parse().unwrap();
    TcpStream::connect(("127.0.0.1", port)).unwrap()
}

fn read<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_port_of_its_own_follows_its_script_from_the_first_byte_on() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new().raw("hi").request().raw("200");
    let mut stream = at_own_port(&server, &id, &script);
    assert_eq!(&read(&mut stream), b"hi");
    stream.write_all(b"CONNECT a:1 HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(&read(&mut stream), b"200");
    drop(stream);
    let log = log(&server, &id);
    assert_eq!(log.request(1), ["CONNECT a:1 HTTP/1.1"]);
}

#[test]
fn socks5_asks_and_refuses() {
    let server = Server::start();
    let id = new_id();
    let script = Script::new()
        .socks5(Socks5::new().login("u", "pw"))
        .raw("through")
        .next_connection()
        .socks5(Socks5::new().reply(5));
    let mut client = at_own_port(&server, &id, &script);
    client.write_all(&[5, 2, 0, 2]).unwrap();
    assert_eq!(read(&mut client), [5, 2]);
    client.write_all(b"\x01\x01u\x02pw").unwrap();
    assert_eq!(read(&mut client), [1, 0]);
    client.write_all(b"\x05\x01\0\x03\x01a\0\x50").unwrap();
    assert_eq!(read(&mut client), [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(&read(&mut client), b"through");
    drop(client);
    let log = log(&server, &id);
    let socks5 = |text: &str| Entry::Socks5(text.to_owned());
    let expected = ["methods 0 2", "login u pw", "connect name a:80"].map(socks5);
    assert!(log.connection(1).starts_with(&expected));
    assert_eq!(log.bytes(1), 0);
}

#[test]
fn socks5_lets_nobody_else_through() {
    let server = Server::start();
    let script = Script::new().socks5(Socks5::new().login("u", "pw"));
    for (greeting, login, answer) in [
        (&[5, 1, 0][..], &b""[..], vec![5, 0xff]),
        (&[5, 1, 2], b"\x01\x01u\x01p", vec![5, 2, 1, 1]),
    ] {
        let mut client = at_own_port(&server, &new_id(), &script);
        client.write_all(greeting).unwrap();
        client.write_all(login).unwrap();
        let mut told = Vec::new();
        client.read_to_end(&mut told).unwrap();
        assert_eq!(told, answer);
    }
    let script = Script::new().socks5(Socks5::new().reply(5)).raw("through");
    let mut client = at_own_port(&server, &new_id(), &script);
    client
        .write_all(&[5, 1, 0, 5, 1, 0, 1, 9, 8, 7, 6, 0, 1])
        .unwrap();
    let mut told = Vec::new();
    client.read_to_end(&mut told).unwrap();
    assert_eq!(told, [5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
}
