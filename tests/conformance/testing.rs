//! What the library has for tests of applications.

use std::time::Duration;

use futures::future::join;
use qwebsocket::testing::{self, Call, ScriptedSocket};
use qwebsocket::{
    Close, CloseCode, Compression, ErrorKind, Event, Features, KeepAlive, Message, Options,
    Reconnect, ReconnectEvent, Reconnecting, Socket, State, WebSocket, WebSocketExt,
};

use super::{Lab, Target};

const GOOD_END: [&str; 5] = [
    "AboutToClose",
    "StateChanged(Closing)",
    "StateChanged(Unconnected)",
    "ReadFinished",
    "Disconnected",
];

fn pair() -> (Socket, Socket) {
    testing::pair(Options::new(), Options::new()).expect("default options work everywhere")
}

/// The next message.
async fn message(socket: &Socket) -> Message {
    let message = socket.next_message().await.expect("a message");
    message.expect("a connection without errors")
}

/// All events up to the end but how much was written, which depends on the time.
async fn to_end(socket: &Socket) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(event) = socket.next_event().await {
        if !matches!(event, Event::BytesWritten(_)) {
            told.push(format!("{event:?}"));
        }
    }
    told
}

/// Both ends are connected from the start, without an event, and talk until one closes.
pub(crate) async fn testing_pair_talks<T: Target>(_: Lab<T>) {
    let binary = Message::from(&[0, 255, 128][..]);
    let (client, server) = pair();
    for socket in [&client, &server] {
        assert_eq!(socket.state(), State::Connected);
        assert_eq!(socket.features(), Socket::FEATURES);
        let info = socket.info();
        let told = (info.request_url(), info.resource_name(), info.extensions());
        assert_eq!(told, ("ws://localhost/", "/", ""));
        assert!(socket.try_next_event().is_none());
    }
    let ask = async {
        for message in ["grün".into(), binary.clone(), "".into()] {
            client.send(message).expect("connected");
        }
        client.flush().await.expect("connected");
        assert_eq!((client.bytes_to_write(), client.messages_written()), (0, 3));
        assert_eq!(message(&client).await, "got it".into());
        client
            .close((CloseCode::NORMAL, "bye").into())
            .expect("a good code");
        to_end(&client).await
    };
    let answer = async {
        for expected in ["grün".into(), binary.clone(), "".into()] {
            assert_eq!(message(&server).await, expected);
        }
        server.send_text("got it").expect("connected");
        to_end(&server).await
    };
    let (of_client, of_server) = join(ask, answer).await;
    assert_eq!(of_client, GOOD_END);
    assert_eq!(of_server, GOOD_END);
    for socket in [&client, &server] {
        assert!(socket.last_error().is_none());
        let closed = Some(Close::new(CloseCode::NORMAL, "bye"));
        assert_eq!(
            (socket.closed(), socket.peer_close()),
            (closed.clone(), closed)
        );
    }
    assert_eq!(
        client.send_text("late").unwrap_err().kind(),
        ErrorKind::WrongState
    );
}

/// Both close in the same moment: each hears the other's code, and keeps its own.
pub(crate) async fn testing_pair_both_close<T: Target>(_: Lab<T>) {
    let (client, server) = pair();
    client.close_with(4001).expect("a good code");
    server.close_with(4002).expect("a good code");
    let (of_client, of_server) = join(to_end(&client), to_end(&server)).await;
    assert_eq!(of_client, GOOD_END);
    assert_eq!(of_server, GOOD_END);
    for (socket, own, other) in [(&client, 4001, 4002), (&server, 4002, 4001)] {
        let code = |close: Option<Close>| close.expect("a close frame").code().get();
        assert_eq!(
            (code(socket.closed()), code(socket.peer_close())),
            (own, other)
        );
    }
}

/// More than is ever under way passes in both directions at once.
pub(crate) async fn testing_pair_large<T: Target>(_: Lab<T>) {
    const LENGTH: usize = 1 << 20;
    let (client, server) = pair();
    let talk = async |socket: &Socket, own: u8| {
        socket.send(vec![own; LENGTH].into()).expect("connected");
        let echo = message(socket).await;
        socket.send(echo).expect("connected");
        let echo = message(socket).await;
        socket.flush().await.expect("connected");
        assert!(echo == vec![own; LENGTH].into());
    };
    join(talk(&client, 1), talk(&server, 2)).await;
}

