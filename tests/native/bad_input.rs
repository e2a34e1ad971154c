//! Servers that answer wrongly, late or not at all. Each attempt ends in exactly one error of the
//! right kind, within its time limit, and leaves the socket as good as new.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use qwebsocket::{
    ErrorKind, Options, Proxy, Response, Socket, State, Timeouts, WebSocket, WebSocketExt,
};
use support::{Accept, Payload, Script, Server};

use crate::common::{GOOD_END, alone, assert_descriptors, descriptors, fail, message, run, to_end};
use crate::scripted::Scripted;

/// More than any attempt takes that does not wait for a time limit.
const PROMPT: Duration = Duration::from_secs(3);

/// Uses a socket from beginning to end.
async fn succeed(socket: &Socket, server: &Server) {
    let url = Script::echo().url(&server.base(), "good", "");
    socket.open(url.into()).unwrap();
    while socket.state() == State::Connecting {
        socket.next_event().await;
    }
    assert!(socket.last_error().is_none());
    socket.send("still alive".into()).unwrap();
    assert_eq!(message(socket).await, "still alive".into());
    socket.close(Default::default()).unwrap();
    assert_eq!(to_end(socket).await, GOOD_END);
}

fn hasty(limit: Duration) -> Socket {
    let timeouts = Timeouts::new().connect(limit).handshake(limit);
    Socket::with_options(Options::new().timeouts(timeouts)).unwrap()
}

