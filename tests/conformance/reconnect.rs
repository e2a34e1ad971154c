//! Reconnecting to a real server.

use std::time::Duration;

use qwebsocket::{Close, Event, Options, Reconnect, ReconnectEvent, Reconnecting};
use support::Script;

use super::run::Run;
use super::{Lab, Target};

/// What a lost connection did not write goes out on the next one, behind the greeting.
pub(crate) async fn reconnect_resends<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().frames(1, 8000).rst();
    let script = script.next_connection().accept().serve();
    let run = Run::new(&lab);
    let socket = T::socket(Options::new()).expect("default options work everywhere");
    let reconnect = Reconnect::to(run.url(&script, ""))
        .delays(Duration::from_millis(1), Duration::from_millis(1))
        .attempts(3)
        .greeting(|_| vec!["hello".into()]);
    let socket = Reconnecting::new(socket, reconnect);
    let mut told = Vec::new();
    while let Some(event) = socket.next_event().await {
        match event {
            ReconnectEvent::Connecting { attempt } => told.push(format!("attempt {attempt}")),
            ReconnectEvent::Ended { unknown, .. } => {
                told.push(format!("unknown {unknown:?}"));
                if told.len() == 2 {
                    socket.send("a".into()).expect("there is room");
                    socket.send("b".into()).expect("there is room");
                }
            }
            ReconnectEvent::Socket(Event::Message(message)) => {
                told.push(message.as_text().expect("it is text").to_owned());
                if message == "b".into() {
                    socket.acknowledge(1);
                    socket.close(Close::default()).expect("it is a good code");
                }
            }
            _ => {}
        }
    }
    let expected = [
        "attempt 1",
        "unknown 0..0",
        "attempt 2",
        "hello",
        "a",
        "b",
        "unknown 2..2",
    ];
    assert_eq!(told, expected);
}

cases! {
    reconnect_resends,
}
