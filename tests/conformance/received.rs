//! Messages that the server sends.

use qwebsocket::Close;
use support::{Frame, Payload, Script};

use super::notation::binary;
use super::platform::accepted;
use super::story::CLOSING;
use super::{Lab, Target};

/// A text message.
pub(crate) async fn in_text<T: Target>(lab: Lab<T>) {
    receives(
        lab,
        Script::new().accept().text("hi").serve(),
        &["Text(hi)"],
    )
    .await;
}

/// A text in three frames that come one by one.
pub(crate) async fn in_text_fragments<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .frame(Frame::text("Hel").not_final())
        .sleep(60)
        .frame(Frame::continuation("lo ").not_final())
        .sleep(60)
        .frame(Frame::continuation("you"))
        .serve();
    let told = [
        "TextFrame(Hel, more)",
        "TextFrame(lo , more)",
        "TextFrame(you, last)",
        "Text(Hello you)",
    ];
    receives(lab.with_frames(), script, &told).await;
}

/// Frames may be empty, all of them even.
pub(crate) async fn in_empty_fragments<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .burst([
            Frame::text("").not_final(),
            Frame::continuation("").not_final(),
            Frame::continuation("x").not_final(),
            Frame::continuation(""),
        ])
        .burst([Frame::binary("").not_final(), Frame::continuation("")])
        .serve();
    let told = [
        "TextFrame(, more)",
        "TextFrame(, more)",
        "TextFrame(x, more)",
        "TextFrame(, last)",
        "Text(x)",
        "BinaryFrame(, more)",
        "BinaryFrame(, last)",
        "Binary()",
    ];
    receives(lab.with_frames(), script, &told).await;
}

/// Pings and pongs may come between the frames of a message.
pub(crate) async fn in_fragments_with_control<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .burst([
            Frame::text("a").not_final(),
            Frame::ping("p1"),
            Frame::continuation("b").not_final(),
            Frame::pong("q1"),
            Frame::continuation("c"),
        ])
        .serve();
    let mut story = lab.with_frames().connect(script).await;
    let told = [
        "TextFrame(a, more)",
        "TextFrame(b, more)",
        "Pong(q1, None)",
        "TextFrame(c, last)",
        "Text(abc)",
    ];
    story.expect(told).await;
    story.closes().await;
    story.run.saw(["Pong(p1)", "Close(1000)", "eof"]).await;
}

/// The server closes inside a message, which is lost.
pub(crate) async fn in_close_inside_fragments<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .burst([Frame::text("a").not_final(), Frame::close(1000, "enough")])
        .drain(300);
    let mut story = lab.with_frames().connect(script).await;
    story.expect(["TextFrame(a, more)"]).await;
    story.expect(CLOSING).await;
    story.ends(1000, "enough").await;
    story.run.saw(["Close(1000, enough)", "eof"]).await;
}

/// A frame may come byte by byte.
pub(crate) async fn in_byte_by_byte<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().pace(1, 10).text("slowly");
    let script = script.at_once().serve();
    let told = ["TextFrame(slowly, last)", "Text(slowly)"];
    receives(lab.with_frames(), script, &told).await;
}

/// Messages at the borders of the three forms of a length.
pub(crate) async fn in_lengths<T: Target>(lab: Lab<T>) {
    let lengths = [125, 126, 65_535, 65_536];
    let script = lengths.iter().fold(Script::new().accept(), |script, len| {
        script.binary(Payload::pattern(*len))
    });
    let told = lengths.map(|len| binary(&Payload::pattern(len).to_bytes()));
    let told: Vec<_> = told.iter().map(String::as_str).collect();
    receives(lab, script.serve(), &told).await;
}

/// A character may be split over frames; each frame carries the characters that it completes.
pub(crate) async fn utf8_split<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .burst([
            Frame::text(b"\xe2\x82").not_final(),
            Frame::continuation(b"\xac"),
        ])
        .serve();
    let told = ["TextFrame(, more)", "TextFrame(€, last)", "Text(€)"];
    receives(lab.with_frames(), script, &told).await;
}

