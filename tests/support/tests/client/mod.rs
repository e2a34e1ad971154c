//! A client with just enough WebSocket to test the server.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use support::{Frame, Log, Script, Server, opcode};

pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub(crate) const MASK: [u8; 4] = [1, 2, 3, 4];

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

/// What a read brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Eof,
    Reset,
}

pub(crate) type Received = (bool, u8, Vec<u8>);

/// An id that no other test of this process has.
pub(crate) fn new_id() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("case-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Opens a script's URL, up to the request.
pub(crate) fn start(server: &Server, id: &str, script: &Script) -> Client {
    Client::request(server, &script.url("", id, ""))
}

/// Opens a script's URL and expects the server to accept.
pub(crate) fn open(server: &Server, id: &str, script: &Script) -> Client {
    let mut client = start(server, id, script);
    let head = client.head();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    client
}

pub(crate) fn log(server: &Server, id: &str) -> Log {
    fetch(server, &Log::url("", id))
}

pub(crate) fn fetch(server: &Server, target: &str) -> Log {
    let mut client = Client::request(server, target);
    assert!(client.head().starts_with("HTTP/1.1 101 "));
    let (fin, opcode, text) = client.frame().unwrap();
    assert!(fin && opcode == opcode::TEXT);
    assert_eq!(client.frame(), Ok((true, opcode::CLOSE, vec![0x03, 0xe8])));
    client.send(Frame::close(1000, ""));
    assert_eq!(client.frame(), Err(End::Eof));
    Log::parse(str::from_utf8(&text).unwrap()).unwrap()
}

impl Client {
    pub(crate) fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        let limit = Some(Duration::from_secs(10));
        stream.set_read_timeout(limit).unwrap();
        Self { stream }
    }

    pub(crate) fn request(server: &Server, target: &str) -> Self {
        let mut client = Self::connect(server);
        client.write(format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        ));
        client
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn send(&mut self, frame: Frame) {
        self.write(frame.masked(MASK).encode());
    }

    pub(crate) fn read(&mut self, len: usize) -> Result<Vec<u8>, End> {
        let mut bytes = vec![0; len];
        match self.stream.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(match error.kind() {
                ErrorKind::UnexpectedEof => End::Eof,
                ErrorKind::ConnectionReset => End::Reset,
                _ => panic!("{error}"),
            }),
        }
    }

    pub(crate) fn rest(&mut self) -> String {
        let mut text = String::new();
        self.stream.read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.read(1).expect("a response"));
        }
        String::from_utf8(head).unwrap()
    }

    pub(crate) fn frame(&mut self) -> Result<Received, End> {
        let [first, second] = self.array()?;
        let len = match second {
            126 => u16::from_be_bytes(self.array()?).into(),
            127 => u64::from_be_bytes(self.array()?) as usize,
            len => len.into(),
        };
        Ok((first & 0x80 != 0, first & 0x7f, self.read(len)?))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], End> {
        Ok(self.read(N)?.try_into().unwrap())
    }
}
