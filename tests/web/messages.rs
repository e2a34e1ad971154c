use js_sys::Reflect;
use qwebsocket::{
    ErrorKind, Event, Message, Options, PreparedMessage, Socket, Topics, WebSocket, WebSocketExt,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::events;
use crate::server::Run;
use crate::time::sleep;

async fn echoed(socket: &Socket, message: Message) {
    assert_eq!(socket.send(message.clone()).unwrap(), message.len());
    match events::next(socket).await {
        Some(Event::Message(answer)) => assert!(answer == message, "{answer:?} for {message:?}"),
        other => panic!("{other:?}"),
    }
}

/// Text comes in on two ways, of which the second begins at about 500 UTF-16 units.
#[wasm_bindgen_test]
async fn text_comes_as_it_was_sent() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    for unit in ["a", "é", "€", "😀", "\u{80}", "\0", "ab€😀é\u{feff}"] {
        for count in [1, 2, 255, 256, 257, 511, 512, 513, 600, 5000] {
            echoed(&socket, unit.repeat(count).into()).await;
        }
    }
    echoed(&socket, "".into()).await;
    for ascii in [1, 511, 600, 70_000] {
        echoed(
            &socket,
            ("x".repeat(ascii) + "é😀" + &"y".repeat(ascii)).into(),
        )
        .await;
    }
}

/// A browser shares nothing, and sends the same.
#[wasm_bindgen_test]
async fn a_prepared_message_is_sent_like_others() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    let topics = Topics::new();
    let _subscription = topics.subscribe("a", &socket);
    let prepared = PreparedMessage::new("hello");
    assert_eq!(topics.publish("a", prepared.clone()).queued, 1);
    assert_eq!(socket.send_prepared(&prepared).unwrap(), 5);
    for _ in 0..2 {
        match events::next(&socket).await {
            Some(Event::Message(answer)) => assert_eq!(&answer, prepared.message()),
            other => panic!("{other:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn a_byte_order_mark_is_text() {
    // Node 22 cuts it off.
    if Reflect::has(&js_sys::global(), &"process".into()).unwrap() {
        return;
    }
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    for count in [1, 2, 511, 512, 600] {
        echoed(&socket, "\u{feff}".repeat(count).into()).await;
    }
}

#[wasm_bindgen_test]
async fn bytes_come_as_they_were_sent() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    for length in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let data: Vec<u8> = (0..length).map(|i: u32| (i / 7) as u8).collect();
        echoed(&socket, data.into()).await;
    }
}

#[wasm_bindgen_test]
async fn the_order_is_kept() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    let messages: Vec<Message> = (0..200)
        .map(|i| match i % 3 {
            0 => Message::from(i.to_string()),
            1 => Message::from(vec![i as u8; i * 50]),
            _ => Message::from("é".repeat(i * 10)),
        })
        .collect();
    for message in &messages {
        socket.send(message.clone()).unwrap();
    }
    for message in messages {
        match events::next(&socket).await {
            Some(Event::Message(answer)) => assert!(answer == message),
            other => panic!("{other:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn what_is_written_is_told() {
    let socket = Socket::connect(Run::script("accept;drain,ms=8000").url())
        .await
        .unwrap();
    let mut sent = 0;
    for i in 0..20 {
        sent += socket.send(vec![0; i * 1000].into()).unwrap();
        sent += socket.send("é".into()).unwrap();
    }
    assert_eq!(socket.bytes_to_write(), sent);
    let mut written = 0;
    // Only the buffer changes now, so it has to be watched.
    while written < sent {
        match socket.next_event().await {
            Some(Event::BytesWritten(bytes)) => written += bytes,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(written, sent);
    assert_eq!(socket.bytes_to_write(), 0);
}

#[wasm_bindgen_test]
async fn a_flush_waits_for_the_buffer() {
    let socket = Socket::connect(Run::script("accept;drain,ms=8000").url())
        .await
        .unwrap();
    socket.flush().await.unwrap();
    socket.send(vec![7; 1 << 20].into()).unwrap();
    assert!(socket.bytes_to_write() > 0);
    socket.flush().await.unwrap();
    assert_eq!(socket.bytes_to_write(), 0);
    assert!(matches!(socket.try_next(), Some(Event::BytesWritten(size)) if size == 1 << 20));
}

#[wasm_bindgen_test]
async fn a_flush_ends_with_the_connection() {
    let socket = Socket::connect(Run::script("accept;sleep,ms=8000").url())
        .await
        .unwrap();
    socket.send(vec![7; 32 << 20].into()).unwrap();
    let abort = async {
        sleep(30).await;
        socket.abort();
    };
    let (flushed, ()) = futures::join!(socket.flush(), abort);
    flushed.unwrap();
    assert_eq!(socket.bytes_to_write(), 0);
}

#[wasm_bindgen_test]
async fn the_write_queue_may_be_bounded() {
    let options = Options::new().write_queue(1000);
    let socket = Socket::connect_with(Run::echo().url(), options)
        .await
        .unwrap();
    socket.send(vec![0; 5000].into()).unwrap();
    let error = socket.send("x".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QueueFull);
    socket.flush().await.unwrap();
    socket.send("x".into()).unwrap();
}

#[wasm_bindgen_test]
async fn nothing_is_sent_without_a_connection() {
    let wrong_state = |socket: &Socket| {
        let kind = socket.send("x".into()).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::WrongState);
        assert_eq!(socket.bytes_to_write(), 0);
    };
    let socket = Socket::new();
    wrong_state(&socket);
    socket.open(Run::echo().url().into()).unwrap();
    wrong_state(&socket);
    events::until(&socket, "connected").await;
    socket.close(Default::default()).unwrap();
    wrong_state(&socket);
    events::rest(&socket).await;
    wrong_state(&socket);
}

/// While the browser closes it swallows messages, and tells nothing yet.
#[wasm_bindgen_test]
async fn nothing_is_swallowed_while_the_peer_closes() {
    let socket =
        Socket::connect(Run::script("accept;frame,op=8,data=hex:03e8;sleep,ms=1500").url())
            .await
            .unwrap();
    let mut accepted = 0;
    for _ in 0..100 {
        match socket.send("x".into()) {
            Ok(bytes) => accepted += bytes,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WrongState),
        }
        sleep(5).await;
    }
    assert!(accepted < 100);
    events::rest(&socket).await;
}
