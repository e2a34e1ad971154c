//! Servers that break the rules, and limits.

use qwebsocket::{Close, ErrorKind, Features, Limits, Options};
use support::{Frame, LengthForm, Payload, Script};

use super::notation::text;
use super::platform::accepted;
use super::story::CLOSING;
use super::{Lab, Target};

/// A server does not mask (RFC 6455 §5.1): 1002. Qt takes the message, as some browsers do.
pub(crate) async fn masked_text<T: Target>(lab: Lab<T>) {
    let frame = Frame::text("masked").masked([1, 2, 3, 4]);
    let mut story = lab.connect(accepted().frame(frame).drain(900)).await;
    story.tells_off_message("mask", "Text(masked)").await;
}

/// RSV1 without an extension: 1002.
pub(crate) async fn rsv_4<T: Target>(lab: Lab<T>) {
    tells_off(lab, [Frame::text("rsv").rsv(4)], "reserved").await;
}

/// RSV2: 1002.
pub(crate) async fn rsv_2<T: Target>(lab: Lab<T>) {
    tells_off(lab, [Frame::text("rsv").rsv(2)], "reserved").await;
}

/// A reserved opcode for data: 1002.
pub(crate) async fn opcode_3<T: Target>(lab: Lab<T>) {
    tells_off(lab, [Frame::new(3, "x")], "opcode").await;
}

/// The last reserved opcode for data: 1002.
pub(crate) async fn opcode_7<T: Target>(lab: Lab<T>) {
    tells_off(lab, [Frame::new(7, "x")], "opcode").await;
}

/// A reserved opcode for control frames: 1002.
pub(crate) async fn opcode_15<T: Target>(lab: Lab<T>) {
    tells_off(lab, [Frame::new(15, "x")], "opcode").await;
}

/// A ping of 126 bytes: 1002.
pub(crate) async fn ping_too_long<T: Target>(lab: Lab<T>) {
    let payload = Payload::repeat("x", 126);
    tells_off(lab, [Frame::ping(payload)], "control").await;
}

/// A close frame of 126 bytes: 1002.
pub(crate) async fn close_too_long<T: Target>(lab: Lab<T>) {
    let reason = Payload::repeat("x", 124);
    tells_off(lab, [Frame::close(1000, reason)], "control").await;
}

/// A continuation of nothing: 1002.
pub(crate) async fn continuation_first<T: Target>(lab: Lab<T>) {
    tells_off(lab, [Frame::continuation("x")], "continue").await;
}

/// A text inside a text: 1002, behind the frame that was fine.
pub(crate) async fn text_inside_text<T: Target>(lab: Lab<T>) {
    inside_text(lab, Frame::text("b")).await;
}

/// A binary message inside a text: 1002, behind the frame that was fine.
pub(crate) async fn binary_inside_text<T: Target>(lab: Lab<T>) {
    inside_text(lab, Frame::binary("b")).await;
}

/// A length that is not in its shortest form: 1002; some browsers take it.
pub(crate) async fn length_16_short<T: Target>(lab: Lab<T>) {
    let frame = Frame::text(Payload::repeat("x", 125));
    let frame = frame.length_form(LengthForm::Bits16);
    let mut story = lab.connect(accepted().frame(frame).drain(900)).await;
    let message = text(&"x".repeat(125));
    story.tells_off_message("length", &message).await;
}

/// A length with its highest bit set: 1002.
pub(crate) async fn length_64_msb<T: Target>(lab: Lab<T>) {
    let header = b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x01";
    let script = accepted().raw(header).drain(900);
    let mut story = lab.connect(script).await;
    story.tells_off(1002, "length").await;
}

/// A frame of the largest size is announced and does not come: nothing is wrong with that.
pub(crate) async fn length_limit<T: Target>(lab: Lab<T>) {
    let header = b"\x82\x7f\x00\x00\x00\x00\x7f\xff\xff\xfe";
    let script = accepted().raw(header).drain(900);
    let mut story = lab.connect(script).await;
    story.quiet(350).await;
    story.begin_close(Close::default());
    story.expect(CLOSING).await;
    story.loses_while_closing(Close::default()).await;
    story.run.saw(["Close(1000)", "timeout", "eof"]).await;
}

/// A frame above the limit: 1009. One of exactly that size passes.
pub(crate) async fn frame_over_limit<T: Target>(lab: Lab<T>) {
    let frames = [10, 11].map(|len| Frame::binary(Payload::repeat("x", len)));
    let told = ["Binary(78787878787878787878)"];
    over_frame_limit(lab, Script::new().accept().burst(frames), &told).await;
}