/// Answers that end in an error of this kind. The server goes on listening, so that its hanging up
/// is not what ends the attempt.
fn assert_all_fail(kind: ErrorKind, answers: impl IntoIterator<Item = (&'static str, Script)>) {
    run(async {
        let server = Server::start();
        let socket = Socket::new();
        for (id, script) in answers {
            let begin = Instant::now();
            let url = script.drain(10_000).url(&server.base(), id, "");
            let error = fail(&socket, url).await;
            assert_eq!(error.kind(), kind, "{id}: {error}");
            assert!(!error.to_string().is_empty(), "{id}");
            assert!(begin.elapsed() < PROMPT, "{id}: {:?}", begin.elapsed());
        }
        succeed(&socket, &server).await;
    });
}

fn raw(bytes: impl Into<Payload>) -> Script {
    Script::new().raw(bytes)
}

fn accept(change: impl FnOnce(Accept) -> Accept) -> Script {
    Script::new().accept_with(change(Accept::new()))
}

#[test]
fn what_is_not_http_is_refused_at_once() {
    assert_all_fail(
        ErrorKind::Handshake,
        [
            ("zeros", raw(&[0, 0, 0])),
            ("frame", raw(b"\x81\x02hi")),
            ("tls-alert", raw(b"\x15\x03\x01\x00\x02\x02\x16")),
            ("ssh", raw("SSH-2.0-OpenSSH_9.9\r\n")),
            ("smtp", raw("220 mail.example ESMTP\r\n")),
            ("html", raw("<!DOCTYPE html>\n<html>\n</html>\n")),
            ("http-2", raw("HTTP/2 101 Switching Protocols\r\n\r\n")),
            ("http-0.9", raw("hello\n")),
        ],
    );
}

/// Long enough not to be parsed for its length alone.
#[test]
fn long_garbage_without_a_line_end_is_refused_at_once() {
    let garbage = raw(Payload::repeat([0xFF], 1000));
    assert_all_fail(ErrorKind::Handshake, [("garbage", garbage)]);
}

#[test]
fn heads_without_end_are_refused() {
    let status = "HTTP/1.1 101 Switching Protocols\r\n";
    assert_all_fail(
        ErrorKind::Handshake,
        [
            (
                "lines",
                raw(status).raw(Payload::repeat("X: y\r\n", 500_000)),
            ),
            ("line", raw(status).raw(Payload::repeat("X", 1 << 20))),
            (
                "status",
                raw("HTTP/1.1 200 ").raw(Payload::repeat("X", 1 << 20)),
            ),
        ],
    );
}

#[test]
fn malformed_heads_are_refused() {
    assert_all_fail(
        ErrorKind::Handshake,
        [
            ("no-colon", accept(|a| a.header("no colon"))),
            ("nul", accept(|a| a.header("X: a\0b"))),
            (
                "150-lines",
                accept(|a| (0..150).fold(a, |a, i| a.header(format!("X{i}: y")))),
            ),
            (
                "http-1.0",
                accept(|a| a.status_line("HTTP/1.0 101 Switching Protocols")),
            ),
            ("no-status", accept(|a| a.status_line("HTTP/1.1"))),
            (
                "two-accepts",
                accept(|a| a.header("Sec-WebSocket-Accept: x")),
            ),
        ],
    );
}

#[test]
fn heads_are_bounded() {
    run(async {
        let server = Server::start();
        let socket = Socket::new();
        for (fits, filler) in [
            (true, Payload::repeat("X: y\r\n", 120)),
            (false, Payload::repeat("X: y\r\n", 150)),
            (
                true,
                Payload::from("X: ")
                    .and(Payload::repeat("y", 60_000))
                    .and("\r\n"),
            ),
            (
                false,
                Payload::from("X: ")
                    .and(Payload::repeat("y", 66_000))
                    .and("\r\n"),
            ),
        ] {
            let answer = raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n").raw(filler);
            let url = answer.raw("\r\n").url(&server.base(), "head", "");
            let error = fail(&socket, url).await;
            assert_eq!(error.kind(), ErrorKind::Handshake);
            assert_eq!(error.response().is_some(), fits, "{error}");
        }
    });
}

#[test]
fn an_answer_that_breaks_off_is_the_remote_hosts_end() {
    assert_all_fail(
        ErrorKind::RemoteClosed,
        [
            ("nothing", Script::new().fin()),
            ("reset", Script::new().rst()),
            ("status", raw("HTTP/1.1 1").fin()),
            (
                "line",
                raw("HTTP/1.1 101 Switching Protocols\r\nUpgr").fin(),
            ),
            (
                "head",
                raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n").fin(),
            ),
            (
                "head-reset",
                raw("HTTP/1.1 101 Switching Protocols\r\n").sleep(50).rst(),
            ),
        ],
    );
}

/// The answer in the error of an attempt that is refused.
fn refusal(script: Script) -> Response {
    run(async {
        let server = Server::start();
        let socket = Socket::new();
        let url = script.drain(5000).url(&server.base(), "refusal", "");
        let error = fail(&socket, url).await;
        assert_eq!(error.kind(), ErrorKind::Handshake);
        let response = error.response().expect("the server did answer").clone();
        assert!(error.to_string().contains(&response.status().to_string()));
        succeed(&socket, &server).await;
        response
    })
}

#[test]
fn a_refusal_is_in_the_error_with_headers_and_body() {
    let response = refusal(raw(
        "HTTP/1.1 403 Not For You\r\nX-Why: because\r\nContent-Length: 9\r\n\r\nforbidden",
    ));
    assert_eq!((response.status(), response.reason()), (403, "Not For You"));
    assert_eq!(response.headers().get("x-why"), Some("because"));
    assert_eq!(response.body(), "forbidden");

    // A folded line means a blank (RFC 9112 §5.2).
    let response = refusal(raw(
        "HTTP/1.1 403 No\r\nX-Why: for a\r\n\treason\r\nContent-Length:\r\n 2\r\n\r\nno!",
    ));
    let why = response.headers().get("x-why").unwrap();
    assert_eq!(why.split(' ').filter(|word| !word.is_empty()).count(), 3);
    assert_eq!(response.body(), "no");

    let response = refusal(
        raw("HTTP/1.1 404 Not Found\r\n\r\nnowhere\n")
            .sleep(50)
            .fin(),
    );
    assert_eq!(
        (response.status(), &response.body()[..]),
        (404, &b"nowhere\n"[..])
    );

    let response = refusal(raw(
        "HTTP/1.1 302 Found\r\nLocation: ws://b/\r\nContent-Length: 0\r\n\r\n",
    ));
    assert_eq!(response.headers().get("location"), Some("ws://b/"));
    assert!(response.body().is_empty());

    // A body is never read as frames, and no more of it is kept than 16 KiB.
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    let response = refusal(raw(head).raw(Payload::repeat("\u{1}", 100_000)));
    assert_eq!(response.body(), &[1; 16 * 1024][..]);
}

/// Many a server leaves the phrase out (RFC 9112 §4), and many a proxy.
#[test]
fn an_empty_phrase_leaves_no_gap_in_the_text() {
    for answer in ["HTTP/1.1 404 \r\n\r\n", "HTTP/1.1 404\r\n\r\n"] {
        run(async {
            let server = Scripted::new(raw(answer).fin());
            let error = fail(&Socket::new(), server.url()).await;
            let text = "the server answered 404 instead of 101 Switching Protocols";
            assert_eq!(error.to_string(), text);

            let server = Scripted::new(raw(answer).fin());
            let proxy = Proxy::http("127.0.0.1", server.own_port().await);
            let socket = Socket::with_options(Options::new().proxy(proxy)).unwrap();
            let error = fail(&socket, "ws://a.example/").await;
            let text = "the proxy answered 404 to CONNECT";
            assert_eq!(error.to_string(), text);
        });
    }
}

#[test]
fn a_body_that_never_ends_is_kept_as_far_as_it_came() {
    let begin = Instant::now();
    let response = refusal(raw(
        "HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\ncome back",
    ));
    assert_eq!(response.body().len(), "come back".len());
    assert_eq!(response.body(), "come back");
    assert!(begin.elapsed() < PROMPT);
}

#[test]
fn a_chunked_body_comes_without_its_chunks() {
    let answer = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n\
                  4\r\nnot \r\n7\r\nfor you\r\n0\r\n\r\n";
    let response = refusal(raw(answer).sleep(50).fin());
    assert_eq!(response.status(), 403);
    assert_eq!(response.body(), "not for you");
}

#[test]
fn who_is_not_there_is_told_apart() {
    run(async {
        let server = Server::start();
        let refused = support::refused_port().unwrap();
        let socket = Socket::new();
        for _ in 0..2 {
            let error = fail(&socket, refused.base()).await;
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            let error = fail(&socket, "ws://nonexistent.invalid/").await;
            assert_eq!(error.kind(), ErrorKind::HostNotFound);
            assert!(error.to_string().contains("nonexistent.invalid"));
            succeed(&socket, &server).await;
        }
    });
}

#[test]
fn time_limits_end_what_does_not_end_by_itself() {
    const LIMIT: Duration = Duration::from_millis(400);
    run(async {
        let server = Server::start();
        let socket = hasty(LIMIT);
        let blackhole = support::blackhole().unwrap();
        let silent = support::silent().unwrap();
        let slow = Script::new().pace(1, 50).accept().serve();
        for url in [
            blackhole.base(),
            silent.base(),
            slow.url(&server.base(), "slow", ""),
        ] {
            let begin = Instant::now();
            let error = fail(&socket, &*url).await;
            assert_eq!(error.kind(), ErrorKind::TimedOut, "{url}: {error}");
            assert!((LIMIT..LIMIT + PROMPT).contains(&begin.elapsed()), "{url}");
        }
        succeed(&socket, &server).await;
    });
}

/// A server that always has another interim answer must not keep the task from its time limit.
#[test]
fn interim_answers_without_end_are_bounded() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let answers = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        let begin = Instant::now();
        while begin.elapsed() < 2 * PROMPT && stream.write_all(answers.as_bytes()).is_ok() {}
    });
    run(async {
        let begin = Instant::now();
        let error = fail(&hasty(Duration::from_millis(300)), url).await;
        assert!(begin.elapsed() < PROMPT, "{:?}: {error}", begin.elapsed());
    });
    server.join().unwrap();
}

#[test]
fn no_descriptor_is_left() {
    alone("bad_input::no_descriptor_is_left", || {
        run(async {
            let server = Server::start();
            let base = server.base();
            let [refused, silent, blackhole] = [
                support::refused_port(),
                support::silent(),
                support::blackhole(),
            ];
            let dead_ends = [refused.unwrap(), silent.unwrap(), blackhole.unwrap()];
            let mut urls: Vec<_> = dead_ends.iter().map(|dead_end| dead_end.base()).collect();
            urls.extend([
                raw("garbage\r\n").drain(5000).url(&base, "garbage", ""),
                raw("HTTP/1.1 101 ").fin().url(&base, "cut", ""),
                raw("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno").url(&base, "refused", ""),
                "ws://nonexistent.invalid/".into(),
            ]);
            let socket = hasty(Duration::from_millis(10));
            let mut before = usize::MAX;
            for repetition in 0..=50 {
                for url in &urls {
                    fail(&socket, &**url).await;
                }
                if repetition == 0 {
                    // The runtime has what it needs by now.
                    before = descriptors();
                }
            }
            assert_descriptors(before);
        });
    });
}
