use qwebsocket::{Event, Limits, Options, Socket, State, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::events;
use crate::server::Run;
use crate::time::sleep;

const TOO_LARGE: [&str; 6] = [
    "error TooLarge",
    "about to close",
    "Closing",
    "Unconnected",
    "read finished",
    "disconnected",
];

async fn limited(script: &'static str, limit: usize) -> (Run, Vec<String>) {
    let run = Run::script(script);
    let options = Options::new().limits(Limits::new().incoming_message(limit));
    let socket = Socket::connect_with(run.url(), options).await.unwrap();
    let all = events::rest(&socket).await;
    assert_eq!(socket.close_code(), Some(4009.into()));
    (run, all)
}

#[wasm_bindgen_test]
async fn a_large_message_ends_the_connection() {
    for script in [
        "accept;frame,op=2,data=rep:x*10;frame,op=2,data=rep:x*11;frame,op=1,data=text:after;serve",
        "accept;frame,op=2,data=rep:x*10;frame,op=1,data=rep:x*11;frame,op=1,data=text:after;serve",
        // 6 UTF-16 units, but 12 bytes.
        "accept;frame,op=2,data=rep:x*10;frame,op=1,data=rep:%25C3%25A9*6;frame,op=1,data=text:after;serve",
    ] {
        let (run, all) = limited(script, 10).await;
        assert!(all[0].starts_with("Message(Binary"), "{all:?}");
        assert_eq!(all[1..], TOO_LARGE);
        let close = Some((4009, "message over the limit".to_owned()));
        assert_eq!(run.close_frame().await, close);
    }
}

#[wasm_bindgen_test]
async fn limits_change_while_open() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    let text = "é".repeat(1000);
    for limit in [2000, 1999] {
        let limits = Limits::new().incoming_message(limit);
        socket.set_limits(limits).unwrap();
        socket.send(text.as_str().into()).unwrap();
        match events::next(&socket).await.unwrap() {
            Event::Message(message) if limit == 2000 => assert_eq!(message.len(), 2000),
            Event::Error(_) if limit == 1999 => {}
            other => panic!("{other:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn what_waits_may_be_bounded() {
    let run = Run::echo();
    let options = Options::new().receive_queue(1000);
    let socket = Socket::connect_with(run.url(), options).await.unwrap();
    for _ in 0..5 {
        socket.send(vec![0; 300].into()).unwrap();
    }
    // Nobody takes what arrives.
    while socket.state() == State::Connected {
        sleep(10).await;
    }
    let all = events::rest(&socket).await;
    let messages = all.iter().filter(|event| event.starts_with("Message"));
    assert_eq!(messages.count(), 3);
    assert_eq!(all[3..], TOO_LARGE);
    let close = Some((4009, "receive queue over the limit".to_owned()));
    assert_eq!(run.close_frame().await, close);
}
