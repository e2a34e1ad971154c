//! Reconnecting to a real server.

use std::collections::HashSet;
use std::time::Duration;

use qwebsocket::{
    Close, Event, Options, Reconnect, ReconnectEvent, Reconnecting, Verdict, WebSocket,
};
use support::{Script, opcode};

use super::run::Run;
use super::{Lab, Target};

/// A socket, and where to connect it: the first connection is lost behind a message, the second one
/// echoes.
pub(super) fn losing_the_first<T: Target>(lab: &Lab<T>) -> (T::Socket, Reconnect) {
    let script = Script::new().accept().frames(1, 8000).rst();
    let script = script.next_connection().accept().serve();
    let socket = T::socket(Options::new()).expect("default options work everywhere");
    let reconnect = Reconnect::to(Run::new(lab).url(&script, ""))
        .delays(Duration::from_millis(1), Duration::from_millis(1))
        .attempts(3);
    (socket, reconnect)
}

/// What a lost connection did not write goes out on the next one, behind the greeting.
pub(crate) async fn reconnect_resends<T: Target>(lab: Lab<T>) {
    let (socket, reconnect) = losing_the_first(&lab);
    let reconnect = reconnect.greeting(|_| vec!["hello".into()]);
    let socket = Reconnecting::new(socket, reconnect);
    let mut told = Vec::new();
    while let Some(event) = socket.next_event().await {
        match event {
            ReconnectEvent::Connecting { attempt, .. } => told.push(format!("attempt {attempt}")),
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

/// Servers that die, refuse, stall, half-close, reset and close: what was accepted has arrived once
/// and in its order, or is told as unknown.
pub(crate) async fn reconnect_survives<T: Target>(lab: Lab<T>) {
    let faults: Vec<_> = (0..5).flat_map(faults).collect();
    let connections = faults.len() + 1;
    let scripts: Vec<_> = faults.iter().map(Script::to_string).collect();
    let script = format!("{}|{}", scripts.join("|"), Script::echo());
    let run = Run::new(&lab);
    let url = run.url(&script.parse().expect("scripts"), "");
    let socket = T::socket(Options::new()).expect("default options work everywhere");
    let reconnect = Reconnect::to(url)
        .delays(Duration::from_millis(1), Duration::from_millis(1))
        .decide(|_| Verdict::Retry);
    let socket = Reconnecting::new(socket, reconnect);

    let mut sent = 0;
    let mut last = None;
    let mut unknown = HashSet::new();
    while let Some(event) = socket.next_event().await {
        match event {
            ReconnectEvent::Ended { unknown: more, .. } => {
                for number in more {
                    assert!(unknown.insert(number), "{number} is told twice");
                }
            }
            // The faulty ones send nothing back.
            ReconnectEvent::Socket(Event::Message(message)) => match last {
                None => last = Some(send(&socket, &mut sent)),
                Some(last) if message == last.to_string().into() => {
                    socket.close(Close::default()).expect("it is a good code");
                }
                Some(_) => {}
            },
            _ if last.is_none() && socket.unwritten() < 3 => {
                send(&socket, &mut sent);
            }
            _ => {}
        }
    }

    let log = run.log(connections).await;
    let frames = (1..=connections).flat_map(|number| log.frames(number));
    let texts = frames.filter(|frame| frame.opcode == opcode::TEXT);
    let numbers: Vec<u64> = texts
        .map(|frame| frame.body.text().expect("a text"))
        .map(|text| text.parse().expect("a number"))
        .collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}\n{log}");
    assert!(numbers.len() > connections / 4, "{numbers:?}\n{log}");
    let numbers: HashSet<u64> = numbers.into_iter().collect();
    for number in 0..sent {
        let is_known = numbers.contains(&number) || unknown.contains(&number);
        assert!(is_known, "{number} is lost\n{log}");
    }
}

/// What happens to connections, most of them after some messages.
fn faults(messages: u64) -> [Script; 8] {
    let open = || Script::new().accept().frames(messages, 100);
    [
        Script::new().fin(),
        Script::new().raw("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
        open().fin(),
        open().rst(),
        open().sleep(20).rst(),
        open().half_close().drain(200),
        open().close(1012, "restart").drain(500),
        Script::new().rst(),
    ]
}

/// Sends a message that is its own number.
fn send<S: WebSocket>(socket: &Reconnecting<S>, sent: &mut u64) -> u64 {
    let number = socket.send(sent.to_string().into()).expect("there is room");
    assert_eq!(number, *sent);
    *sent += 1;
    number
}

cases! {
    reconnect_resends,
    reconnect_survives,
}
