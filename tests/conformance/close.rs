//! `close`, our side of the closing handshake.

use std::time::Duration;

use qwebsocket::{Close, CloseCode, ErrorKind, Features, State, Timeouts, WebSocket};
use support::{Script, opcode};

use super::platform::about;
use super::story::{CLOSING, ENDED, OPENED};
use super::{Lab, Target};

/// `AboutToClose` comes once and `Closing` at once; in Qt it comes twice, and `Closing` only with
/// the server's answer.
pub(crate) async fn close_default<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// Code and reason are sent and kept.
pub(crate) async fn close_code_reason<T: Target>(lab: Lab<T>) {
    closes_with(lab, 1001, "bye").await;
}

/// An application may send 1002.
pub(crate) async fn close_code_1002<T: Target>(lab: Lab<T>) {
    closes_with(lab, 1002, "r").await;
}

/// 1015 must not be sent and is refused; Qt sends it.
pub(crate) async fn close_code_1015<T: Target>(lab: Lab<T>) {
    refuses_code(lab, 1015).await;
}

/// The last of the private codes.
pub(crate) async fn close_code_4999<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.begin_close(Close::new(4999, "r"));
    story.expect(CLOSING).await;
    story.ends(4999, "r").await;
    story.run.saw(["Close(4999, r)", "eof"]).await;
}

/// 5000 is no code and is refused; Qt sends it.
pub(crate) async fn close_code_5000<T: Target>(lab: Lab<T>) {
    refuses_code(lab, 5000).await;
}

/// A reason of 200 bytes is cut to 123.
pub(crate) async fn close_reason_200<T: Target>(lab: Lab<T>) {
    cuts(lab, &"a".repeat(200), 123).await;
}

/// A two-byte character that does not fit is left out; Qt sends half of it.
pub(crate) async fn close_reason_boundary<T: Target>(lab: Lab<T>) {
    cuts(lab, &("a".repeat(122) + "é"), 122).await;
}

/// A four-byte character that does not fit is left out; Qt sends half of it.
pub(crate) async fn close_reason_boundary3<T: Target>(lab: Lab<T>) {
    cuts(lab, &("a".repeat(121) + "😀"), 121).await;
}

/// The second `close` does nothing.
pub(crate) async fn close_twice<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.begin_close(Close::new(1000, "first"));
    story.socket.close(Close::new(3001, "second")).unwrap();
    assert_eq!(story.socket.closed(), Some(Close::new(1000, "first")));
    story.expect(CLOSING).await;
    story.ends(1000, "first").await;
    story.run.saw(["Close(1000, first)", "eof"]).await;
}

/// What was sent before goes out first, and its echo is delivered.
pub(crate) async fn close_after_send<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.send("last words");
    story.begin_close(Close::default());
    let late = story.socket.send_text_message("too late").unwrap_err();
    assert_eq!(late.kind(), ErrorKind::WrongState);
    story.expect(CLOSING).await;
    story.expect(lab.while_closing(&["Text(last words)"])).await;
    story.ends(1000, "").await;
    let saw = ["Text(last words)", "Close(1000)", "eof"];
    story.run.saw(saw).await;
}

/// The server never answers: a time limit of 3 s ends it, which the close code does not tell.
pub(crate) async fn close_no_echo<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().frames_until(opcode::CLOSE, 2000);
    let mut story = lab.connect(script.drain(3700)).await;
    let start = T::now();
    story.begin_close(Close::default());
    story.expect(CLOSING).await;
    story.ends(1000, "").await;
    let time = T::now() - start;
    assert!(about(Duration::from_secs(3)).contains(&time), "{time:?}");
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// The time limit of the first connection's `close` does not concern the second, and the first one
/// gets its `Disconnected`, which Qt forgets.
pub(crate) async fn close_reopen_stale_timer<T: Target>(lab: Lab<T>) {
    let limit = Duration::from_millis(600);
    let lab = with_close_limit(&lab, limit);
    let script = Script::new()
        .accept()
        .frames_until(opcode::CLOSE, 2000)
        .drain(3000)
        .next_connection()
        .accept()
        .serve();
    let mut story = lab.connect(script.clone()).await;
    story.begin_close(Close::default());
    story.open(&script);
    assert_eq!(story.socket.closed(), None);
    story.expect(CLOSING).await;
    story.expect(ENDED).await;
    story.opened().await;
    story.quiet(1200).await;
    story.send("alive?");
    story.expect(["Text(alive?)"]).await;
    story.closes().await;
    let second = ["Text(alive?)", "Close(1000)", "eof"];
    story
        .run
        .saw_each(&[&["Close(1000)", "eof"], &second])
        .await;
}

/// Messages that keep coming do not prolong the time limit.
pub(crate) async fn close_abort_timer<T: Target>(lab: Lab<T>) {
    let limit = Duration::from_millis(1000);
    let lab = with_close_limit(&lab, limit);
    let script = Script::new().accept().frames_until(opcode::CLOSE, 2000);
    let script = (0..10).fold(script, |script, n| script.text(format!("m{n}")).sleep(400));
    let mut story = lab.connect(script).await;
    let start = T::now();
    story.begin_close(Close::default());
    let told = story.rest().await;
    let time = T::now() - start;
    assert!(about(limit).contains(&time), "{time:?}");
    let mut expected: Vec<_> = CLOSING.map(String::from).into();
    let messages = told.len().saturating_sub(CLOSING.len() + ENDED.len());
    expected.extend((0..messages).map(|n| format!("Text(m{n})")));
    expected.extend(ENDED.map(String::from));
    assert_eq!(told, expected);
    assert_eq!(messages > 0, lab.speaks_the_protocol());
    assert_eq!(story.socket.closed(), Some(Close::default()));
    let log = story.run.log(1).await;
    assert_eq!(log.frames(1)[0].close_code(), Some(1000));
    assert!(log.frames(1).len() == 1 && log.hung_up(1), "{log}");
}

