//! What the library has for tests of applications.

use futures::executor::block_on;
use futures::join;
use qwebsocket::testing::{self, Call, ScriptedSocket};
use qwebsocket::{
    Close, CloseCode, Compression, ErrorKind, Event, Message, Options, Reconnect, ReconnectEvent,
    Reconnecting, Socket, State, WebSocket, WebSocketExt,
};

use crate::common::{GOOD_END, message, to_end};

fn pair() -> (Socket, Socket) {
    testing::pair(Options::new(), Options::new()).unwrap()
}

/// The executor of `futures` is no runtime.
#[test]
fn both_ends_talk_as_they_have_agreed() {
    let compressed = Options::new().compression(Compression::new());
    for (of_client, of_server, extensions) in [
        (compressed.clone(), compressed.clone(), "permessage-deflate"),
        (compressed.clone(), Options::new(), ""),
        (Options::new(), compressed, ""),
    ] {
        let (client, server) = testing::pair(of_client, of_server).unwrap();
        for socket in [&client, &server] {
            assert_eq!(socket.state(), State::Connected);
            assert_eq!(socket.info().extensions(), extensions);
        }
        let ask = async {
            client.send_text("hello").unwrap();
            assert_eq!(message(&client).await, "got it".into());
            client.close_with(CloseCode::NORMAL).unwrap();
            to_end(&client).await
        };
        let answer = async {
            assert_eq!(message(&server).await, "hello".into());
            server.send_text("got it").unwrap();
            to_end(&server).await
        };
        let ends = block_on(async { join!(ask, answer) });
        assert_eq!(
            ends,
            (
                GOOD_END.map(Into::into).into(),
                GOOD_END.map(Into::into).into()
            )
        );
    }
}

/// More than there is room for passes in both directions at once.
#[test]
fn what_does_not_fit_waits_for_the_reader() {
    const LENGTH: usize = 1 << 20;
    let (client, server) = pair();
    client.send(vec![1; LENGTH].into()).unwrap();
    client.try_flush().unwrap();
    let left = client.bytes_to_write();
    assert!((1..LENGTH).contains(&left), "{left}");
    let talk = async |socket: &Socket| {
        let echo = message(socket).await;
        socket.send(echo).unwrap();
        let echo = message(socket).await;
        socket.flush().await.unwrap();
        echo
    };
    server.send(vec![2; LENGTH].into()).unwrap();
    let (to_client, to_server) = block_on(async { join!(talk(&client), talk(&server)) });
    assert!(to_client == Message::from(vec![1; LENGTH]));
    assert!(to_server == Message::from(vec![2; LENGTH]));
}

/// A socket that is dropped says 1001 (RFC 6455 §7.4.1) and hangs up.
#[test]
fn what_is_dropped_hangs_up() {
    let (client, server) = pair();
    drop(client);
    assert_eq!(block_on(to_end(&server)), GOOD_END);
    assert_eq!(server.close_code(), Some(CloseCode::GOING_AWAY));

    let (client, server) = pair();
    server.abort();
    block_on(to_end(&client));
    assert_eq!(client.last_error().unwrap().kind(), ErrorKind::RemoteClosed);
}

#[test]
fn options_that_cannot_be_are_refused() {
    let wrong = Options::new().read_buffer_size(0);
    for (client, server) in [(wrong.clone(), Options::new()), (Options::new(), wrong)] {
        let refused = testing::pair(client, server).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
}

/// The application's task waits, and the script wakes it.
#[test]
fn a_scripted_socket_runs_below_reconnecting() {
    let script = ScriptedSocket::new();
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
        script.close_by_peer(Close::default());
    };
    let (messages, ()) = block_on(async { join!(application, network) });
    assert_eq!(messages, ["welcome".into()]);
}
