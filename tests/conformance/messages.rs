//! Messages that we send.

use qwebsocket::{ErrorKind, Features, Limits, WebSocket};
use support::{Payload, Script};

use super::notation::{binary, payload, text};
use super::{Lab, Target};

/// Text comes back as it was sent.
pub(crate) async fn echo_text<T: Target>(lab: Lab<T>) {
    let message = "Hello, wörld €";
    assert_eq!(message.len(), 17);
    echoes(lab, &[message]).await;
}

/// Bytes come back as they were sent.
pub(crate) async fn echo_binary<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.send_binary(&[0, 1, 2, 3, 0xff, 0xfe]);
    story.expect(["Binary(00010203fffe)"]).await;
    story.closes().await;
    let saw = ["Binary(00010203fffe)", "Close(1000)", "eof"];
    story.run.saw(saw).await;
}

/// An empty text is a message.
pub(crate) async fn echo_text_empty<T: Target>(lab: Lab<T>) {
    echoes(lab, &[""]).await;
}

/// Messages at the borders of the three forms of a length.
pub(crate) async fn echo_sizes<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    let messages = [125, 126, 65_535, 65_536].map(|len| Payload::pattern(len).to_bytes());
    for message in &messages {
        story.send_binary(message);
    }
    let mut told: Vec<_> = messages.iter().map(|message| binary(message)).collect();
    story.expect(&told).await;
    story.closes().await;
    told.extend(["Close(1000)".into(), "eof".into()]);
    story.run.saw(told).await;
}

/// NUL, characters outside the BMP, noncharacters and a BOM are text like any other; Qt loses the
/// BOM.
pub(crate) async fn echo_text_unicode<T: Target>(lab: Lab<T>) {
    let messages = ["a\0b", "😀𝄞", "\u{feff}bom", "x\u{ffff}y", "\u{feff}"];
    assert_eq!(messages.map(str::len), [3, 8, 6, 5, 3]);
    echoes(lab, &messages).await;
}

/// A megabyte leaves in frames of 512 KiB, of which the server's echo consists as well.
pub(crate) async fn echo_text_1mb<T: Target>(lab: Lab<T>) {
    let lab = lab.with_frames();
    let mut story = lab.connect(Script::echo()).await;
    let message = "0123456789".repeat(100_000);
    story.send(&message);
    let (first, second) = message.split_at(524_288);
    let [first, second] = [first, second].map(|part| payload(true, part.as_bytes()));
    let frames = [
        format!("TextFrame({first}, more)"),
        format!("TextFrame({second}, last)"),
    ];
    story.expect(frames).await;
    story.expect([text(&message)]).await;
    story.closes().await;
    if lab.can(Features::OUTGOING_FRAME) {
        let frames = [
            format!("Text({first}, more)"),
            format!("Continuation({second})"),
        ];
        let end = ["Close(1000)", "eof"].map(String::from);
        story.run.saw(frames.into_iter().chain(end)).await;
    } else {
        story.run.saw_payload(message.len()).await;
    }
}

/// Messages keep their order.
pub(crate) async fn send_order<T: Target>(lab: Lab<T>) {
    let messages: Vec<_> = (0..12).map(|n| format!("m{n}")).collect();
    let messages: Vec<_> = messages.iter().map(String::as_str).collect();
    echoes(lab, &messages).await;
}

/// 25 bytes in frames of 10.
pub(crate) async fn outgoing_frame_10_25<T: Target>(lab: Lab<T>) {
    let frames = ["aaaaaaaaaa", "aaaaaaaaaa", "aaaaa"];
    splits(lab, 10, &frames.concat(), &frames).await;
}

/// 20 bytes in frames of 10: no empty frame at the end.
pub(crate) async fn outgoing_frame_10_20<T: Target>(lab: Lab<T>) {
    let frames = ["bbbbbbbbbb", "bbbbbbbbbb"];
    splits(lab, 10, &frames.concat(), &frames).await;
}

/// An empty message is one empty frame.
pub(crate) async fn outgoing_frame_5_0<T: Target>(lab: Lab<T>) {
    splits(lab, 5, "", &[""]).await;
}

