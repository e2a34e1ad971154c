//! Pings and pongs.

use std::time::Duration;

use qwebsocket::{Bytes, ErrorKind, Features, WebSocket};
use support::{Payload, Script};

use super::notation::payload;
use super::story::Story;
use super::{Lab, Target};

/// A ping of the server is answered with its payload, and not told.
pub(crate) async fn ping_from_server<T: Target>(lab: Lab<T>) {
    let long = Payload::pattern(125);
    let script = Script::new()
        .accept()
        .ping("hello")
        .frames(1, 2000)
        .ping("")
        .frames(1, 2000)
        .ping(long.clone())
        .frames(1, 2000)
        .text("all answered")
        .serve();
    let mut story = lab.connect(script).await;
    story.expect(["Text(all answered)"]).await;
    story.closes().await;
    let long = format!("Pong({})", payload(true, &long.to_bytes()));
    let saw = ["Pong(hello)", "Pong()", &long, "Close(1000)", "eof"];
    story.run.saw(saw).await;
}

/// A ping without a payload.
pub(crate) async fn ping_empty<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    if pings(&story, "").is_none() {
        return;
    }
    story.expect(["Pong(, Some)"]).await;
    story.closes().await;
    story.run.saw(["Ping()", "Close(1000)", "eof"]).await;
}

/// 126 bytes are refused, 125 are not; Qt cuts the payload.
pub(crate) async fn ping_126<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    let fits = "p".repeat(125);
    let refused = story.socket.ping(Bytes::from(fits.clone() + "X"));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    if pings(&story, &fits).is_none() {
        return;
    }
    story.expect([format!("Pong({fits}, Some)")]).await;
    story.closes().await;
    let ping = format!("Ping({fits})");
    story.run.saw([&*ping, "Close(1000)", "eof"]).await;
}

/// A pong after 300 ms tells that time.
pub(crate) async fn pong_elapsed<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().frames(1, 2000).sleep(300);
    let mut story = lab.connect(script.pong("x").serve()).await;
    let start = T::now();
    if pings(&story, "x").is_none() {
        return;
    }
    story.expect(["Pong(x, Some)"]).await;
    took(&story, &[(start, 300)]);
    story.closes().await;
    story.run.saw(["Ping(x)", "Close(1000)", "eof"]).await;
}

/// A pong that nobody asked for carries no time; Qt makes one up.
pub(crate) async fn pong_unsolicited<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().sleep(200);
    let script = script.pong("nobody asked").text("behind it").serve();
    let mut story = lab.connect(script).await;
    let told = ["Pong(nobody asked, None)", "Text(behind it)"];
    story.expect(told).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// Each pong is measured from its own ping; in Qt from the last one.
pub(crate) async fn pong_two_pings<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .frames(2, 2000)
        .sleep(200)
        .pong("1")
        .sleep(200)
        .pong("2")
        .serve();
    let mut story = lab.connect(script).await;
    let first = T::now();
    if pings(&story, "1").is_none() {
        return;
    }
    story.quiet(100).await;
    let second = T::now();
    pings(&story, "2").expect("as the first");
    story.expect(["Pong(1, Some)", "Pong(2, Some)"]).await;
    took(&story, &[(first, 300), (second, 400)]);
    story.closes().await;
    let saw = ["Ping(1)", "Ping(2)", "Close(1000)", "eof"];
    story.run.saw(saw).await;
}

/// Pings, where the platform can.
fn pings<T: Target>(story: &Story<T>, payload: &str) -> Option<()> {
    let ping = story
        .socket
        .ping(Bytes::copy_from_slice(payload.as_bytes()));
    story.lab.granted(Features::PING, ping)
}

/// Each pong took at least so many ms, and not longer than since its ping.
fn took<T: Target>(story: &Story<T>, pings: &[(Duration, u64)]) {
    assert_eq!(story.elapsed.len(), pings.len());
    for (elapsed, (start, ms)) in story.elapsed.iter().zip(pings) {
        let elapsed = elapsed.expect("a ping with this payload");
        let expected = Duration::from_millis(*ms)..=T::now() - *start;
        assert!(expected.contains(&elapsed), "{elapsed:?}: {expected:?}");
    }
}

cases! {
    ping_from_server,
    ping_empty,
    ping_126,
    pong_elapsed,
    pong_unsolicited,
    pong_two_pings,
}
