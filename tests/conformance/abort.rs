//! `abort`.

use qwebsocket::{State, WebSocket};
use support::{Payload, Script, SlowRead};

use super::story::ENDED;
use super::{Lab, Target};

/// The connection ends at once, without a close frame: 1006, where Qt has 1000. A second `abort`
/// is silent.
pub(crate) async fn abort_connected<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.quiet(50).await;
    story.socket.abort();
    assert_eq!(story.socket.state(), State::Unconnected);
    assert_eq!(story.socket.bytes_to_write(), 0);
    story.socket.abort();
    story.expect(["AboutToClose()"]).await;
    story.ends(1006, "").await;
    story.socket.abort();
    story.is_over().await;
    story.run.saw(lab.aborting()).await;
}

/// The queue is discarded; a browser lets go of the connection and sends what it has.
pub(crate) async fn abort_pending<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().sleep(300);
    let script = script.slow_read(SlowRead::lasting(3000)).drain(300);
    let mut story = lab.connect(script).await;
    let before = story.written;
    story.send_binary(&Payload::pattern(5_000_000).to_bytes());
    assert!(story.socket.bytes_to_write() >= 5_000_000);
    story.socket.abort();
    assert_eq!(story.socket.bytes_to_write(), 0);
    story.expect(["AboutToClose()"]).await;
    story.ends(1006, "").await;
    assert_eq!(story.written, before);
    let log = story.run.log(1).await;
    assert!(log.hung_up(1), "{log}");
    if lab.speaks_the_protocol() {
        assert_eq!(log.bytes(1), 0, "{log}");
    }
}

/// `abort` before the server's answer.
pub(crate) async fn abort_before_answer<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().drain(3000));
    story.expect(["Connecting"]).await;
    story.quiet(120).await;
    story.socket.abort();
    assert_eq!(story.socket.state(), State::Unconnected);
    story.expect(["AboutToClose()"]).await;
    story.ends(1006, "").await;
    story.run.saw(["eof"]).await;
}

/// `open` after `abort`: the first connection's events come first.
pub(crate) async fn abort_then_reopen<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    story.socket.abort();
    story.open(&Script::echo());
    assert_eq!(story.socket.closed(), None);
    story.expect(["AboutToClose()"]).await;
    story.expect(ENDED).await;
    story.opened().await;
    story.send("again");
    story.expect(["Text(again)"]).await;
    story.closes().await;
    let second = ["Text(again)", "Close(1000)", "eof"];
    story.run.saw_each(&[lab.aborting(), &second]).await;
}

cases! { abort_connected, abort_pending, abort_before_answer, abort_then_reopen }