/// What the server sends before its close frame is delivered; a browser drops it.
pub(crate) async fn close_data_before_echo<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .frames_until(opcode::CLOSE, 2000)
        .text("still")
        .text("more")
        .close(1000, "")
        .drain(300);
    let mut story = lab.connect(script).await;
    story.begin_close(Close::default());
    story.expect(CLOSING).await;
    let late = lab.while_closing(&["Text(still)", "Text(more)"]);
    story.expect(late).await;
    story.ends(1000, "").await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// `close` right on `Connected`.
pub(crate) async fn close_in_connected<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::echo());
    story.expect(OPENED).await;
    story.begin_close(Close::new(1000, "quick"));
    story.expect(CLOSING).await;
    story.ends(1000, "quick").await;
    story.run.saw(["Close(1000, quick)", "eof"]).await;
}

/// `close` on a message while more messages have arrived: they are still delivered.
pub(crate) async fn close_in_message<T: Target>(lab: Lab<T>) {
    let frames = ["a", "b", "c"].map(support::Frame::text);
    let script = Script::new().accept().burst(frames).serve();
    let mut story = lab.connect(script).await;
    story.expect(["Text(a)"]).await;
    story.begin_close(Close::new(1000, "enough"));
    story.closes_with_late(&["Text(b)", "Text(c)"]).await;
    assert_eq!(story.socket.closed(), Some(Close::new(1000, "enough")));
    story.is_over().await;
    story.run.saw(["Close(1000, enough)", "eof"]).await;
}

/// `close` on a fresh socket does nothing.
pub(crate) async fn close_before_open<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.socket.close(Close::default()).unwrap();
    assert_eq!(story.socket.state(), State::Unconnected);
    assert_eq!(story.socket.closed(), None);
    story.is_over().await;
    story.open(&Script::echo());
    story.opened().await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// `close` before the server's answer gives up at once, without a frame; Qt sends one, in front of
/// the answer, and waits for the time limit.
pub(crate) async fn close_never_answered_handshake<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().drain(3000));
    story.expect(["Connecting"]).await;
    story.quiet(120).await;
    let start = T::now();
    story.socket.close(Close::new(1000, "x")).unwrap();
    assert_eq!(story.socket.state(), State::Unconnected);
    story.expect(["AboutToClose()"]).await;
    story.ends(1006, "").await;
    assert!(T::now() - start < Duration::from_secs(1));
    story.run.saw(["eof"]).await;
}

async fn closes_with<T: Target>(lab: Lab<T>, code: u16, reason: &str) {
    let mut story = lab.connect(Script::echo()).await;
    let close = Close::new(code, reason);
    let closed = story.socket.close(close.clone());
    if lab.granted(Features::CLOSE_CODES, closed).is_none() {
        assert_eq!(story.socket.state(), State::Connected);
        return story.closes().await;
    }
    assert_eq!(story.socket.state(), State::Closing);
    assert_eq!(story.socket.closed(), Some(close));
    story.expect(CLOSING).await;
    story.ends(code, reason).await;
    let frame = format!("Close({code}, {reason})");
    story.run.saw([&*frame, "eof"]).await;
}

async fn refuses_code<T: Target>(lab: Lab<T>, code: u16) {
    let mut story = lab.connect(Script::echo()).await;
    let refused = story.socket.close(Close::new(code, "r"));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(!CloseCode::from(code).is_sendable());
    assert_eq!(story.socket.state(), State::Connected);
    assert_eq!(story.socket.closed(), None);
    story.send("unharmed");
    story.expect(["Text(unharmed)"]).await;
    story.closes().await;
    story
        .run
        .saw(["Text(unharmed)", "Close(1000)", "eof"])
        .await;
}

async fn cuts<T: Target>(lab: Lab<T>, reason: &str, length: usize) {
    let mut story = lab.connect(Script::echo()).await;
    story.begin_close(Close::new(1000, reason));
    let cut = "a".repeat(length);
    assert_eq!(story.socket.close_reason(), cut);
    story.expect(CLOSING).await;
    story.ends(1000, &cut).await;
    let frame = format!("Close(1000, {cut})");
    story.run.saw([&*frame, "eof"]).await;
}

fn with_close_limit<T: Target>(lab: &Lab<T>, limit: Duration) -> Lab<T> {
    let timeouts = Timeouts::new().close(limit);
    lab.and(|options| options.timeouts(timeouts))
}

cases! {
    close_default,
    close_code_reason,
    close_code_1002,
    close_code_1015,
    close_code_4999,
    close_code_5000,
    close_reason_200,
    close_reason_boundary,
    close_reason_boundary3,
    close_twice,
    close_after_send,
    close_no_echo,
    close_reopen_stale_timer,
    close_abort_timer,
    close_data_before_echo,
    close_in_connected,
    close_in_message,
    close_before_open,
    close_never_answered_handshake,
}
