use std::time::Duration;

use qwebsocket::{
    Close, CloseCode, ErrorKind, Features, Options, Socket, State, Timeouts, WebSocket,
    WebSocketExt,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::events;
use crate::server::Run;
use crate::time::sleep;

const ENDED: [&str; 5] = [
    "about to close",
    "Closing",
    "Unconnected",
    "read finished",
    "disconnected",
];

#[wasm_bindgen_test]
async fn a_close_is_told_in_order() {
    let run = Run::echo();
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.close(Close::new(4001, "bye €")).unwrap();
    assert_eq!(socket.state(), State::Closing);
    socket.close(Close::default()).unwrap();
    assert_eq!(events::rest(&socket).await, ENDED);
    assert_eq!(socket.close_code(), Some(4001.into()));
    // This server echoes the code alone.
    assert_eq!(socket.peer_close(), Some(Close::new(4001, "")));
    assert_eq!(run.close_frame().await, Some((4001, "bye €".into())));
    assert!(socket.last_error().is_none());
    socket.close(Close::default()).unwrap();
    assert!(socket.next_event().await.is_none());
}

#[wasm_bindgen_test]
async fn last_words_are_sent() {
    let run = Run::echo();
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.send("first".into()).unwrap();
    socket.close(Close::default()).unwrap();
    events::until(&socket, "about to close").await;
    // Longer than an application that does not come has time.
    sleep(200).await;
    socket.send("last words".into()).unwrap();
    assert_eq!(events::until(&socket, "Closing").await, ["Closing"]);
    let error = socket.send("too late".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
    events::until(&socket, "disconnected").await;
    let frames = run.frames().await;
    let sent: Vec<_> = frames.iter().map(|(opcode, _)| *opcode).collect();
    assert_eq!(sent, [1, 1, 8]);
    assert_eq!(frames[1].1, b"last words");
}

#[wasm_bindgen_test]
async fn nobody_has_to_poll_for_a_close() {
    let run = Run::echo();
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.close(Close::new(3000, "")).unwrap();
    assert_eq!(run.close_frame().await, Some((3000, String::new())));
    // The server may know of the end before the browser tells it.
    while socket.state() != State::Unconnected {
        sleep(10).await;
    }
    assert_eq!(events::rest(&socket).await, ENDED);
}

#[wasm_bindgen_test]
async fn a_flush_sends_the_close() {
    let run = Run::echo();
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.send("x".into()).unwrap();
    socket.close(Close::new(3001, "")).unwrap();
    socket.flush().await.unwrap();
    assert!(socket.send("y".into()).is_err());
    assert_eq!(run.close_frame().await, Some((3001, String::new())));
}

#[wasm_bindgen_test]
async fn a_code_may_be_left_out() {
    let run = Run::echo();
    let options = Options::new().best_effort(Features::CLOSE_CODES);
    let socket = Socket::connect_with(run.url(), options).await.unwrap();
    socket.close(Close::new(1011, "oops")).unwrap();
    assert_eq!(events::rest(&socket).await, ENDED);
    assert_eq!(run.frames().await, [(8, vec![])]);
}

#[wasm_bindgen_test]
async fn the_peer_closes() {
    let script = "accept;frame,op=1,data=text:a;frame,op=8,data=hex:0fa1+text:bye;drain,ms=500";
    let socket = Socket::connect(Run::script(script).url()).await.unwrap();
    let mut expected = vec!["Message(Text(\"a\"))"];
    expected.extend(ENDED);
    assert_eq!(events::rest(&socket).await, expected);
    assert_eq!(socket.closed(), Some(Close::new(4001, "bye")));
    assert_eq!(socket.close_reason(), "bye");
}

#[wasm_bindgen_test]
async fn the_peer_closes_without_a_code() {
    let run = Run::script("accept;frame,op=8,data=;drain,ms=500");
    let socket = Socket::connect(run.url()).await.unwrap();
    assert_eq!(events::rest(&socket).await, ENDED);
    assert_eq!(socket.close_code(), Some(CloseCode::NO_STATUS));
}

#[wasm_bindgen_test]
async fn the_peer_is_gone() {
    for script in [
        "accept;frame,op=1,data=text:a;sleep,ms=300;fin",
        "accept;frame,op=1,data=text:a;sleep,ms=300;rst",
    ] {
        let socket = Socket::connect(Run::script(script).url()).await.unwrap();
        assert_eq!(
            events::rest(&socket).await,
            [
                "Message(Text(\"a\"))",
                "error RemoteClosed",
                "Unconnected",
                "read finished",
                "disconnected"
            ]
        );
        assert_eq!(socket.close_code(), Some(CloseCode::ABNORMAL));
        assert_eq!(socket.peer_close(), None);
    }
}

#[wasm_bindgen_test]
async fn a_close_has_a_time_limit() {
    let timeouts = Timeouts::new().close(Duration::from_millis(300));
    let options = Options::new().timeouts(timeouts);
    let run = Run::script("accept;drain,ms=8000");
    let socket = Socket::connect_with(run.url(), options).await.unwrap();
    let start = js_sys::Date::now();
    socket.close(Close::default()).unwrap();
    assert_eq!(events::rest(&socket).await, ENDED);
    let elapsed = js_sys::Date::now() - start;
    assert!((290.0..1500.0).contains(&elapsed), "{elapsed}");
    assert_eq!(socket.closed(), Some(Close::default()));
}

/// A browser has a time limit of its own, which must not look like an error.
#[wasm_bindgen_test]
async fn a_close_without_an_answer_is_no_error() {
    let run = Run::script("accept;drain,ms=8000");
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.close(Close::default()).unwrap();
    assert_eq!(events::rest(&socket).await, ENDED);
    assert!(socket.last_error().is_none());
    assert_eq!(socket.closed(), Some(Close::default()));
    assert_eq!(socket.peer_close(), None);
}

#[wasm_bindgen_test]
async fn messages_arrive_until_the_close_is_sent() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    socket.send("x".into()).unwrap();
    socket.close(Close::default()).unwrap();
    events::until(&socket, "about to close").await;
    sleep(300).await;
    let all = events::rest(&socket).await;
    assert_eq!(all[..2], ["Closing", "Message(Text(\"x\"))"]);
}

#[wasm_bindgen_test]
async fn an_abort_is_at_once() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    socket.send("x".into()).unwrap();
    socket.abort();
    assert_eq!(socket.state(), State::Unconnected);
    assert_eq!(socket.bytes_to_write(), 0);
    socket.abort();
    assert_eq!(
        events::rest(&socket).await,
        [
            "about to close",
            "Unconnected",
            "read finished",
            "disconnected"
        ]
    );
    sleep(50).await;
    assert!(socket.try_next().is_none());
}

#[wasm_bindgen_test]
async fn dropping_closes() {
    let run = Run::echo();
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.send("x".into()).unwrap();
    drop(socket);
    let frames = run.frames().await;
    assert_eq!(frames[0], (1, b"x".to_vec()));
    let close = Some((1000, "Connection closed".to_owned()));
    assert_eq!(run.close_frame().await, close);

    let run = Run::echo();
    let socket = Socket::connect(run.url()).await.unwrap();
    socket.close(Close::new(4002, "mine")).unwrap();
    drop(socket);
    assert_eq!(run.close_frame().await, Some((4002, "mine".into())));
}
