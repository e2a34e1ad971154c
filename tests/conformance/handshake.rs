//! The opening handshake's answer.

use std::time::Duration;

use qwebsocket::{ErrorKind, Response, Timeouts, WebSocket};
use support::{Accept, Payload, Script};

use super::platform::about;
use super::story::Story;
use super::{Lab, Target};

/// `Connection` is a list of tokens (RFC 6455 §4.1); Qt wants a single one.
pub(crate) async fn hs_connection_list<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().connection("keep-alive, Upgrade");
    opens(&lab, Script::new().accept_with(accept).serve()).await;
}

/// `Upgrade` is read as a list of tokens, too; Qt and some browsers want `websocket` alone.
pub(crate) async fn hs_upgrade_list<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let accept = Accept::new().upgrade("h2c, websocket");
    story.open(&Script::new().accept_with(accept).serve());
    if story.opens_or_fails().await {
        story.closes().await;
        story.run.saw(["Close(1000)", "eof"]).await;
    }
}

/// A wrong `Sec-WebSocket-Accept` fails, and the error tells what was wrong.
pub(crate) async fn hs_accept_wrong<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().key("AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let story = fails(&lab, Script::new().accept_with(accept).drain(700)).await;
    if lab.shakes_hands() {
        let text = story.socket.error_string();
        assert!(text.contains("Sec-WebSocket-Accept"), "{text}");
    }
}

/// Spaces around a header's value do not count.
pub(crate) async fn hs_accept_padded<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().key("   auto  ");
    opens(&lab, Script::new().accept_with(accept).serve()).await;
}

/// `Upgrade` is missing.
pub(crate) async fn hs_upgrade_missing<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().without_upgrade();
    fails(&lab, Script::new().accept_with(accept).drain(700)).await;
}

/// `Connection` is missing.
pub(crate) async fn hs_connection_missing<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().without_connection();
    fails(&lab, Script::new().accept_with(accept).drain(700)).await;
}

/// The status line needs no reason phrase.
pub(crate) async fn hs_no_reason<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().status_line("HTTP/1.1 101");
    opens(&lab, Script::new().accept_with(accept).serve()).await;
}

/// Any reason phrase will do.
pub(crate) async fn hs_reason_odd<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().status_line("HTTP/1.1 101 Web Socket Protocol Handshake");
    opens(&lab, Script::new().accept_with(accept).serve()).await;
}

/// Other headers do not matter, and can be looked at.
pub(crate) async fn hs_extra_headers<T: Target>(lab: Lab<T>) {
    let accept = Accept::new()
        .header("Server: x")
        .header("Set-Cookie: a=b")
        .header("Date: today");
    let story = opens(&lab, Script::new().accept_with(accept).serve()).await;
    let info = story.socket.info();
    let known = lab.shakes_hands();
    assert_eq!(info.headers().get("server"), known.then_some("x"));
    assert_eq!(info.headers().get("Set-Cookie"), known.then_some("a=b"));
}

/// A line without a colon is no header: the handshake fails. Qt stays in `Connecting` for ever;
/// browsers skip the line.
pub(crate) async fn hs_bad_header_line<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().header("this is no header");
    let script = Script::new().accept_with(accept).serve();
    if lab.shakes_hands() {
        fails(&lab, script).await;
    } else {
        opens(&lab, script).await;
    }
}

/// The answer may come byte by byte.
pub(crate) async fn hs_byte_by_byte<T: Target>(lab: Lab<T>) {
    opens(&lab, Script::new().pace(1, 1).accept().at_once().serve()).await;
}

/// Frames in the same packet as the answer are not lost.
pub(crate) async fn hs_with_frames<T: Target>(lab: Lab<T>) {
    let tail = b"\x81\x05hello\x82\x02\x01\x02\x89\x00";
    let accept = Accept::new().tail(tail);
    let script = Script::new().accept_with(accept).serve();
    let mut story = lab.connect(script).await;
    story.expect(["Text(hello)", "Binary(0102)"]).await;
    story.quiet(100).await;
    story.closes().await;
    story.run.saw(["Pong()", "Close(1000)", "eof"]).await;
}

/// The server goes right after its answer: 1006, where Qt has 1000.
pub(crate) async fn hs_then_fin<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().accept().fin());
    if story.opens_or_fails().await {
        story.loses().await;
    }
    story.run.saw(["eof"]).await;
}

/// 201 instead of 101.
pub(crate) async fn hs_status_201<T: Target>(lab: Lab<T>) {
    let accept = Accept::new().status_line("HTTP/1.1 201 Created");
    let story = fails(&lab, Script::new().accept_with(accept).drain(700)).await;
    has_status(&story, 201, |response| {
        assert_eq!(response.reason(), "Created");
    });
}

/// A redirect is not followed.
pub(crate) async fn hs_status_302<T: Target>(lab: Lab<T>) {
    let location = format!("Location: {}/run/elsewhere", T::server());
    let story = fails_with(&lab, "302 Found", &location, "").await;
    has_status(&story, 302, |response| {
        let location = response.headers().get("location");
        assert!(location.is_some_and(|url| url.ends_with("/run/elsewhere")));
    });
}