/// The header of a frame above the limit is enough: 1009.
pub(crate) async fn frame_over_limit_header_only<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().raw(b"\x82\x7e\x04\x00");
    over_frame_limit(lab, script, &[]).await;
}

/// Control frames do not count, though they do in Qt.
pub(crate) async fn frame_limit_control<T: Target>(lab: Lab<T>) {
    let options = Options::new().limits(Limits::new().incoming_frame(5));
    let Some(lab) = lab.with(Features::INCOMING_FRAME, options) else {
        return;
    };
    let script = Script::new().accept().ping("0123456789").frames(1, 2000);
    let mut story = lab.connect(script.text("fine").serve()).await;
    story.expect(["Text(fine)"]).await;
    story.closes().await;
    let saw = ["Pong(0123456789)", "Close(1000)", "eof"];
    story.run.saw(saw).await;
}

/// A message above the limit: 1009, and 4009 from a browser, which may not send that. One of
/// exactly that size passes.
pub(crate) async fn message_over_limit<T: Target>(lab: Lab<T>) {
    let frames = [10, 11].map(|len| Frame::text(Payload::repeat("x", len)));
    let told = ["TextFrame(xxxxxxxxxx, last)", "Text(xxxxxxxxxx)"];
    over_message_limit(lab, frames, &told).await;
}

/// Frames that add up above the limit: as [`message_over_limit`], behind the frame that was fine.
pub(crate) async fn message_over_limit_fragments<T: Target>(lab: Lab<T>) {
    let frames = [
        Frame::binary(Payload::pattern(6)).not_final(),
        Frame::continuation(Payload::pattern(6)),
    ];
    let told = ["BinaryFrame(000102030405, more)"];
    over_message_limit(lab, frames, &told).await;
}

/// What comes behind the message that is too large is dropped.
pub(crate) async fn message_over_then_more<T: Target>(lab: Lab<T>) {
    let frames = [Frame::text(Payload::repeat("x", 11)), Frame::text("ok")];
    over_message_limit(lab, frames, &[]).await;
}

/// Garbage: 1002.
pub(crate) async fn garbage_frames<T: Target>(lab: Lab<T>) {
    let script = accepted().raw(Payload::repeat([0xff], 14));
    let mut story = lab.connect(script.drain(900)).await;
    story.tells_off(1002, "").await;
}

async fn tells_off<T: Target, const N: usize>(lab: Lab<T>, frames: [Frame; N], word: &str) {
    let script = accepted().burst(frames).drain(900);
    let mut story = lab.connect(script).await;
    story.tells_off(1002, word).await;
}

async fn inside_text<T: Target>(lab: Lab<T>, frame: Frame) {
    let frames = [Frame::text("a").not_final(), frame];
    let script = accepted().burst(frames).drain(900);
    let mut story = lab.with_frames().connect(script).await;
    story.expect(["TextFrame(a, more)"]).await;
    story.tells_off(1002, "inside").await;
}

async fn over_frame_limit<T: Target>(lab: Lab<T>, script: Script, told: &[&str]) {
    let options = Options::new().limits(Limits::new().incoming_frame(10));
    let Some(lab) = lab.with(Features::INCOMING_FRAME, options) else {
        return;
    };
    let mut story = lab.connect(script.drain(900)).await;
    story.expect(told).await;
    story.tells_off(1009, "limit").await;
}

async fn over_message_limit<T: Target, const N: usize>(
    lab: Lab<T>,
    frames: [Frame; N],
    told: &[&str],
) {
    let limits = Limits::new().incoming_message(10);
    let lab = lab.with_frames();
    let lab = lab.and(|options| options.limits(limits));
    let script = accepted().burst(frames).drain(900);
    let mut story = lab.connect(script).await;
    story.expect(told).await;
    let code = lab.too_large();
    story
        .refuses_message(ErrorKind::TooLarge, code, "limit")
        .await;
}

cases! {
    masked_text,
    rsv_4,
    rsv_2,
    opcode_3,
    opcode_7,
    opcode_15,
    ping_too_long,
    close_too_long,
    continuation_first,
    text_inside_text,
    binary_inside_text,
    length_16_short,
    length_64_msb,
    length_limit,
    frame_over_limit,
    frame_over_limit_header_only,
    frame_limit_control,
    message_over_limit,
    message_over_limit_fragments,
    message_over_then_more,
    garbage_frames,
}
