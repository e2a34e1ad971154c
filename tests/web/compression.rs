//! permessage-deflate of the browser with our own server.

use qwebsocket::{Event, Message, Socket, WebSocket, WebSocketExt};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::server::own_server;

async fn answer(socket: &Socket, message: Message) -> Message {
    socket.send(message).unwrap();
    while let Some(event) = socket.next_event().await {
        if let Event::Message(answer) = event {
            return answer;
        }
    }
    panic!("the connection ended: {:?}", socket.closed());
}

#[wasm_bindgen_test]
async fn messages_are_compressed_both_ways() {
    let socket = Socket::connect(own_server()).await.unwrap();
    let text = "Der schnelle braune Fuchs springt über den faulen Hund. ".repeat(200);
    let messages: [Message; 6] = [
        "".into(),
        Vec::new().into(),
        "short".into(),
        text.clone().into(),
        text.into_bytes().into(),
        vec![7; 1 << 18].into(),
    ];
    for message in &messages {
        assert!(answer(&socket, message.clone()).await == *message);
    }

    let report = answer(&socket, "report".into()).await;
    let lines: Vec<_> = report.as_text().unwrap().lines().collect();
    assert_eq!(socket.info().extensions(), lines[0]);
    assert!(lines[0].starts_with("permessage-deflate"), "{}", lines[0]);
    let plain: usize = messages.iter().map(Message::len).sum();
    for bytes in &lines[1..] {
        assert!(bytes.parse::<usize>().unwrap() < plain / 10, "{lines:?}");
    }
}
