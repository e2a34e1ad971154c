//! One socket over several connections, and its end.

use qwebsocket::{Close, CloseCode, ErrorKind, Features, Limits, State, WebSocket};
use support::{Accept, Script};

use super::run::Run;
use super::story::{CLOSING, ENDED};
use super::{Lab, Target};

/// `open` while connected closes the old connection with 1001, and its `Disconnected` comes
/// first; Qt drops it without a word.
pub(crate) async fn twice_open_while_connected<T: Target>(lab: Lab<T>) {
    // The server does not write behind our close frame: that could be answered by a reset.
    let script = Script::new().accept().frames(1, 2000).text("one");
    let mut story = lab.connect(script.drain(2000)).await;
    story.send("one");
    story.expect(["Text(one)"]).await;

    let second = Run::new(&lab);
    let first = std::mem::replace(&mut story.run, second);
    story.open(&Script::echo());
    assert_eq!(story.socket.closed(), None);
    story.expect(CLOSING).await;
    story.expect(ENDED).await;
    story.opened().await;
    story.send("two");
    story.expect(["Text(two)"]).await;
    story.closes().await;
    let [close, eof] = lab.leaving();
    first.saw(["Text(one)", close, eof]).await;
    story.run.saw(["Text(two)", "Close(1000)", "eof"]).await;
}

/// A refused `open` leaves the open connection alone; Qt destroys it.
pub(crate) async fn open_bad_scheme_while_connected<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::echo()).await;
    let url = story.socket.request_url();
    let refused = story.socket.open(url.replacen("ws", "http", 1).into());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(story.socket.state(), State::Connected);
    assert_eq!(story.socket.request_url(), url);
    story.send("still?");
    story.expect(["Text(still?)"]).await;
    story.closes().await;
    story.run.saw(["Text(still?)", "Close(1000)", "eof"]).await;
}

/// A second `open` forgets close code, reason and subprotocol of the first connection; in Qt they
/// stay.
pub(crate) async fn reopen_after_close<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let script = Script::new()
        .accept_with(Accept::new().protocol("chat"))
        .serve()
        .next_connection()
        .accept()
        .serve();
    let request = story.request(&script);
    let with_protocol = request.clone().subprotocol("chat");
    story.socket.open(with_protocol).unwrap();
    story.opened().await;
    assert_eq!(story.socket.subprotocol().as_deref(), Some("chat"));
    let code = lab.close_code(CloseCode::GOING_AWAY, 3001);
    story.begin_close(Close::new(code, "first"));
    story.expect(CLOSING).await;
    story.ends(code.get(), "first").await;

    story.socket.open(request).unwrap();
    assert_eq!(story.socket.closed(), None);
    assert_eq!(story.socket.subprotocol(), None);
    assert_eq!(story.socket.error_string(), "");
    story.opened().await;
    assert_eq!(story.socket.closed(), None);
    story.send("again");
    story.expect(["Text(again)"]).await;
    story.closes().await;
    let first = format!("Close({code}, first)");
    let second = ["Text(again)", "Close(1000)", "eof"];
    story.run.saw_each(&[&[&first, "eof"], &second]).await;
}

/// A second `open` forgets the error of the first; in Qt it stays.
pub(crate) async fn reopen_after_error<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let script = Script::new()
        .raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        .next_connection()
        .accept()
        .serve();
    story.open(&script);
    story.fails_to_open(ErrorKind::Handshake).await;
    assert!(story.socket.last_error().is_some());

    story.open(&script);
    assert!(story.socket.last_error().is_none());
    assert_eq!(story.socket.error_string(), "");
    story.opened().await;
    assert!(story.socket.last_error().is_none());
    story.closes().await;
    story
        .run
        .saw_each(&[&["eof"], &["Close(1000)", "eof"]])
        .await;
}

/// Dropping the socket says 1001.
pub(crate) async fn delete_while_connected<T: Target>(lab: Lab<T>) {
    let mut story = lab.connect(Script::new().accept().drain(2000)).await;
    story.quiet(50).await;
    let run = story.into_run();
    run.saw(lab.leaving()).await;
}

/// Dropping the socket before the server's answer ends the connection without a frame.
pub(crate) async fn delete_while_connecting<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().drain(3000));
    story.expect(["Connecting"]).await;
    story.quiet(100).await;
    let run = story.into_run();
    run.saw(["eof"]).await;
}

/// Nothing can be sent before `Connected`, and nothing of the attempt gets on the wire.
pub(crate) async fn send_before_connected<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.open(&Script::new().sleep(150).accept().serve());
    for early in [
        story.socket.send_text_message("early"),
        story.socket.send_binary_message(b"early"),
    ] {
        assert_eq!(early.unwrap_err().kind(), ErrorKind::WrongState);
    }
    let ping = story.socket.ping("early".into()).unwrap_err().kind();
    assert_eq!(ping, lab.ping_error(ErrorKind::WrongState));
    assert!(!story.socket.try_flush().unwrap());
    assert_eq!(story.socket.bytes_to_write(), 0);
    story.opened().await;
    story.send("late");
    story.expect(["Text(late)"]).await;
    story.closes().await;
    story.run.saw(["Text(late)", "Close(1000)", "eof"]).await;
}

/// Sizes in their range are kept, those beyond are refused. Qt also takes an outgoing frame size
/// of 0, and crashes later.
pub(crate) async fn setters_ranges<T: Target>(lab: Lab<T>) {
    const MAX: usize = 2_147_483_646;
    let story = lab.story();
    let limits = |outgoing, frame, message| {
        Limits::new()
            .outgoing_frame(outgoing)
            .incoming_frame(frame)
            .incoming_message(message)
    };
    let current = || story.socket.options().get_limits();

    let only_messages = Limits::new().incoming_message(889);
    story.socket.set_limits(only_messages).unwrap();
    assert_eq!(current(), only_messages);

    let frames = Features::OUTGOING_FRAME | Features::INCOMING_FRAME;
    let small = limits(5, 9, 889);
    let set = lab.granted(frames, story.socket.set_limits(small));
    assert_eq!(current(), set.map_or(only_messages, |()| small));
    let max = limits(MAX, MAX, MAX);
    let set = lab.granted(Features::OUTGOING_FRAME, story.socket.set_limits(max));
    let largest = set.map_or(only_messages, |()| max);
    assert_eq!(current(), largest);

    for beyond in [
        limits(MAX + 1, MAX, MAX),
        limits(MAX, MAX + 1, MAX),
        limits(MAX, MAX, MAX + 1),
        limits(0, MAX, MAX),
    ] {
        let refused = story.socket.set_limits(beyond).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{beyond:?}");
        assert_eq!(current(), largest);
    }

    let zero = limits(MAX, 0, 0);
    let set = lab.granted(frames, story.socket.set_limits(zero));
    assert_eq!(current(), set.map_or(only_messages, |()| zero));

    let size = |bytes| story.socket.set_read_buffer_size(bytes);
    let set = lab.granted(Features::READ_BUFFER, size(Some(77)));
    let kept = story.socket.options().get_read_buffer_size();
    assert_eq!(kept, set.map(|()| 77));
    assert_eq!(size(Some(0)).unwrap_err().kind(), ErrorKind::InvalidInput);
}

cases! {
    twice_open_while_connected,
    open_bad_scheme_while_connected,
    reopen_after_close,
    reopen_after_error,
    delete_while_connected,
    delete_while_connecting,
    send_before_connected,
    setters_ranges,
}
