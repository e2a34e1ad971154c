//! Renegotiation in TLS 1.2 (RFC 5746): a client follows its server, a server refuses.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use async_std::task;
use async_tungstenite::tungstenite::handshake::derive_accept_key;
use futures::StreamExt;
use futures::future::join;
use qwebsocket::{
    Event, MaskGenerator, Options, Socket, TlsConfig, TlsLibrary, WebSocket, WebSocketExt,
};

use super::{Authority, LIBRARIES, named, params, secure_listener};
use crate::common::{message, run};
use crate::programs::free_port;
use crate::server::REQUEST;

const PATIENCE: Duration = Duration::from_secs(20);

/// What a program has written so far.
#[derive(Clone, Default)]
struct Written(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Written {
    /// To the standard output and the standard error.
    fn of(child: &mut Child) -> (Written, Written) {
        let (output, errors) = (Written::default(), Written::default());
        output.collect(child.stdout.take().unwrap());
        errors.collect(child.stderr.take().unwrap());
        (output, errors)
    }

    fn collect(&self, mut from: impl Read + Send + 'static) {
        let written = self.clone();
        thread::spawn(move || {
            let mut buffer = [0; 1 << 14];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                let (bytes, more) = &*written.0;
                bytes.lock().unwrap().extend_from_slice(&buffer[..length]);
                more.notify_all();
            }
        });
    }

    /// Waits until this was written so many times; gives all of it.
    fn wait(&self, text: &str, times: usize) -> String {
        let (bytes, more) = &*self.0;
        let all = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let is_missing = |bytes: &mut Vec<u8>| all(bytes).matches(text).count() < times;
        let bytes = bytes.lock().unwrap();
        let waited = more.wait_timeout_while(bytes, PATIENCE, is_missing);
        let (bytes, waited) = waited.unwrap();
        let all = all(&bytes);
        drop(bytes);
        assert!(!waited.timed_out(), "not {times} times {text:?}: {all}");
        all
    }
}

/// `openssl s_server`, which takes commands and what it sends from its standard input.
struct Commanded {
    child: Child,
    input: ChildStdin,
    output: Written,
    errors: Written,
    port: u16,
    renegotiations: usize,
}

impl Commanded {
    fn start(authority: &Authority, test: &str) -> Commanded {
        let [certificate, key] = authority.issue(test, params(&["localhost"]));
        let port = free_port();
        let mut child = Command::new("openssl")
            .args(["s_server", "-tls1_2", "-state", "-naccept", "1", "-accept"])
            .arg(format!("127.0.0.1:{port}"))
            .args(["-cert", &certificate, "-key", &key])
            // The whole handshake each time.
            .arg("-no_resumption_on_reneg")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (output, errors) = Written::of(&mut child);
        output.wait("ACCEPT", 1);
        Commanded {
            input: child.stdin.take().unwrap(),
            child,
            output,
            errors,
            port,
            renegotiations: 0,
        }
    }

    /// Sends it, or does what it commands if that is what a read begins with.
    fn write(&mut self, bytes: &[u8]) {
        self.input.write_all(bytes).unwrap();
        self.input.flush().unwrap();
        // What it reads at a time is a command or data.
        thread::sleep(Duration::from_millis(100));
    }

    fn answer_handshake(&mut self) {
        const KEY: &str = "Sec-WebSocket-Key: ";
        self.output.wait(KEY, 1);
        let request = self.output.wait("\r\n\r\n", 1);
        let key = request.split_once(KEY).unwrap().1;
        let key = key.split_once("\r\n").unwrap().0;
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        self.write(answer.as_bytes());
    }

    fn renegotiate(&mut self, command: &str) {
        self.write(format!("{command}\n").as_bytes());
        self.renegotiations += 1;
        self.errors.wait("write hello request", self.renegotiations);
    }

    /// The client has followed each time, behind its first handshake.
    fn is_followed(&self) {
        self.errors
            .wait("TLS read finished", 1 + self.renegotiations);
    }
}

