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

const PLAIN: &str = "Basic realm=\"shadow\"";

/// `user:hunter2`.
const BASIC: &str = "Basic dXNlcjpodW50ZXIy";

fn right() -> Credentials {
    Credentials::new("user", "hunter2")
}

fn asking() -> Socket {
    Socket::with_options(Options::new().ask_credentials(true)).unwrap()
}

fn knowing() -> Socket {
    Socket::with_options(Options::new().credentials(right())).unwrap()
}

fn denied(challenges: &str) -> String {
    format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenges}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A server that denies so often, then lets in.
fn denying<'a>(challenges: impl IntoIterator<Item = &'a str>) -> Scripted {
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
        assert_eq!(socket.info().request_url, server.url());
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

#[test]
fn schemes_that_nobody_knows_do_not_hide_others() {
    for challenges in [
        "Negotiate, NTLM, Basic realm=\"shadow\"",
        "Negotiate\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm=shadow",
        "NTLM TlRMTVNTUAACAAAA==\r\nWWW-Authenticate: Basic realm=\"shadow\"",
        "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-3, Basic realm=\"shadow\"",
        "Digest realm=\"x\", nonce=\"n\", qop=\"new\"\r\nWWW-Authenticate: basic realm=\"shadow\"",
        "Bearer realm=\"a, b\", error=\"c=d\", Basic realm=\"shadow\", charset=\"UTF-8\"",
    ] {
        let server = denying([challenges]);
        run(async {
            let socket = knowing();
            socket.open(server.url().into()).unwrap();
            opens(&socket).await;
            let sent = server.sent(1, "Authorization").await;
            assert_eq!(sent, ["-", BASIC], "{challenges}");
        });
    }
}

#[test]
fn malformed_challenges_are_one_clear_error() {
    for challenges in [
        "",
        "Basic",
        "Digest realm=\"x\"",
        "=,=",
        "Basic realm=\"shadow",
    ] {
        let server = denying([challenges]);
        run(async {
            let error = fail(&knowing(), server.url()).await;
            assert_eq!(error.kind(), ErrorKind::Authentication, "{challenges}");
            assert_eq!(server.sent(1, "Authorization").await, ["-"]);
        });
    }
}

#[test]
fn digest_comes_in_kinds() {
    for (challenge, fields) in [
        (
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256",
            &["algorithm=SHA-256", "qop=auth", "nc=00000001"][..],
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5-sess",
            &["algorithm=MD5-sess", "cnonce="],
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
            &["qop=auth-int"],
        ),
        (
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\"",
            &["qop=auth,"],
        ),
    ] {
        let server = denying([challenge]);
        run(async {
            let socket = knowing();
            socket.open(server.url().into()).unwrap();
            opens(&socket).await;
            let sent = server.sent(1, "Authorization").await;
            assert!(
                sent[1].starts_with("Digest username=\"user\", "),
                "{sent:?}"
            );
            for field in fields {
                assert!(sent[1].contains(field), "{field}: {}", sent[1]);
            }
        });
    }
}

#[test]
fn names_need_not_be_ascii() {
    let user = Credentials::new("jürgen", "grüß");
    let digest = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", charset=UTF-8";
    let server = denying([PLAIN]);
    let options = Options::new().credentials(user);
    run(async {
        let socket = Socket::with_options(options.clone()).unwrap();
        socket.open(server.url().into()).unwrap();
        opens(&socket).await;
        let sent = server.sent(1, "Authorization").await;
        assert_eq!(sent[1], "Basic asO8cmdlbjpncsO8w58=");

        let server = denying([digest]);
        socket.open(server.url().into()).unwrap();
        opens(&socket).await;
        let sent = server.sent(1, "Authorization").await;
        assert!(
            sent[1].contains("username*=UTF-8''j%C3%BCrgen, "),
            "{sent:?}"
        );
    });
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

#[test]
fn a_nonce_that_is_always_stale_is_the_end() {
    let stale = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true";
    let server = denying([stale; 9]);
    run(async {
        let error = fail(&knowing(), server.url()).await;
        assert_eq!(error.kind(), ErrorKind::Authentication);
        let sent = server.sent(1, "Authorization").await;
        assert!((2..6).contains(&sent.len()), "{sent:?}");
    });
}

#[test]
fn credentials_are_shown_nowhere() {
    let server = denying([PLAIN; 3]);
    run(async {
        let options = Options::new().credentials(right()).ask_credentials(true);
        let mut shown = vec![format!(
            "{options:?} {:?}",
            Request::new(server.url_of("user:hunter2"))
        )];
        let socket = Socket::with_options(options).unwrap();
        socket.open(server.url_of("user:hunter3").into()).unwrap();
        shown.push(format!("{socket:?} {:?}", socket.info()));
        while let Some(event) = socket.next_event().await {
            shown.push(format!("{event:?} {:?}", socket.info()));
            match event {
                Event::Authenticate(decision) => decision.answer(right()),
                Event::Error(error) => shown.push(format!("{error} {error:?}")),
                _ => {}
            }
        }
        assert_eq!(server.sent(1, "Authorization").await.len(), 3);
        assert!(shown.iter().any(|text| text.contains("shadow")));
        for text in shown {
            for secret in ["hunter", "dXNlcj"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    });
}
