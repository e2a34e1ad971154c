//! Keep-alive: whether a silent peer is still there.

use std::time::Duration;

use qwebsocket::{Bytes, Features, KeepAlive, Message, Options, WebSocket};
use support::{Script, opcode};

use super::story::Story;
use super::{Lab, Target};

const INTERVAL: Duration = Duration::from_millis(40);
const LIMIT: Duration = Duration::from_millis(200);

/// Pings are answered by every server; neither they nor their pongs are told.
pub(crate) async fn keep_alive_ping<T: Target>(lab: Lab<T>) {
    let Some(lab) = pinging(&lab, Duration::from_secs(10)) else {
        return;
    };
    let mut story = lab.connect(Script::echo()).await;
    story.quiet(300).await;
    story.closes().await;
    assert!(asked(&story, opcode::PING).await > 1);
}

/// The application's own pings are told among those.
pub(crate) async fn keep_alive_own_ping<T: Target>(lab: Lab<T>) {
    let Some(lab) = pinging(&lab, Duration::from_secs(10)) else {
        return;
    };
    let mut story = lab.connect(Script::echo()).await;
    story.quiet(100).await;
    story.socket.ping(Bytes::from("own")).expect("connected");
    story.expect(["Pong(own, Some)"]).await;
    story.closes().await;
}

/// A server that answers no more is given up.
pub(crate) async fn keep_alive_ping_unanswered<T: Target>(lab: Lab<T>) {
    if let Some(lab) = pinging(&lab, LIMIT) {
        falls_silent(lab).await;
    }
}

/// A probe works everywhere; its answers are not told, other messages are.
pub(crate) async fn keep_alive_probe<T: Target>(lab: Lab<T>) {
    let lab = probing(&lab, Duration::from_secs(10));
    let mut story = lab.connect(Script::echo()).await;
    story.quiet(300).await;
    story.send("hello");
    story.expect(["Text(hello)"]).await;
    story.closes().await;
    assert!(asked(&story, opcode::TEXT).await > 2);
}

/// A message that nobody asked for is told, even where it looks like an answer.
pub(crate) async fn keep_alive_unasked<T: Target>(lab: Lab<T>) {
    let keep_alive = KeepAlive::probe(Duration::from_secs(60), "there?", is_echo);
    let lab = lab.and(|options| options.keep_alive(keep_alive));
    let script = Script::new().accept().text("there?").serve();
    let mut story = lab.connect(script).await;
    story.expect(["Text(there?)"]).await;
    story.closes().await;
}

/// A server that answers no probe is given up.
pub(crate) async fn keep_alive_probe_unanswered<T: Target>(lab: Lab<T>) {
    falls_silent(probing(&lab, LIMIT)).await;
}

async fn falls_silent<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().text("last").drain(8000);
    let mut story = lab.connect(script).await;
    story.expect(["Text(last)", "Error(TimedOut)"]).await;
    let text = story.socket.error_string();
    assert!(text.contains("keep-alive"), "{text}");
    story.ends(1006, "").await;
}

fn pinging<T: Target>(lab: &Lab<T>, limit: Duration) -> Option<Lab<T>> {
    let keep_alive = KeepAlive::ping(INTERVAL).limit(limit);
    lab.with(Features::PING, Options::new().keep_alive(keep_alive))
}

fn probing<T: Target>(lab: &Lab<T>, limit: Duration) -> Lab<T> {
    let keep_alive = KeepAlive::probe(INTERVAL, "there?", is_echo).limit(limit);
    lab.and(|options| options.keep_alive(keep_alive))
}

fn is_echo(message: &Message) -> bool {
    message.as_text() == Some("there?")
}

/// How many frames of this kind the server got.
async fn asked<T: Target>(story: &Story<T>, opcode: u8) -> usize {
    let log = story.run.log(1).await;
    let frames = log.frames(1);
    frames.iter().filter(|frame| frame.opcode == opcode).count()
}

cases! {
    keep_alive_ping,
    keep_alive_own_ping,
    keep_alive_ping_unanswered,
    keep_alive_probe,
    keep_alive_unasked,
    keep_alive_probe_unanswered,
}
