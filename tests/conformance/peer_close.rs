//! The server closes, one way or the other.

use support::{Frame, Payload, Script, SlowRead};

use super::notation::payload;
use super::platform::accepted;
use super::story::CLOSING;
use super::{Lab, Target};

/// No code is 1005, and the echo has none either (RFC 6455 §7.1.5); Qt makes it 1000.
pub(crate) async fn peer_close_no_code<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().frame(Frame::close_empty());
    let mut story = lab.connect(script.drain(500)).await;
    story.expect(CLOSING).await;
    story.ends(1005, "").await;
    story.run.saw(["Close()", "eof"]).await;
}

/// 1001 is echoed.
pub(crate) async fn peer_close_1001<T: Target>(lab: Lab<T>) {
    echoes(&lab, 1001).await;
}

/// 1002 is echoed.
pub(crate) async fn peer_close_1002<T: Target>(lab: Lab<T>) {
    echoes(&lab, 1002).await;
}

/// 1004 is reserved: 1002, with a reason that names it, which Qt's does not.
pub(crate) async fn peer_close_1004<T: Target>(lab: Lab<T>) {
    refuses(lab, 1004).await;
}

/// 1005 is never sent: as [`peer_close_1004`].
pub(crate) async fn peer_close_1005<T: Target>(lab: Lab<T>) {
    refuses(lab, 1005).await;
}

/// 1007 is echoed.
pub(crate) async fn peer_close_1007<T: Target>(lab: Lab<T>) {
    echoes(&lab, 1007).await;
}

/// 1009 is echoed.
pub(crate) async fn peer_close_1009<T: Target>(lab: Lab<T>) {
    echoes(&lab, 1009).await;
}

/// 1012 to 1014 are registered and echoed; Qt refuses them.
pub(crate) async fn peer_close_1012<T: Target>(lab: Lab<T>) {
    for code in 1012..=1014 {
        echoes(&lab, code).await;
    }
}

/// 1015 is never sent: as [`peer_close_1004`].
pub(crate) async fn peer_close_1015<T: Target>(lab: Lab<T>) {
    refuses(lab, 1015).await;
}

/// 2999 is reserved: as [`peer_close_1004`].
pub(crate) async fn peer_close_2999<T: Target>(lab: Lab<T>) {
    refuses(lab, 2999).await;
}

/// 0 is no code: as [`peer_close_1004`].
pub(crate) async fn peer_close_0<T: Target>(lab: Lab<T>) {
    refuses(lab, 0).await;
}

/// 5000 is no code: as [`peer_close_1004`].
pub(crate) async fn peer_close_5000<T: Target>(lab: Lab<T>) {
    refuses(lab, 5000).await;
}

/// Half a code: 1002.
pub(crate) async fn peer_close_1_byte<T: Target>(lab: Lab<T>) {
    let frame = Frame::new(support::opcode::CLOSE, b"\x03");
    let mut story = lab.connect(accepted().frame(frame).drain(500)).await;
    story.tells_off_close("close", 1005).await;
}

/// A reason that is not UTF-8: 1007.
pub(crate) async fn peer_close_bad_utf8<T: Target>(lab: Lab<T>) {
    let script = accepted().close(1000, b"\xff").drain(500);
    let mut story = lab.connect(script).await;
    story.tells_off(1007, "UTF-8").await;
}

/// What comes behind the close frame is dropped, and a ping there not answered.
pub(crate) async fn peer_close_then_data<T: Target>(lab: Lab<T>) {
    let frames = [
        Frame::close(1000, "bye"),
        Frame::text("ghost"),
        Frame::ping("ghost"),
    ];
    let script = Script::new().accept().burst(frames).drain(500);
    let mut story = lab.connect(script).await;
    if story.is_closed(1000, "bye").await {
        story.run.saw(["Close(1000, bye)", "eof"]).await;
    }
}

/// What is queued goes out before the echo; a browser drops it.
pub(crate) async fn peer_close_during_send<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .slow_read(SlowRead::lasting(1500).total(200_000))
        .close(1000, "bye")
        .slow_read(SlowRead::lasting(2500))
        .drain(300);
    let mut story = lab.connect(script).await;
    let message = Payload::pattern(5_000_000).to_bytes();
    story.send_binary(&message);
    let closed = story.is_closed(1000, "bye").await;
    if !closed || !lab.speaks_the_protocol() {
        return;
    }
    let frames: Vec<_> = message.chunks(524_288).map(|f| payload(false, f)).collect();
    let last = frames.len() - 1;
    let frame = |(index, frame): (usize, &String)| match index {
        0 => format!("Binary({frame}, more)"),
        _ if index == last => format!("Continuation({frame})"),
        _ => format!("Continuation({frame}, more)"),
    };
    let mut saw: Vec<_> = frames.iter().enumerate().map(frame).collect();
    saw.extend(["Close(1000, bye)".into(), "eof".into()]);
    story.run.saw(saw).await;
}

/// FIN without a close frame: 1006, where Qt has 1000.
pub(crate) async fn peer_drop<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().sleep(60).fin();
    drops(lab, script, &["eof"]).await;
}

/// Half a frame, then FIN: as [`peer_drop`].
pub(crate) async fn peer_drop_mid_frame<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().raw(b"\x81\x0aab").sleep(60).fin();
    drops(lab, script, &["eof"]).await;
}

/// RST: as [`peer_drop`].
pub(crate) async fn peer_reset<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().sleep(60).rst();
    drops(lab, script, &[]).await;
}

/// The server shuts down its sending side only: as [`peer_drop`].
pub(crate) async fn peer_half_close<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().sleep(60).half_close().drain(500);
    drops(lab, script, &["eof"]).await;
}

async fn echoes<T: Target>(lab: &Lab<T>, code: u16) {
    let script = Script::new().accept().close(code, "why").drain(500);
    let mut story = lab.connect(script).await;
    story.expect(CLOSING).await;
    story.ends(code, "why").await;
    story
        .run
        .saw([&*format!("Close({code}, why)"), "eof"])
        .await;
}

async fn refuses<T: Target>(lab: Lab<T>, code: u16) {
    let script = accepted().close(code, "why").drain(500);
    let mut story = lab.connect(script).await;
    story.tells_off_close(&format!(" {code} "), code).await;
}

async fn drops<T: Target>(lab: Lab<T>, script: Script, saw: &[&str]) {
    let mut story = lab.connect(script).await;
    story.loses().await;
    story.run.saw(saw).await;
}

cases! {
    peer_close_no_code,
    peer_close_1001,
    peer_close_1002,
    peer_close_1004,
    peer_close_1005,
    peer_close_1007,
    peer_close_1009,
    peer_close_1012,
    peer_close_1015,
    peer_close_2999,
    peer_close_0,
    peer_close_5000,
    peer_close_1_byte,
    peer_close_bad_utf8,
    peer_close_then_data,
    peer_close_during_send,
    peer_drop,
    peer_drop_mid_frame,
    peer_reset,
    peer_half_close,
}
