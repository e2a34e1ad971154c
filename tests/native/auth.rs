//! HTTP authentication beyond the cases of `tests/conformance`.

use std::thread;
use std::time::Duration;

use qwebsocket::{
    AuthScheme, Challenge, Credentials, Decision, Error, ErrorKind, Event, Options, Request,
    Socket, Timeouts, WebSocket, WebSocketExt,
};
use support::Script;

use crate::common::{GOOD_END, fail, run, to_end};
use crate::scripted::Scripted;

pub(crate) const PLAIN: &str = "Basic realm=\"shadow\"";

/// `user:hunter2`.
pub(crate) const BASIC: &str = "Basic dXNlcjpodW50ZXIy";

pub(crate) fn right() -> Credentials {
    Credentials::new("user", "hunter2")
}

pub(crate) fn asking() -> Socket {
    Socket::with_options(Options::new().ask_credentials(true)).unwrap()
}

pub(crate) fn knowing() -> Socket {
    Socket::with_options(Options::new().credentials(right())).unwrap()
}

fn denied(challenges: &str) -> String {
    format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenges}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A server that denies so often, then lets in.
pub(crate) fn denying<'a>(challenges: impl IntoIterator<Item = &'a str>) -> Scripted {
    let ask = |script: Script, challenges: &str| script.raw(denied(challenges)).request();
    let script = challenges.into_iter().fold(Script::new(), ask);
    Scripted::new(script.accept().serve())
}

/// The next question.
pub(crate) async fn question(socket: &Socket) -> Decision<Challenge> {
    while let Some(event) = socket.next_event().await {
        match event {
            Event::Authenticate(decision) => return decision,
            Event::Error(error) => panic!("{error}"),
            _ => {}
        }
    }
    panic!("the end");
}

/// The connection opens, and ends well.
pub(crate) async fn opens(socket: &Socket) {
    while let Some(event) = socket.next_event().await {
        match event {
            Event::Connected => break,
            Event::Error(error) => panic!("{error}"),
            _ => {}
        }
    }
    socket.close(Default::default()).unwrap();
    assert_eq!(to_end(socket).await, GOOD_END);
}

/// The attempt fails without any further question.
async fn is_refused(socket: &Socket) -> Error {
    let end = ["Error(Authentication)", "Unconnected", "Disconnected"];
    assert_eq!(to_end(socket).await, end);
    let error = socket.last_error().unwrap();
    assert_eq!(error.response().unwrap().status(), 401);
    error
}

#[test]
fn an_answer_may_come_from_anywhere_at_any_time() {
    let server = denying([PLAIN]);
    run(async {
        // A question is no part of the time that the server has.
        let limit = Duration::from_millis(500);
        let timeouts = Timeouts::new().connect(limit).handshake(limit);
        let options = Options::new().ask_credentials(true).timeouts(timeouts);
        let socket = Socket::with_options(options).unwrap();
        socket.open(server.url().into()).unwrap();
        let decision = question(&socket).await;
        assert_eq!(decision.question().scheme(), AuthScheme::Basic);
        assert_eq!(decision.question().host(), server.authority());
        assert_eq!(decision.question().realm(), "shadow");
        let answering = thread::spawn(move || {
            thread::sleep(3 * limit);
            decision.answer(right());
        });
        opens(&socket).await;
        answering.join().unwrap();
        assert_eq!(server.sent(1, "Authorization").await, ["-", BASIC]);
    });
}

#[test]
fn dropping_the_question_refuses() {
    let server = denying([PLAIN]);
    run(async {
        let socket = asking();
        socket.open(server.url().into()).unwrap();
        let decision = question(&socket).await;
        let clone = decision.clone();
        drop(decision);
        clone.refuse();
        is_refused(&socket).await;
        assert_eq!(server.sent(1, "Authorization").await, ["-"]);
    });
}

#[test]
fn the_same_again_is_not_sent_again() {
    for open in [
        // Asked for twice.
        |server: &Scripted| {
            let socket = asking();
            socket.open(server.url().into()).unwrap();
            (socket, 2)
        },
        // Known beforehand, then asked for.
        |server: &Scripted| {
            let options = Options::new().credentials(right()).ask_credentials(true);
            let socket = Socket::with_options(options).unwrap();
            socket.open(server.url().into()).unwrap();
            (socket, 1)
        },
    ] {
        let server = denying([PLAIN; 3]);
        run(async {
            let (socket, questions) = open(&server);
            let mut tried = None;
            for _ in 0..questions {
                let decision = question(&socket).await;
                tried = decision.question().tried().cloned();
                decision.answer(right());
            }
            assert_eq!(tried, Some(right()));
            let error = is_refused(&socket).await;
            assert!(error.to_string().contains("refused"), "{error}");
            assert_eq!(server.sent(1, "Authorization").await, ["-", BASIC]);
        });
    }
}

