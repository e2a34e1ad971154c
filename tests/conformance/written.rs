//! Which messages have been written.

use std::time::Duration;

use qwebsocket::{KeepAlive, WebSocket, WebSocketExt};
use support::Script;

use super::{Lab, Target};

/// Each message counts once it is written, also after the end; none of the next connection does.
pub(crate) async fn messages_written<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    assert_eq!(story.socket.messages_written(), 0);
    story.send("a");
    story.send("");
    story.send_binary(&[7; 100_000]);
    story.socket.flush().await.expect("connected");
    assert_eq!(story.socket.messages_written(), 3);
    assert_eq!(story.first().await, "Text(a)");
    assert_eq!(story.first().await, "Text()");
    assert!(story.first().await.starts_with("Binary("));
    story.closes().await;
    assert_eq!(story.socket.messages_written(), 3);
    story.open(&Script::echo());
    assert_eq!(story.socket.messages_written(), 0);
    story.opened().await;
    story.closes().await;
}

/// What a lost connection did not write does not count.
pub(crate) async fn messages_written_in_part<T: Target>(lab: Lab<T>) {
    let script = Script::new().receive_buffer(4096).accept();
    let mut story = lab.connect(script.frames(1, 8000).rst()).await;
    story.send("a");
    story.send_binary(&vec![0; 64 << 20]);
    story.send("b");
    let exact = story.lab.speaks_the_protocol();
    story.rest().await;
    let written = story.socket.messages_written();
    // Chromium counts what is on its way between its processes.
    assert!(written == 1 || !exact && written > 1, "{written}");
}

/// Probes of a keep-alive are no messages of the application.
pub(crate) async fn messages_written_without_probes<T: Target>(lab: Lab<T>) {
    let is_echo = |message: &qwebsocket::Message| message.as_text() == Some("?");
    let keep_alive = KeepAlive::probe(Duration::from_millis(20), "?", is_echo);
    let lab = lab.and(|options| options.keep_alive(keep_alive));
    let mut story = lab.connect(Script::echo()).await;
    story.quiet(200).await;
    assert!(story.written > 0, "probes were written");
    assert_eq!(story.socket.messages_written(), 0);
    story.send("a");
    story.expect(["Text(a)"]).await;
    story.quiet(100).await;
    assert_eq!(story.socket.messages_written(), 1);
    story.closes().await;
}

cases! {
    messages_written,
    messages_written_in_part,
    messages_written_without_probes,
}