/// What is dropped says goodbye (RFC 6455 §7.4.1) and hangs up; what is aborted hangs up, where that
/// can be done.
pub(crate) async fn testing_pair_dropped<T: Target>(lab: Lab<T>) {
    let goodbye = match lab.can(Features::CLOSE_CODES) {
        true => CloseCode::GOING_AWAY,
        false => CloseCode::NORMAL,
    };
    let (client, server) = pair();
    client.send_text("last words").expect("connected");
    drop(client);
    assert_eq!(message(&server).await, "last words".into());
    assert_eq!(to_end(&server).await, GOOD_END);
    assert_eq!(server.close_code(), Some(goodbye));

    let (client, server) = pair();
    server.abort();
    to_end(&client).await;
    match lab.can(Features::OWN_STREAM) {
        true => {
            let error = client.last_error().expect("it broke");
            assert_eq!(error.kind(), ErrorKind::RemoteClosed);
        }
        false => assert_eq!(client.close_code(), Some(CloseCode::NO_STATUS)),
    }
}

/// Options are checked and kept as by any socket, and compression is agreed on if both have it.
pub(crate) async fn testing_pair_options<T: Target>(lab: Lab<T>) {
    let wrong = Options::new().read_buffer_size(0);
    for (client, server) in [(wrong.clone(), Options::new()), (Options::new(), wrong)] {
        let refused = testing::pair(client, server).expect_err("0 bytes cannot be read");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
    let compressed = Options::new().compression(Compression::new());
    for (of_client, of_server, extensions) in [
        (compressed.clone(), compressed.clone(), "permessage-deflate"),
        (compressed.clone(), Options::new(), ""),
        (Options::new(), compressed.clone(), ""),
    ] {
        let made = testing::pair(of_client, of_server);
        let Some((client, server)) = lab.granted(Features::COMPRESSION, made) else {
            continue;
        };
        for socket in [client, server] {
            assert_eq!(socket.info().extensions(), extensions);
        }
    }
}

/// A server has the bounds of those that a listener accepts.
pub(crate) async fn testing_pair_bounds<T: Target>(_: Lab<T>) {
    const BOUND: usize = 16 << 20;
    let (client, server) = pair();
    client.send(vec![0; BOUND + 1].into()).expect("connected");
    let ends = join(to_end(&client), to_end(&server)).await;
    let error = server.last_error().expect("the message is too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{ends:?}");
}

/// Keep-alive goes on between two ends, and gives up one that does not answer.
pub(crate) async fn testing_pair_keep_alive<T: Target>(_: Lab<T>) {
    let is_answer = |message: &Message| message.as_text() == Some("alive");
    let moment = Duration::from_millis(10);
    let keep_alive = KeepAlive::probe(moment, "alive?", is_answer);
    let options = Options::new().keep_alive(keep_alive.limit(moment));
    let (_client, server) = testing::pair(Options::new(), options).expect("they work everywhere");
    to_end(&server).await;
    let error = server.last_error().expect("it was given up");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

/// A scripted socket runs below `Reconnecting`: the application's task waits, and the script wakes it.
pub(crate) async fn testing_script<T: Target>(lab: Lab<T>) {
    let features = T::socket(Options::new())
        .expect("default options work everywhere")
        .features();
    assert!(lab.can(features));
    let script = ScriptedSocket::new().with_features(features);
    let policy = Reconnect::to("ws://a/").greeting(|_| vec!["hello".into()]);
    let socket = Reconnecting::new(script.clone(), policy.attempts(1));
    let application = async {
        let mut messages = Vec::new();
        while let Some(event) = socket.next_event().await {
            if let ReconnectEvent::Socket(Event::Message(message)) = event {
                messages.push(message);
            }
        }
        messages
    };
    let network = async {
        assert_eq!(script.next_call().await, Call::Open("ws://a/".into()));
        script.connect();
        assert_eq!(script.next_call().await, Call::Send("hello".into()));
        script.receive("welcome");
        script.close_by_peer(CloseCode::NORMAL);
    };
    let (messages, ()) = join(application, network).await;
    assert_eq!(messages, ["welcome".into()]);
}

cases! {
    testing_pair_talks,
    testing_pair_both_close,
    testing_pair_large,
    testing_pair_dropped,
    testing_pair_options,
    testing_pair_bounds,
    testing_pair_keep_alive,
    testing_script,
}
