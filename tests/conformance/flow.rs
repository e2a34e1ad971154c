//! Queues, buffers and their accounts.

use qwebsocket::{Close, Features, Options, WebSocket, WebSocketExt};
use support::{Payload, Script, SlowRead};

use super::notation::binary;
use super::story::CLOSING;
use super::{Lab, Target};

/// `bytes_to_write` counts frame headers and `try_flush` writes at once. `BytesWritten` adds up to
/// what went to the transport, as in Qt from the request on. A browser counts payloads only, and
/// writes by itself.
pub(crate) async fn bytes_to_write<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    let before = story.written;
    story.send("hello");
    assert_eq!(story.socket.bytes_to_write(), lab.on_the_wire(&[5]));
    let wrote = story.socket.try_flush().unwrap();
    assert_eq!(wrote, lab.speaks_the_protocol());
    story.socket.flush().await.unwrap();
    assert_eq!(story.socket.bytes_to_write(), 0);
    assert!(!story.socket.try_flush().unwrap());
    story.send("again");
    story.expect(["Text(hello)", "Text(again)"]).await;
    story.quiet(50).await;
    assert_eq!(story.socket.bytes_to_write(), 0);
    assert_eq!(story.written - before, lab.on_the_wire(&[5, 5]));
    story.closes().await;
    let saw = ["Text(hello)", "Text(again)", "Close(1000)", "eof"];
    story.run.saw(saw).await;
    if lab.speaks_the_protocol() {
        let log = story.run.log(1).await;
        let lines = log.request(1).iter();
        let request = lines.map(|line| line.len() + 2).sum::<usize>() + 2;
        let frames = lab.on_the_wire(&[5, 5, 2]);
        assert_eq!(log.bytes(1), frames as u64);
        assert_eq!(story.written, request + frames);
    }
}

/// 10 MB to a server that reads late and slowly: what is written and what is not add up to the
/// whole at any time.
pub(crate) async fn bytes_to_write_10mb<T: Target>(lab: Lab<T>) {
    const SIZE: usize = 10_000_000;
    let script = Script::new()
        .accept()
        .sleep(400)
        .slow_read(SlowRead::lasting(6000).gap(1).total(SIZE as u64))
        .slow_read(SlowRead::lasting(1500));
    let mut story = lab.connect(script).await;
    let before = story.written;
    story.send_binary(&Payload::pattern(SIZE).to_bytes());
    let frames = [vec![524_288; 19], vec![SIZE - 19 * 524_288]].concat();
    let all = lab.on_the_wire(&frames);
    assert_eq!(story.socket.bytes_to_write(), all);

    let wrote = story.socket.try_flush().unwrap();
    assert_eq!(wrote, lab.speaks_the_protocol());
    let left = story.socket.bytes_to_write();
    assert!(left > 0, "the server does not read yet");
    assert_eq!(left < all, wrote);
    story.quiet(200).await;
    let blocked = story.socket.bytes_to_write();
    assert!((1..=left).contains(&blocked));
    assert_eq!(story.written - before, all - blocked);

    while story.socket.bytes_to_write() > 0 {
        story.quiet(100).await;
        let left = story.socket.bytes_to_write();
        assert_eq!(story.written - before, all - left);
    }
    story.begin_close(Close::default());
    story.expect(CLOSING).await;
    story.loses_while_closing(Close::default()).await;
    let log = story.run.log(1).await;
    let data = log.frames(1).into_iter().filter(|frame| frame.opcode < 8);
    let lengths: Vec<_> = data.map(|frame| frame.len as usize).collect();
    assert_eq!(lengths.iter().sum::<usize>(), SIZE);
    if lab.can(Features::OUTGOING_FRAME) {
        assert_eq!(lengths, frames);
    }
    assert!(log.hung_up(1), "{log}");
}

/// A frame larger than the read buffer gets through; in Qt it never does, and nobody is told.
pub(crate) async fn read_buffer_small_frame_big<T: Target>(lab: Lab<T>) {
    let Some(lab) = with_small_buffer(&lab) else {
        return;
    };
    let payload = Payload::pattern(10_000);
    let told = binary(&payload.to_bytes());
    let script = Script::new().accept().binary(payload).serve();
    let mut story = lab.connect(script).await;
    story.expect([told]).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// Frames that fit into the read buffer, but not all at once.
pub(crate) async fn read_buffer_small_frames_small<T: Target>(lab: Lab<T>) {
    let Some(lab) = with_small_buffer(&lab) else {
        return;
    };
    let payload = Payload::pattern(500);
    let told = binary(&payload.to_bytes());
    let frames = vec![support::Frame::binary(payload); 20];
    let script = Script::new().accept().burst(frames).serve();
    let mut story = lab.connect(script).await;
    story.expect(vec![told; 20]).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// With nothing to write, `try_flush` writes nothing, connected or not.
pub(crate) async fn flush_idle<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.quiet(150).await;
    assert!(!story.socket.try_flush().unwrap());
    story.closes().await;
    assert!(!story.socket.try_flush().unwrap());
    story.run.saw(["Close(1000)", "eof"]).await;
}

fn with_small_buffer<T: Target>(lab: &Lab<T>) -> Option<Lab<T>> {
    lab.with(Features::READ_BUFFER, Options::new().read_buffer_size(1024))
}

cases! {
    bytes_to_write,
    bytes_to_write_10mb,
    read_buffer_small_frame_big,
    read_buffer_small_frames_small,
    flush_idle,
}