#[test]
fn an_answer_to_an_attempt_that_is_over_does_nothing() {
    let server = denying([PLAIN]);
    run(async {
        let socket = asking();
        socket.open(server.url().into()).unwrap();
        let decision = question(&socket).await;
        socket.abort();
        assert_eq!(to_end(&socket).await.last().unwrap(), "Disconnected");
        decision.answer(right());
        assert!(socket.next_event().await.is_none());
        assert_eq!(server.sent(1, "Authorization").await, ["-"]);
    });
}

#[test]
fn connect_refuses_what_nobody_sees() {
    let server = denying([PLAIN]);
    run(async {
        let options = Options::new().ask_credentials(true);
        let error = Socket::connect_with(server.url(), options).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Authentication);
    });
}

#[test]
fn a_server_that_does_not_wait_is_asked_anew() {
    let closing = Script::new().raw(denied(PLAIN)).fin();
    let server = Scripted::new(closing.next_connection().accept().serve());
    run(async {
        let socket = asking();
        socket.open(server.url().into()).unwrap();
        let decision = question(&socket).await;
        async_std::task::sleep(Duration::from_millis(200)).await;
        decision.answer(right());
        opens(&socket).await;
        // The first connection may have seen the request, too, or not.
        let log = server.log(2).await;
        assert_eq!(log.header(2, "Authorization"), Some(BASIC));
    });
}

#[test]
fn nothing_is_sent_unasked() {
    let server = denying([]);
    run(async {
        let socket = knowing();
        socket.open(server.url_of("a:b").into()).unwrap();
        opens(&socket).await;
        assert_eq!(server.sent(1, "Authorization").await, ["-"]);
    });
}

#[test]
fn the_credentials_of_the_url_go_first() {
    let server = denying([PLAIN]);
    run(async {
        let socket = knowing();
        socket.open(server.url_of("a%40:b%2Fc").into()).unwrap();
        opens(&socket).await;
        assert_eq!(socket.info().request_url(), server.url());
        assert_eq!(socket.request_url(), server.url());
        let sent = server.sent(1, "Authorization").await;
        assert_eq!(sent, ["-", "Basic YUA6Yi9j"]);
    });
}

#[test]
fn a_header_of_the_application_is_replaced() {
    let server = denying([PLAIN]);
    run(async {
        let socket = knowing();
        let request = Request::new(server.url()).header("authorization", "Bearer old");
        socket.open(request).unwrap();
        opens(&socket).await;
        let sent = server.sent(1, "Authorization").await;
        assert_eq!(sent, ["Bearer old", BASIC]);
    });
}

/// What can be told to have ended is followed by the next request, all else by a new connection.
#[test]
fn the_body_decides_about_the_connection() {
    let denied = format!("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {PLAIN}\r\n");
    let raw = |text: &str| Script::new().raw(format!("{denied}{text}"));
    for (connections, script) in [
        (
            1,
            raw("Transfer-Encoding: chunked\r\n\r\n4;a=b\r\ndeni\r\n2\r\ned\r\n0\r\nX: y\r\n\r\n"),
        ),
        (
            1,
            raw("Transfer-Encoding: chunked\r\n\r\n6\r\nden")
                .sleep(150)
                .raw("ied\r\n0\r\n")
                .sleep(150)
                .raw("\r\n"),
        ),
        (1, raw("Content-Length: 6\r\n\r\nden").sleep(300).raw("ied")),
        // Too late, too much, malformed, without a length, or of an old server.
        (
            2,
            raw("Content-Length: 6\r\n\r\nden").sleep(2000).raw("ied"),
        ),
        (2, raw("Content-Length: 2000000\r\n\r\ndenied")),
        (
            2,
            raw("Transfer-Encoding: chunked\r\n\r\nsix\r\ndenied\r\n0\r\n\r\n"),
        ),
        (2, raw("Transfer-Encoding: chunked\r\n\r\n6\r\nden")),
        (2, raw("\r\ndenied")),
        (
            2,
            Script::new().raw(denied.replace("/1.1", "/1.0") + "Content-Length: 0\r\n\r\n"),
        ),
    ] {
        let script = match connections {
            1 => script.request(),
            _ => script.drain(5000).next_connection(),
        };
        let server = Scripted::new(script.accept().serve());
        run(async {
            let socket = knowing();
            socket.open(server.url().into()).unwrap();
            opens(&socket).await;
            let sent = server.sent(connections, "Authorization").await;
            assert_eq!(sent, ["-", BASIC]);
        });
    }
}

#[test]
fn a_name_that_cannot_be_sent_is_not() {
    let server = denying([PLAIN]);
    run(async {
        let options = Options::new().credentials(Credentials::new("a:b", "hunter2"));
        let socket = Socket::with_options(options).unwrap();
        let error = fail(&socket, server.url()).await;
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(server.sent(1, "Authorization").await, ["-"]);
    });
}