/// The server wants another version of the protocol.
pub(crate) async fn hs_status_400_version8<T: Target>(lab: Lab<T>) {
    let versions = "Sec-WebSocket-Version: 8, 7";
    let story = fails_with(&lab, "400 Bad Request", versions, "").await;
    has_status(&story, 400, |response| {
        let versions = response.headers().get("Sec-WebSocket-Version");
        assert_eq!(versions, Some("8, 7"));
    });
}

/// The body of a 403 can be read; Qt takes it for frames.
pub(crate) async fn hs_status_403<T: Target>(lab: Lab<T>) {
    let story = fails_with(&lab, "403 Forbidden", "Server: x", "nope").await;
    has_status(&story, 403, |response| {
        assert_eq!(&response.body()[..], b"nope");
    });
}

/// 404.
pub(crate) async fn hs_status_404<T: Target>(lab: Lab<T>) {
    let story = fails_with(&lab, "404 Not Found", "Server: x", "").await;
    has_status(&story, 404, |response| {
        assert_eq!(response.reason(), "Not Found");
        assert!(response.body().is_empty());
    });
    if lab.shakes_hands() {
        let text = story.socket.error_string();
        assert!(text.contains("404 Not Found"), "{text}");
    }
}

/// 407 of the server itself concerns no proxy.
pub(crate) async fn hs_status_407<T: Target>(lab: Lab<T>) {
    let header = "Proxy-Authenticate: Basic realm=\"x\"";
    let status = "407 Proxy Authentication Required";
    let story = fails_with(&lab, status, header, "").await;
    has_status(&story, 407, |response| {
        assert!(response.headers().get("Proxy-Authenticate").is_some());
    });
}

/// `Retry-After` of a 503 can be read.
pub(crate) async fn hs_status_503<T: Target>(lab: Lab<T>) {
    let status = "503 Service Unavailable";
    let story = fails_with(&lab, status, "Retry-After: 1", "").await;
    has_status(&story, 503, |response| {
        assert_eq!(response.headers().get("Retry-After"), Some("1"));
    });
}

/// Garbage without line ends fails at once; Qt waits for ever.
pub(crate) async fn hs_garbage_binary<T: Target>(lab: Lab<T>) {
    let garbage = Payload::repeat([0x00, 0xff, 0x80, 0x81], 100);
    fails(&lab, Script::new().raw(garbage).drain(700)).await;
}

/// A broken status line fails; Qt stays in `Connecting`.
pub(crate) async fn hs_status_line_short<T: Target>(lab: Lab<T>) {
    fails(&lab, Script::new().raw("HTTP/1.1\r\n\r\n").drain(700)).await;
}

/// The server never answers: a time limit ends it. Qt has none.
pub(crate) async fn hs_no_answer<T: Target>(lab: Lab<T>) {
    let step = Duration::from_millis(200);
    let timeouts = Timeouts::new().resolve(step).connect(step);
    let timeouts = timeouts.tls(step).handshake(step);
    let lab = lab.and(|options| options.timeouts(timeouts));
    let mut story = lab.story();
    let start = T::now();
    story.open(&Script::new().drain(3200));
    story.fails_to_open(ErrorKind::TimedOut).await;
    let time = T::now() - start;
    // A browser adds the limits up.
    let limit = if lab.shakes_hands() { step } else { step * 4 };
    assert!(about(limit).contains(&time), "{time:?}");
    story.run.saw(["eof"]).await;
}

/// The server hangs up instead of answering.
pub(crate) async fn hs_drop<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().fin());
    story.fails_to_open(ErrorKind::RemoteClosed).await;
    story.run.saw(["eof"]).await;
}

/// The server resets the connection instead of answering.
pub(crate) async fn hs_reset<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().rst());
    story.fails_to_open(ErrorKind::RemoteClosed).await;
    story.run.saw([""; 0]).await;
}

async fn opens<T: Target>(lab: &Lab<T>, script: Script) -> Story<T> {
    let mut story = lab.connect(script).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    story
}

async fn fails<T: Target>(lab: &Lab<T>, script: Script) -> Story<T> {
    let mut story = lab.story();
    story.open(&script);
    story.fails_to_open(ErrorKind::Handshake).await;
    story.run.saw(["eof"]).await;
    story
}

async fn fails_with<T: Target>(lab: &Lab<T>, status: &str, header: &str, body: &str) -> Story<T> {
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {length}\r\n\r\n{body}");
    fails(lab, Script::new().raw(answer).drain(700)).await
}

/// The error carries the answer, where the handshake is ours.
fn has_status<T: Target>(story: &Story<T>, status: u16, check: impl FnOnce(&Response)) {
    let error = story.socket.last_error().expect("an error");
    let response = error.response();
    assert_eq!(response.is_some(), story.lab.shakes_hands());
    if let Some(response) = response {
        assert_eq!(response.status(), status);
        check(response);
    }
}

cases! {
    hs_connection_list,
    hs_upgrade_list,
    hs_accept_wrong,
    hs_accept_padded,
    hs_upgrade_missing,
    hs_connection_missing,
    hs_no_reason,
    hs_reason_odd,
    hs_extra_headers,
    hs_bad_header_line,
    hs_byte_by_byte,
    hs_with_frames,
    hs_then_fin,
    hs_status_201,
    hs_status_302,
    hs_status_400_version8,
    hs_status_403,
    hs_status_404,
    hs_status_407,
    hs_status_503,
    hs_garbage_binary,
    hs_status_line_short,
    hs_no_answer,
    hs_drop,
    hs_reset,
}
