//! What `tracing` is told: the transcripts of `docs/debugging.md` are what connections tell.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, io};
use qwebsocket::{
    CloseCode, ErrorKind, Event, Options, Proxy, Socket, TlsLibrary, WebSocket, WebSocketExt,
};
use support::Script;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::common::{alone, fail, message, run};
use crate::scripted::Scripted;
use crate::server_listener::{accept, listen};
use crate::tls::{Authority, front, named};
use crate::tls_front::shows;

const PAPER: &str = include_str!("../../docs/debugging.md");

/// The lines that are told, of the crate alone.
#[derive(Clone, Default)]
struct Transcript(Arc<Mutex<Vec<u8>>>);

impl Write for Transcript {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transcript {
    /// Of all that this process does from now on.
    fn begin() -> Transcript {
        let transcript = Transcript::default();
        let writer = transcript.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish()
            .with(Targets::new().with_target("qwebsocket", LevelFilter::TRACE))
            .init();
        transcript
    }

    /// The lines so far. The system chooses the ports.
    fn lines(&self) -> Vec<String> {
        let mut text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        for host in ["127.0.0.1:", "localhost:"] {
            let mut parts = text.split(host);
            let mut plain = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                plain.extend([host, "PORT"]);
                plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
            }
            text = plain;
        }
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    /// Asserts that the paper has these lines, one behind the other.
    fn assert_in_paper(&self) {
        let lines = self.lines().join("\n");
        assert!(PAPER.contains(&lines), "the paper lacks\n{lines}");
    }
}

/// An HTTP proxy that lets the first client through to whatever it wants.
async fn tunnel() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    task::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).await.unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let target = head.split(' ').nth(1).expect("a target");
        let server = TcpStream::connect(target).await.unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let (mut to_client, mut to_server) = (client.clone(), server.clone());
        let there = io::copy(client, &mut to_server);
        let back = io::copy(server, &mut to_client);
        let _ = futures::try_join!(there, back);
    });
    address
}

#[test]
fn a_wrong_certificate_behind_a_proxy() {
    alone("trace::a_wrong_certificate_behind_a_proxy", || {
        let authority = Authority::new("company");
        let server = front(shows(&authority.pem(named("shop", &["shop.example"]))));
        run(async {
            let proxy = tunnel().await;
            let tls = authority.trusted().library(TlsLibrary::Rustls);
            let proxy = Proxy::http("127.0.0.1", proxy.port());
            let options = Options::new().proxy(proxy).tls(tls);
            let socket = Socket::with_options(options).unwrap();
            let transcript = Transcript::begin();
            let url = format!("wss://localhost:{}/?token=secret", server.port());
            let error = fail(&socket, url).await;
            assert_eq!(error.kind(), ErrorKind::Tls);
            transcript.assert_in_paper();
        });
    });
}

#[test]
fn a_message_and_a_good_end() {
    alone("trace::a_message_and_a_good_end", || {
        run(async {
            let server = Scripted::new(Script::echo());
            let socket = Socket::new();
            let transcript = Transcript::begin();
            socket.open(server.url().into()).unwrap();
            while !matches!(socket.next_event().await, Some(Event::Connected)) {}
            socket.send_text("hello").unwrap();
            message(&socket).await;
            socket.close_with(CloseCode::NORMAL).unwrap();
            while socket.next_event().await.is_some() {}
            transcript.assert_in_paper();
        });
    });
}

/// Each event belongs to the connection that it is of.
#[test]
fn both_sides_of_an_opening() {
    alone("trace::both_sides_of_an_opening", || {
        run(async {
            let (mut listener, url) = listen(Options::new()).await;
            let transcript = Transcript::begin();
            let (client, _server) = join(Socket::connect(url), accept(&mut listener)).await;
            client.unwrap();
            let lines = transcript.lines();
            for role in ["role=Client", "role=Server"] {
                let is_told =
                    |line: &String| line.contains(role) && line.contains("opening handshake done");
                assert!(lines.iter().any(is_told), "{role}: {lines:#?}");
            }
            let is_in_span = |line: &String| line.contains(" connection{id=");
            assert!(lines.iter().all(is_in_span), "{lines:#?}");
        });
    });
}

#[test]
fn a_peer_that_breaks_a_rule() {
    alone("trace::a_peer_that_breaks_a_rule", || {
        run(async {
            let server = Scripted::new(Script::new().accept().raw(b"\xC1\x00").drain(10_000));
            let socket = Socket::new();
            let transcript = Transcript::begin();
            socket.open(server.url().into()).unwrap();
            while socket.next_event().await.is_some() {}
            let lines = transcript.lines();
            let is_told = lines.iter().any(|line| {
                line.starts_with("WARN connection{") && line.contains("a reserved bit is set")
            });
            assert!(is_told, "{lines:#?}");
        });
    });
}
