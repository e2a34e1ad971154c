//! The server's side: `Listener`, `Accepting`, `Incoming`, `Socket::accept`.

use std::time::{Duration, Instant};

use async_std::net::{Shutdown, TcpStream};
use async_std::os::unix::net::UnixStream;
use async_std::task;
use async_tungstenite::tungstenite;
use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use qwebsocket::{
    Accepting, Close, Error, ErrorKind, Event, Incoming, Listener, Options, Request, Socket, State,
    Timeouts, WebSocket, WebSocketExt,
};

use crate::common::{GOOD_END, again_within, fail, is_again, message, run, to_end};

/// The example of RFC 6455 §1.3, without the empty line.
pub(crate) const REQUEST: &str = "GET /chat?a HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n";

async fn listen() -> (Listener, String) {
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_address());
    (listener, url)
}

async fn accept(listener: &mut Listener) -> Accepting {
    listener.next().await.unwrap().unwrap()
}

/// Both ends of a connection that is open.
async fn connected(request: impl FnOnce(&str) -> Request) -> (Socket, Socket) {
    let (mut listener, url) = listen().await;
    let server = async { accept(&mut listener).await.await?.accept(None).await };
    let (client, server) = join(Socket::connect(request(&url)), server).await;
    (client.unwrap(), server.unwrap())
}

/// A client of TCP, and what becomes of it.
async fn raw() -> (TcpStream, Accepting) {
    let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_address()).await.unwrap();
    (client, accept(&mut listener).await)
}

/// Sends `bytes` and reads to the end.
async fn exchange(mut client: TcpStream, bytes: &[u8]) -> String {
    // The server may have seen enough before the end.
    let _ = client.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// A masked frame of a client (RFC 6455 §5.7).
pub(crate) const HELLO: &[u8] = b"\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58";

#[test]
fn what_is_no_opening_handshake_is_refused_with_a_status() {
    let without = |line: &str| REQUEST.replace(line, "");
    let lines = format!("{REQUEST}{}", "X: y\r\n".repeat(200));
    let line = format!("{REQUEST}X: {}\r\n", "y".repeat(70_000));
    for (head, status) in [
        (REQUEST.replace("GET", "POST"), 405),
        ("GET / HTTP/1.1\r\nHost: a\r\n".into(), 426),
        (without("Upgrade: websocket\r\n"), 426),
        (REQUEST.replace(": Upgrade", ": close"), 426),
        (REQUEST.replace(": 13", ": 8"), 426),
        (
            without("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
            400,
        ),
        (REQUEST.replace("==", ""), 400),
        (without("Host: localhost\r\n"), 400),
        (REQUEST.replace("1.1", "1.0"), 400),
        (REQUEST.replace("/chat?a", "*"), 400),
        ("hello\r\n".into(), 400),
        ("\x16\x03\x01\x02".into(), 400),
        (lines, 400),
        (line, 400),
    ] {
        run(async {
            let (client, accepting) = raw().await;
            let head = head + "\r\n";
            let (result, answer) = join(accepting, exchange(client, head.as_bytes())).await;
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Handshake, "{head}");
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{head}{answer}"
            );
            assert!(
                answer.contains("\r\nSec-WebSocket-Version: 13\r\n"),
                "{answer}"
            );
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        });
    }
}

#[test]
fn a_whole_url_as_the_target_names_the_host() {
    run(async {
        let (mut client, accepting) = raw().await;
        let request = REQUEST.replace("/chat?a", "http://other.example/chat?a");
        let request = format!("{request}\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let incoming = accepting.await.unwrap();
        assert_eq!(incoming.resource_name(), "/chat?a");
        let server = incoming.accept(None).await.unwrap();
        assert_eq!(server.request_url(), "ws://other.example/chat?a");
    });
}

#[test]
fn a_client_that_is_still_sending_hears_why_it_is_refused() {
    run(async {
        let posted = REQUEST.replace("GET", "POST");
        for (head, status) in [(&posted[..], 405), ("hello\r\n", 400), (REQUEST, 403)] {
            let (mut client, accepting) = raw().await;
            let refuse = async {
                match accepting.await {
                    Ok(incoming) => incoming.refuse(403).await.unwrap(),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Handshake),
                }
            };
            let hear = async {
                let bytes = [head.as_bytes(), b"\r\n", &[b'x'; 100_000]].concat();
                client.write_all(&bytes).await.unwrap();
                client.shutdown(Shutdown::Write).unwrap();
                let mut answer = String::new();
                // A reset would be an error.
                client.read_to_string(&mut answer).await.unwrap();
                answer
            };
            let ((), answer) = join(refuse, hear).await;
            assert!(answer.contains(&format!(" {status} ")), "{answer}");
        }
    });
}