impl Drop for Commanded {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
struct NoMask;

impl MaskGenerator for NoMask {
    fn next_mask(&self) -> [u8; 4] {
        [0; 4]
    }
}

fn connect(server: &mut Commanded, tls: TlsConfig) -> Socket {
    // So that the server shows what was sent.
    let options = Options::new().tls(tls).mask_generator(Arc::new(NoMask));
    let url = format!("wss://localhost:{}/", server.port);
    thread::scope(|scope| {
        let answering = scope.spawn(|| server.answer_handshake());
        let socket = run(Socket::connect_with(url, options)).unwrap();
        answering.join().unwrap();
        socket
    })
}

/// Text frames of the server's.
fn frames(payload: u8, length: u8, count: usize) -> Vec<u8> {
    let mut frame = vec![0x81, length];
    frame.extend(vec![payload; length.into()]);
    frame.repeat(count)
}

/// rustls has no renegotiation.
fn followers() -> impl Iterator<Item = &'static TlsLibrary> {
    let libraries = LIBRARIES.iter();
    libraries.filter(|library| **library != TlsLibrary::Rustls)
}

#[test]
fn a_client_follows_its_server() {
    let authority = Authority::new("authority");
    for library in followers() {
        let mut server = Commanded::start(&authority, "renegotiation");
        run(async {
            let tls = authority.trusted().library(*library);
            let socket = connect(&mut server, tls);
            for round in 1..=3 {
                server.renegotiate("r");
                server.write(&frames(b'h', 5, 1));
                assert_eq!(message(&socket).await, "hhhhh".into(), "{library:?}");
                socket.send(format!("message {round}").into()).unwrap();
                socket.flush().await.unwrap();
                server.output.wait(&format!("message {round}"), 1);
                server.is_followed();
            }
            assert_eq!(socket.last_error().map(|error| error.to_string()), None);
        });
    }
}

/// As IIS and Apache do it for a part of a site.
#[test]
fn a_client_shows_its_certificate_when_it_is_asked_for_it_later() {
    let authority = Authority::new("authority");
    let client = authority.pem(named("client", &[]));
    for library in followers() {
        let mut server = Commanded::start(&authority, "later");
        run(async {
            let tls = authority.trusted().library(*library);
            let socket = connect(&mut server, tls.identity(client.identity()));
            server.renegotiate("R");
            server.write(&frames(b'h', 5, 1));
            assert_eq!(message(&socket).await, "hhhhh".into(), "{library:?}");
            // Somebody has to poll the socket while this waits.
            let polling = task::spawn(async move { while socket.next_event().await.is_some() {} });
            server.errors.wait("CN = client", 1);
            server.is_followed();
            polling.cancel().await;
        });
    }
}

/// What the server sent before it reads our part of the renegotiation, and what we answer to it
/// meanwhile, arrives.
#[cfg(feature = "openssl")]
#[test]
fn data_passes_a_renegotiation_both_ways() {
    let authority = Authority::new("authority");
    let mut server = Commanded::start(&authority, "meanwhile");
    run(async {
        let tls = authority.trusted().library(qwebsocket::TlsLibrary::OpenSsl);
        let socket = connect(&mut server, tls);
        // Nobody reads yet, so all of it is there when somebody does.
        server.renegotiate("r");
        for _ in 0..4 {
            server.write(&frames(b'x', 120, 100));
        }
        for index in 0..400 {
            assert_eq!(message(&socket).await, "x".repeat(120).into(), "{index}");
            socket.send(format!("<echo {index}>").into()).unwrap();
        }
        socket.flush().await.unwrap();
        server.output.wait("<echo ", 400);
        server.is_followed();
        assert_eq!(socket.last_error().map(|error| error.to_string()), None);
    });
}

#[test]
fn a_server_refuses() {
    for library in LIBRARIES {
        run(async {
            let mut listener = secure_listener(*library).await;
            let mut client = Command::new("openssl")
                .args(["s_client", "-tls1_2", "-connect"])
                .arg(listener.local_address().to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let (output, errors) = Written::of(&mut client);
            let mut input = client.stdin.take().unwrap();
            let asking = task::spawn_blocking(move || {
                input
                    .write_all(format!("{REQUEST}\r\n").as_bytes())
                    .unwrap();
                output.wait("101 Switching Protocols", 1);
                input.write_all(b"R\n").unwrap();
                let told = errors.wait("no renegotiation", 1);
                (input, told)
            });
            let serving = async {
                let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
                let mut socket = incoming.accept(None).await.unwrap();
                let mut events = Vec::new();
                while let Some(event) = socket.next().await {
                    events.push(event);
                }
                events
            };
            let ((_input, _told), events) = join(asking, serving).await;
            let is_error = |event: &Event| matches!(event, Event::Error(_));
            assert_eq!(events.iter().filter(|event| is_error(event)).count(), 1);
            client.wait().unwrap();
        });
    }
}