/// NUL, BOM, noncharacters and what is outside the BMP are text like any other; Qt loses the BOM.
pub(crate) async fn utf8_special<T: Target>(lab: Lab<T>) {
    let texts = ["a\0b", "\u{feff}bom", "\u{ffff}", "😀", "\u{feff}"];
    let script = texts
        .iter()
        .fold(Script::new().accept(), |script, text| script.text(*text));
    let told = texts.map(|text| format!("Text({text})"));
    let told: Vec<_> = told.iter().map(String::as_str).collect();
    receives(lab, script.serve(), &told).await;
}

/// A byte that cannot follow: 1007.
pub(crate) async fn utf8_invalid<T: Target>(lab: Lab<T>) {
    not_utf8(lab, [Frame::text(b"H\xc3(")], &[]).await;
}

/// A text that ends inside a character: 1007.
pub(crate) async fn utf8_truncated<T: Target>(lab: Lab<T>) {
    not_utf8(lab, [Frame::text(b"H\xe2\x82")], &[]).await;
}

/// An encoded surrogate: 1007.
pub(crate) async fn utf8_surrogate<T: Target>(lab: Lab<T>) {
    not_utf8(lab, [Frame::text(b"\xed\xa0\x80")], &[]).await;
}

/// The first frame is told, the second one is not UTF-8: 1007.
pub(crate) async fn utf8_invalid_second_frame<T: Target>(lab: Lab<T>) {
    let frames = [
        Frame::text("good").not_final(),
        Frame::continuation(b"\xff"),
    ];
    not_utf8(lab, frames, &["TextFrame(good, more)"]).await;
}

/// A first frame that is not UTF-8 is refused before the message ends: 1007.
pub(crate) async fn utf8_invalid_first_fragment<T: Target>(lab: Lab<T>) {
    not_utf8(lab, [Frame::text(b"\xff").not_final()], &[]).await;
}

/// The last frame begins a character: 1007.
pub(crate) async fn utf8_split_never_ended<T: Target>(lab: Lab<T>) {
    let frames = [
        Frame::text("a").not_final(),
        Frame::continuation(b"\xe2\x82"),
    ];
    not_utf8(lab, frames, &["TextFrame(a, more)"]).await;
}

/// Half a frame, then silence: there is no hidden time limit, where Qt has one of 5 s that is not
/// even reliable.
pub(crate) async fn stalled_two_chunks<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .raw(b"\x81\x0aha")
        .sleep(150)
        .raw("lf")
        .drain(7000);
    let mut story = lab.with_frames().connect(script).await;
    story.quiet(6000).await;
    story.begin_close(Close::default());
    story.expect(CLOSING).await;
    story.loses_while_closing(Close::default()).await;
    story.run.saw(["Close(1000)", "timeout", "eof"]).await;
}

/// These events come, and the connection is fine.
async fn receives<T: Target>(lab: Lab<T>, script: Script, told: &[&str]) {
    let mut story = lab.connect(script).await;
    story.expect(told).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

async fn not_utf8<T: Target, const N: usize>(lab: Lab<T>, frames: [Frame; N], told: &[&str]) {
    let script = accepted().burst(frames).drain(900);
    let mut story = lab.with_frames().connect(script).await;
    story.expect(told).await;
    story.tells_off(1007, "text").await;
}

cases! {
    in_text,
    in_text_fragments,
    in_empty_fragments,
    in_fragments_with_control,
    in_close_inside_fragments,
    in_byte_by_byte,
    in_lengths,
    utf8_split,
    utf8_invalid,
    utf8_truncated,
    utf8_surrogate,
    utf8_invalid_second_frame,
    utf8_special,
    stalled_two_chunks,
    utf8_invalid_first_fragment,
    utf8_split_never_ended,
}