#[cfg(unix)]
#[test]
fn accepting_rests_while_there_are_no_descriptors() {
    if !is_again() {
        let me = "server::accepting_rests_while_there_are_no_descriptors";
        return again_within("-n 64", me, &[]);
    }
    run(async {
        let (mut listener, _) = listen().await;
        let address = listener.local_address();
        // What accepting takes besides the connection is there now.
        let _first = std::net::TcpStream::connect(address).unwrap();
        let _accepting = accept(&mut listener).await;
        let client = std::net::TcpStream::connect(address).unwrap();
        let open = || std::fs::File::open("/dev/null").ok();
        let held: Vec<_> = std::iter::from_fn(open).collect();
        let begin = Instant::now();
        for _ in 0..3 {
            let error = listener.next().await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection);
        }
        assert!(begin.elapsed() >= Duration::from_millis(200));
        drop(held);
        // It was accepted by nobody, and is not lost.
        drop(accept(&mut listener).await);
        drop(client);
    });
}

#[test]
fn a_client_that_goes_is_told() {
    run(async {
        for sent in ["", "GET / HT", REQUEST] {
            let (mut client, accepting) = raw().await;
            client.write_all(sent.as_bytes()).await.unwrap();
            drop(client);
            let error = accepting.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RemoteClosed, "{sent:?}");
        }
    });
}

#[test]
fn a_slow_client_has_the_time_of_the_handshake_and_holds_up_nobody() {
    const LIMIT: Duration = Duration::from_secs(1);
    run(async {
        let options = Options::new().timeouts(Timeouts::new().handshake(LIMIT));
        let mut listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
        let address = listener.local_address();
        let mut slow = TcpStream::connect(address).await.unwrap();
        let begin = Instant::now();
        let accepting = task::spawn(accept(&mut listener).await);
        let drip = task::spawn(async move {
            for byte in REQUEST.bytes() {
                if slow.write_all(&[byte]).await.is_err() {
                    break;
                }
                task::sleep(Duration::from_millis(20)).await;
            }
        });

        let server =
            task::spawn(async move { accept(&mut listener).await.await?.accept(None).await });
        Socket::connect(format!("ws://{address}/")).await.unwrap();
        server.await.unwrap();
        assert!(begin.elapsed() < LIMIT);

        let error = accepting.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!((LIMIT..5 * LIMIT).contains(&begin.elapsed()));
        // The connection is gone, so that it cannot go on dripping.
        drip.await;
        assert!(begin.elapsed() < Duration::from_millis(20) * REQUEST.len() as u32);
    });
}

