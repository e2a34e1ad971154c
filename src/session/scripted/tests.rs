use std::pin::pin;

use futures::FutureExt;

use super::*;
use crate::close::CloseCode;
use crate::error::ErrorKind;
use crate::message::Frame;
use crate::response::Response;
use crate::socket::ext::WebSocketExt;

fn told(socket: &ScriptedSocket) -> Vec<String> {
    let events = std::iter::from_fn(|| socket.try_next_event());
    events.map(|event| format!("{event:?}")).collect()
}

fn opened() -> ScriptedSocket {
    let socket = ScriptedSocket::new();
    socket.open("ws://user:secret@a/room?b".into()).unwrap();
    socket.connect();
    assert_eq!(
        told(&socket),
        [
            "StateChanged(Connecting)",
            "StateChanged(Connected)",
            "Connected"
        ]
    );
    socket
}

const GOOD_END: [&str; 5] = [
    "AboutToClose",
    "StateChanged(Closing)",
    "StateChanged(Unconnected)",
    "ReadFinished",
    "Disconnected",
];

#[test]
fn calls_are_read_in_their_order() {
    let socket = opened();
    assert_eq!(socket.request_url(), "ws://a/room?b");
    assert_eq!(socket.resource_name(), "/room?b");
    socket.send("a".into()).unwrap();
    socket.send_part("b".into(), false).unwrap();
    socket.ping("p".into()).unwrap();
    let close = Close::new(CloseCode::GOING_AWAY, "bye");
    socket.close(close.clone()).unwrap();
    socket.abort();
    let calls = [
        Call::Open("ws://user:secret@a/room?b".into()),
        Call::Send("a".into()),
        Call::SendPart {
            part: "b".into(),
            is_last: false,
        },
        Call::Ping("p".into()),
        Call::Close(close),
        Call::Abort,
    ];
    assert_eq!(socket.take_calls(), calls);
    assert!(socket.take_calls().is_empty());
}

/// What the documentation of the trait refuses is refused, and no call.
#[test]
fn what_does_not_fit_is_refused() {
    let socket = ScriptedSocket::new();
    let kind = |result: Result<usize, Error>| result.unwrap_err().kind();
    assert_eq!(kind(socket.send("a".into())), ErrorKind::WrongState);
    let refused = socket.open("http://a/".into()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let refused = socket.close(CloseCode::NO_STATUS.into()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert!(socket.take_calls().is_empty());
    assert_eq!(socket.state(), State::Unconnected);

    let socket = opened().with_options(Options::new().write_queue(3));
    socket.send("abcd".into()).unwrap();
    assert_eq!(kind(socket.send("e".into())), ErrorKind::QueueFull);
    socket.write(1);
    socket.send("e".into()).unwrap();
    socket.refuse_next(ErrorKind::QueueFull.into());
    assert_eq!(kind(socket.send("".into())), ErrorKind::QueueFull);
    socket.send("".into()).unwrap();

    let browser = opened().with_features(Features::NONE);
    let refused = browser.ping("a".into()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported(Features::PING));
}

/// The order of `Event`'s table.
#[test]
fn ends_are_told_in_order() {
    let socket = opened();
    socket.close(Close::default()).unwrap();
    assert_eq!(socket.state(), State::Closing);
    assert_eq!(told(&socket), GOOD_END);
    assert_eq!(socket.peer_close(), Some(Close::default()));

    let socket = opened();
    socket.close_by_peer(Close::new(1012, "restart"));
    assert_eq!(socket.state(), State::Closing);
    assert_eq!(told(&socket), GOOD_END);
    assert_eq!(socket.close_code(), Some(CloseCode::SERVICE_RESTART));

    let socket = opened();
    socket.fail(ErrorKind::TimedOut);
    assert_eq!(told(&socket)[1..], GOOD_END[2..]);
    assert_eq!(socket.last_error().unwrap().kind(), ErrorKind::TimedOut);
    assert_eq!(socket.close_code(), Some(CloseCode::ABNORMAL));

    let socket = ScriptedSocket::new();
    socket.open("ws://a/".into()).unwrap();
    let refused = Response::new(401, [("Server", "test")]);
    socket.fail(Error::new(ErrorKind::Authentication, "who?").with_response(refused));
    let all = told(&socket);
    assert_eq!(all[2..], ["StateChanged(Unconnected)", "Disconnected"]);
    let error = socket.last_error().unwrap();
    assert_eq!(error.response().map(Response::status), Some(401));
}

#[test]
fn a_silent_peer_leaves_it_closing() {
    let socket = opened();
    socket.set_silent(true);
    socket.close(Close::default()).unwrap();
    assert_eq!(told(&socket), GOOD_END[..2]);
    assert_eq!(socket.state(), State::Closing);
    socket.lose();
    assert_eq!(told(&socket), GOOD_END[2..]);
    assert_eq!(socket.peer_close(), None);
    assert!(socket.last_error().is_none());
}

/// A message that is sent between `AboutToClose` and the next poll goes out.
#[test]
fn there_is_time_for_last_words() {
    let socket = opened();
    socket.close_by_peer(Close::default());
    assert!(matches!(socket.try_next_event(), Some(Event::AboutToClose)));
    socket.send("last".into()).unwrap();
    socket.try_next_event();
    assert!(socket.send("too late".into()).is_err());
    assert_eq!(socket.written(), ["last".into()]);
}

#[test]
fn what_is_written_counts() {
    let socket = opened();
    for text in ["a", "bc", "def"] {
        socket.send(text.into()).unwrap();
    }
    assert_eq!((socket.bytes_to_write(), socket.messages_written()), (6, 0));
    socket.write(2);
    assert_eq!((socket.bytes_to_write(), socket.messages_written()), (3, 2));
    assert_eq!(told(&socket), ["BytesWritten(3)"]);
    socket.set_stalled(true);
    let mut flush = pin!(socket.flush());
    assert!(flush.as_mut().now_or_never().is_none());
    socket.fail(ErrorKind::RemoteClosed);
    let cut_off = socket.flush().now_or_never();
    assert_eq!(
        cut_off.unwrap().unwrap_err().kind(),
        ErrorKind::RemoteClosed
    );
    assert_eq!(socket.messages_written(), 2);
}

#[test]
fn events_are_told_as_they_are() {
    let socket = opened();
    let frame = Frame::new("a", false);
    assert!(frame.is_text() && !frame.is_last());
    socket.tell(Event::Frame(frame.clone()));
    socket.tell(Event::StateChanged(State::Closing));
    assert_eq!(socket.state(), State::Closing);
    match socket.try_next_event() {
        Some(Event::Frame(told)) => assert_eq!(told, frame),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_open_socket_is_left_before_it_opens_anew() {
    let socket = opened();
    socket.open("ws://b/".into()).unwrap();
    let mut expected = GOOD_END.to_vec();
    expected.push("StateChanged(Connecting)");
    assert_eq!(told(&socket), expected);
    assert_eq!(socket.closed(), None);
}
