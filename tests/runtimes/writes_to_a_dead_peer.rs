//! Writes to a peer that is gone, with SIGPIPE's default action, and prints the kind of the error:
//! `writes-to-a-dead-peer URL PLACE many|one|large`.

use std::time::Duration;
use std::{env, thread};

use qwebsocket::{Event, Socket, WebSocket, WebSocketExt};

#[path = "common.rs"]
#[allow(dead_code)]
mod common;

use common::PLACES;

fn main() {
    sigpipe::reset();
    let arguments: Vec<_> = env::args().collect();
    let [_, url, place, how] = &arguments[..] else {
        panic!("URL, place and how are missing");
    };
    let place = PLACES
        .into_iter()
        .find(|known| format!("{known:?}") == *place);
    let (messages, size) = match &**how {
        "many" => (2000, 1000),
        "one" => (1, 1000),
        "large" => (3, 3_000_000),
        other => panic!("unknown: {other}"),
    };
    place.expect("a known place").run(async {
        let socket = Socket::connect(&**url).await.unwrap();
        // The peer goes.
        thread::sleep(Duration::from_millis(500));
        for _ in 0..4 {
            for _ in 0..messages {
                let _ = socket.send(vec![0; size].into());
            }
            let _ = socket.try_flush();
            thread::sleep(Duration::from_millis(50));
        }
        while let Some(event) = socket.next_event().await {
            if let Event::Error(error) = event {
                println!("{:?}", error.kind());
            }
        }
    });
}