#[test]
fn a_subprotocol_is_one_that_was_offered() {
    run(async {
        let (mut listener, url) = listen().await;
        let request = || Request::new(&url).subprotocol("a").subprotocol("b");
        for choice in [Some("a"), Some("b"), None] {
            let server = async { accept(&mut listener).await.await?.accept(choice).await };
            let (client, server) = join(Socket::connect(request()), server).await;
            assert_eq!(client.unwrap().subprotocol().as_deref(), choice);
            assert_eq!(server.unwrap().subprotocol().as_deref(), choice);
        }
        let server = async { accept(&mut listener).await.await?.accept(Some("c")).await };
        let (client, server) = join(Socket::connect(request()), server).await;
        assert_eq!(server.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(client.unwrap_err().response().unwrap().status(), 403);
    });
}

/// The status that a client gets that is refused so, and what the server is told of it.
async fn refused(
    refuse: impl AsyncFnOnce(Incoming) -> Result<(), Error>,
) -> (u16, Result<(), Error>) {
    let (mut listener, url) = listen().await;
    let server = async { refuse(accept(&mut listener).await.await.unwrap()).await };
    let socket = Socket::new();
    let (error, result) = join(fail(&socket, url), server).await;
    let status = error.response().unwrap().status();
    let expected = match status {
        401 => ErrorKind::Authentication,
        _ => ErrorKind::Handshake,
    };
    assert_eq!(error.kind(), expected);
    (status, result)
}

#[test]
fn a_client_is_refused_with_a_status_or_403() {
    run(async {
        for status in [400, 401, 404, 503, 599] {
            let (seen, told) = refused(async |incoming| incoming.refuse(status).await).await;
            assert_eq!(seen, status);
            told.unwrap();
        }
        for status in [100, 101, 200, 399, 600] {
            let (seen, told) = refused(async |incoming| incoming.refuse(status).await).await;
            assert_eq!(seen, 403);
            assert_eq!(told.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        let dropped = async |incoming| {
            drop(incoming);
            Ok(())
        };
        assert_eq!(refused(dropped).await.0, 403);
    });
}

#[test]
fn a_handshake_that_nobody_waits_for_is_given_up() {
    run(async {
        let (client, accepting) = raw().await;
        drop(accepting);
        assert_eq!(exchange(client, REQUEST.as_bytes()).await, "");
    });
}

#[test]
fn the_server_sees_who_asks_for_what() {
    run(async {
        let (mut listener, url) = listen().await;
        let request = Request::new(format!("{url}room/%C3%BC?id=7"))
            .origin("http://page.example")
            .subprotocol("a")
            .header("X-Test", "one")
            .header("X-Test", "two");
        let server = async {
            let incoming = accept(&mut listener).await.await.unwrap();
            assert_eq!(incoming.resource_name(), "/room/%C3%BC?id=7");
            assert_eq!(incoming.origin(), Some("http://page.example"));
            assert_eq!(incoming.subprotocols().collect::<Vec<_>>(), ["a"]);
            let values = incoming.headers().get_all("x-test");
            assert_eq!(values.collect::<Vec<_>>(), ["one", "two"]);
            let peer_address = incoming.peer_address();
            let socket = incoming.accept(None).await.unwrap();
            assert_eq!(socket.peer_address(), peer_address);
            socket
        };
        let (client, server) = join(Socket::connect(request), server).await;
        let client = client.unwrap();
        assert_eq!(server.peer_address(), client.local_address());
        assert_eq!(server.local_address(), client.peer_address());
        assert_eq!(server.request_url(), client.request_url());
        assert_eq!(server.resource_name(), client.resource_name());
        assert_eq!(server.origin(), client.origin());
        assert_eq!(server.state(), State::Connected);
        assert!(server.try_next().is_none());
    });
}

#[test]
fn the_answer_is_that_of_the_rfc_and_what_came_with_the_request_is_not_lost() {
    run(async {
        let (mut client, accepting) = raw().await;
        let request = [REQUEST.as_bytes(), b"\r\n", HELLO].concat();
        client.write_all(&request).await.unwrap();
        let socket = accepting.await.unwrap().accept(None).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = client.read(&mut answer).await.unwrap();
        assert_eq!(
            str::from_utf8(&answer[..length]).unwrap(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        );
        assert_eq!(message(&socket).await, "Hello".into());
        // What a server sends is not masked (RFC 6455 §5.1).
        socket.send("Hello".into()).unwrap();
        socket.flush().await.unwrap();
        let length = client.read(&mut answer).await.unwrap();
        assert_eq!(answer[..length], *b"\x81\x05Hello");
    });
}

#[test]
fn a_frame_that_is_not_masked_is_1002() {
    run(async {
        let (client, accepting) = raw().await;
        let request = [REQUEST.as_bytes(), b"\r\n", HELLO, b"\x81\x02hi"].concat();
        let client = task::spawn(async move {
            let mut client = client;
            client.write_all(&request).await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            answer
        });
        let socket = accepting.await.unwrap().accept(None).await.unwrap();
        let mut expected = vec!["Text(\"Hello\")", "Error(Protocol)"];
        expected.extend(GOOD_END);
        assert_eq!(to_end(&socket).await, expected);
        assert_eq!(socket.close_code().unwrap().get(), 1002);
        let answer = client.await;
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let frame = &answer[end.unwrap() + 4..];
        assert_eq!((frame[0], usize::from(frame[1])), (0x88, frame.len() - 2));
        assert_eq!(frame[2..4], 1002_u16.to_be_bytes());
    });
}

#[test]
fn either_side_closes() {
    run(async {
        let (client, server) = connected(|url| Request::new(url)).await;
        client.close(Close::new(4000, "fertig ✓")).unwrap();
        let (ours, theirs) = join(to_end(&client), to_end(&server)).await;
        assert_eq!(ours, GOOD_END);
        assert_eq!(theirs, GOOD_END);
        assert_eq!(server.closed(), Some(Close::new(4000, "fertig ✓")));

        let (client, server) = connected(|url| Request::new(url)).await;
        server.close(Close::new(1012, "later")).unwrap();
        let (ours, theirs) = join(to_end(&client), to_end(&server)).await;
        assert_eq!(ours, GOOD_END);
        assert_eq!(theirs, GOOD_END);
        assert_eq!(client.closed(), Some(Close::new(1012, "later")));

        let (client, server) = connected(|url| Request::new(url)).await;
        drop(server);
        assert_eq!(to_end(&client).await, GOOD_END);
        assert_eq!(client.close_code().unwrap().get(), 1001);
    });
}

#[test]
fn any_stream_can_be_accepted() {
    run(async {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let server = async {
            let incoming = Socket::accept(ours, Options::new()).unwrap().await.unwrap();
            assert_eq!(incoming.resource_name(), "/local");
            assert_eq!(incoming.peer_address(), None);
            incoming.accept(None).await.unwrap()
        };
        let client = async_tungstenite::client_async("ws://localhost/local", theirs);
        let (client, server) = join(client, server).await;
        let (mut client, _) = client.unwrap();
        let large = "é".repeat(100_000);
        let said = task::spawn(async move {
            let sent = tungstenite::Message::text(large);
            client.send(sent.clone()).await.unwrap();
            let echoed = client.next().await.unwrap().unwrap();
            assert_eq!(echoed, sent);
            client.close(None).await.unwrap();
            while client.next().await.is_some() {}
        });
        let sent = message(&server).await;
        server.send(sent).unwrap();
        assert_eq!(to_end(&server).await, GOOD_END);
        assert_eq!(server.close_code().unwrap().get(), 1005);
        said.await;
    });
}

async fn echo(accepting: Result<Accepting, Error>) -> Result<(), Error> {
    let socket = accepting?.await?.accept(None).await?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            socket.send(message)?;
        }
    }
    Ok(())
}

#[test]
fn a_hundred_clients_at_once() {
    run(async {
        let (mut listener, url) = listen().await;
        task::spawn(async move {
            while let Some(accepting) = listener.next().await {
                task::spawn(echo(accepting));
            }
        });
        let clients = (0..100).map(|client| {
            let url = url.clone();
            task::spawn(async move {
                let socket = Socket::connect(url).await.unwrap();
                for number in 0..20 {
                    let text = format!("{client}: {number}");
                    socket.send(text.clone().into()).unwrap();
                    assert_eq!(message(&socket).await, text.into());
                }
            })
        });
        futures::future::join_all(clients.collect::<Vec<_>>()).await;
    });
}

#[test]
fn an_address_has_to_be_one_and_to_be_free() {
    run(async {
        for bad in ["", "localhost", "127.0.0.1", "1.2.3.4:x"] {
            let error = Listener::bind(bad).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
        }
        let (listener, _) = listen().await;
        let taken = listener.local_address().to_string();
        let error = Listener::bind(&taken).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(error.to_string().contains(&taken));
    });
}