/// Frames split characters; those that come back carry the characters that they complete.
pub(crate) async fn outgoing_frame_3_10<T: Target>(lab: Lab<T>) {
    let lab = lab.with_frames();
    let mut story = lab.connect(Script::echo()).await;
    let limits = Limits::new().outgoing_frame(3);
    let set = story.socket.set_limits(limits);
    if lab.granted(Features::OUTGOING_FRAME, set).is_none() {
        return;
    }
    story.send("aé€😀");
    let frames = [
        "TextFrame(aé, more)",
        "TextFrame(€, more)",
        "TextFrame(, more)",
        "TextFrame(😀, last)",
    ];
    story.expect(frames).await;
    story.expect(["Text(aé€😀)"]).await;
    story.closes().await;
    let saw = [
        "Text(aé, more)",
        "Continuation(€, more)",
        "Continuation(f09f98, more)",
        "Continuation(80)",
        "Close(1000)",
        "eof",
    ];
    story.run.saw(saw).await;
}

/// 200 000 bytes in frames of 64 KiB.
pub(crate) async fn outgoing_frame_65536<T: Target>(lab: Lab<T>) {
    let lab = lab.with_frames();
    let mut story = lab.connect(Script::echo()).await;
    let limits = Limits::new().outgoing_frame(65_536);
    let set = story.socket.set_limits(limits);
    if lab.granted(Features::OUTGOING_FRAME, set).is_none() {
        return;
    }
    let message = Payload::pattern(200_000).to_bytes();
    story.send_binary(&message);
    let frames: Vec<_> = message.chunks(65_536).map(|f| payload(false, f)).collect();
    let [first, second, third, last] = &frames[..] else {
        panic!("4 frames");
    };
    let told = [
        format!("BinaryFrame({first}, more)"),
        format!("BinaryFrame({second}, more)"),
        format!("BinaryFrame({third}, more)"),
        format!("BinaryFrame({last}, last)"),
        binary(&message),
    ];
    story.expect(told).await;
    story.closes().await;
    let saw = [
        format!("Binary({first}, more)"),
        format!("Continuation({second}, more)"),
        format!("Continuation({third}, more)"),
        format!("Continuation({last})"),
        "Close(1000)".into(),
        "eof".into(),
    ];
    story.run.saw(saw).await;
}

/// A frame size of 0 is refused and changes nothing; Qt crashes with the next message.
pub(crate) async fn outgoing_frame_zero_empty<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    let refused = story.socket.set_limits(Limits::new().outgoing_frame(0));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    story.send("");
    story.expect(["Text()"]).await;
    story.closes().await;
    story.run.saw(["Text()", "Close(1000)", "eof"]).await;
}

/// Each message comes back as it is.
async fn echoes<T: Target>(lab: Lab<T>, messages: &[&str]) {
    let mut story = lab.connect(Script::echo()).await;
    for message in messages {
        story.send(message);
    }
    let mut told: Vec<_> = messages.iter().map(|message| text(message)).collect();
    story.expect(&told).await;
    story.closes().await;
    told.extend(["Close(1000)".into(), "eof".into()]);
    story.run.saw(told).await;
}

/// With frames of this size the text leaves and comes back in these frames.
async fn splits<T: Target>(lab: Lab<T>, size: usize, message: &str, frames: &[&str]) {
    let lab = lab.with_frames();
    let mut story = lab.connect(Script::echo()).await;
    let set = story.socket.set_limits(Limits::new().outgoing_frame(size));
    if lab.granted(Features::OUTGOING_FRAME, set).is_none() {
        return;
    }
    story.send(message);
    let (mut told, mut saw) = (Vec::new(), Vec::new());
    for (index, frame) in frames.iter().enumerate() {
        let is_last = index + 1 == frames.len();
        let kind = if index == 0 { "Text" } else { "Continuation" };
        let more = if is_last { "" } else { ", more" };
        saw.push(format!("{kind}({frame}{more})"));
        let rest = if is_last { "last" } else { "more" };
        told.push(format!("TextFrame({frame}, {rest})"));
    }
    told.push(text(message));
    story.expect(told).await;
    story.closes().await;
    saw.extend(["Close(1000)".into(), "eof".into()]);
    story.run.saw(saw).await;
}

cases! {
    echo_text,
    echo_binary,
    echo_text_empty,
    echo_sizes,
    echo_text_unicode,
    echo_text_1mb,
    send_order,
    outgoing_frame_10_25,
    outgoing_frame_10_20,
    outgoing_frame_5_0,
    outgoing_frame_3_10,
    outgoing_frame_65536,
    outgoing_frame_zero_empty,
}
