//! What polls without waiting works in a task that never awaits, where a runtime gets no turn.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use async_tungstenite::tungstenite::protocol::CloseFrame;
use async_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use async_tungstenite::tungstenite::{self, Message, accept};
use futures::{FutureExt, StreamExt};
#[cfg(feature = "tokio")]
use qwebsocket::FromTokio;
use qwebsocket::{
    Event, KeepAlive, Listener, Options, Reconnect, ReconnectEvent, Reconnecting, Request, Socket,
    WebSocket, WebSocketExt,
};
use socket2::SockRef;
use tokio::task::coop::consume_budget;

use crate::common::{PLACES, Place, serve};

const MS: Duration = Duration::from_millis(1);
const MESSAGES: usize = 400;

/// More than anything takes that does not hang.
const PATIENCE: Duration = Duration::from_secs(30);

fn places() -> impl Iterator<Item = Place> {
    PLACES.into_iter().filter(|place| place.has_runtime())
}

/// Takes what tokio grants a task between two awaits.
fn exhaust_budget() {
    for _ in 0..1000 {
        consume_budget().now_or_never();
    }
}

/// A server that sends a message every 2 ms.
fn counting() -> String {
    let address = serve(|stream| {
        let mut peer = accept(stream).unwrap();
        for number in 0..MESSAGES {
            let _ = peer.send(Message::text(number.to_string()));
            thread::sleep(2 * MS);
        }
        let _ = peer.close(None);
        while peer.read().is_ok() {}
    });
    format!("ws://{address}/")
}

/// What a game's loop takes, until `next` says that it is over.
fn frames(mut next: impl FnMut() -> Option<Event>) -> usize {
    let start = Instant::now();
    let mut messages = 0;
    loop {
        while let Some(event) = next() {
            match event {
                Event::Message(message) => {
                    assert_eq!(message.as_text(), Some(&*messages.to_string()));
                    messages += 1;
                }
                Event::Error(error) => panic!("{error}"),
                Event::Disconnected => return messages,
                _ => {}
            }
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{messages} messages, and it hangs"
        );
        thread::sleep(MS);
    }
}

#[test]
fn try_next_tells_all_that_arrives() {
    let url = counting();
    for place in places() {
        let messages = place.run(async {
            let socket = Socket::connect(&*url).await.unwrap();
            frames(|| socket.try_next())
        });
        assert_eq!(messages, MESSAGES, "{place:?}");
    }
}

#[test]
fn try_next_connects() {
    let url = counting();
    for place in places() {
        let messages = place.run(async {
            exhaust_budget();
            let socket = Socket::new();
            socket.open(Request::from(&*url)).unwrap();
            frames(|| socket.try_next())
        });
        assert_eq!(messages, MESSAGES, "{place:?}");
    }
}

#[test]
fn try_next_reconnects() {
    let url = counting();
    for place in places() {
        let messages = place.run(async {
            exhaust_budget();
            let policy = Reconnect::to(&*url).attempts(1);
            let socket = Reconnecting::new(Socket::new(), policy);
            frames(|| {
                while let Some(event) = socket.try_next() {
                    if let ReconnectEvent::Socket(event) = event {
                        return Some(event);
                    }
                }
                None
            })
        });
        assert_eq!(messages, MESSAGES, "{place:?}");
    }
}

#[test]
fn a_live_peer_is_not_given_up() {
    let url = counting();
    for place in places() {
        let messages = place.run(async {
            let keep_alive = KeepAlive::ping(200 * MS).limit(5000 * MS);
            let options = Options::new().keep_alive(keep_alive);
            let socket = Socket::connect_with(&*url, options).await.unwrap();
            frames(|| socket.try_next())
        });
        assert_eq!(messages, MESSAGES, "{place:?}");
    }
}

#[test]
fn a_silent_peer_is_given_up() {
    let address = serve(|stream| {
        let peer = accept(stream).unwrap();
        thread::sleep(PATIENCE);
        drop(peer);
    });
    for place in places() {
        place.run(async {
            let keep_alive = KeepAlive::ping(20 * MS).limit(50 * MS);
            let options = Options::new().keep_alive(keep_alive);
            let url = format!("ws://{address}/");
            let socket = Socket::connect_with(&*url, options).await.unwrap();
            let start = Instant::now();
            while !matches!(socket.try_next(), Some(Event::Error(_))) {
                assert!(start.elapsed() < PATIENCE, "{place:?}");
                thread::sleep(MS);
            }
        });
    }
}

/// A server that tells what it reads.
fn telling() -> (
    String,
    std::sync::mpsc::Receiver<tungstenite::Result<Message>>,
) {
    let (told, heard) = channel();
    let address = serve(move |stream| {
        let mut peer = accept(stream).unwrap();
        loop {
            let read = peer.read();
            let is_over = read.is_err();
            let _ = told.send(read);
            if is_over {
                return;
            }
        }
    });
    (format!("ws://{address}/"), heard)
}

#[test]
fn try_flush_writes() {
    for place in places() {
        let (url, heard) = telling();
        place.run(async {
            let socket = Socket::connect(&*url).await.unwrap();
            exhaust_budget();
            // More than the system buffers, so that it blocks in between.
            let large = vec![7; 16 << 20];
            socket.send(large.into()).unwrap();
            let start = Instant::now();
            while socket.bytes_to_write() > 0 {
                socket.try_flush().unwrap();
                assert!(start.elapsed() < PATIENCE, "{place:?}");
                thread::sleep(MS);
            }
            let message = heard.recv_timeout(PATIENCE).unwrap().unwrap();
            assert_eq!(message.len(), 16 << 20, "{place:?}");
        });
    }
}

/// A server that says its last words when it is asked, and resets the connection.
fn resetting() -> (String, Sender<()>, Receiver<()>) {
    let (ask, asked) = channel();
    let (gone, is_gone) = channel();
    let asked = Arc::new(Mutex::new(asked));
    let address = serve(move |stream| {
        let socket = stream.try_clone().unwrap();
        let mut peer = accept(stream).unwrap();
        asked.lock().unwrap().recv().unwrap();
        peer.send(Message::text("last")).unwrap();
        let code = CloseCode::from(4001);
        let reason = "bye".into();
        let close = Message::Close(Some(CloseFrame { code, reason }));
        peer.send(close).unwrap();
        let at_once = Some(Duration::ZERO);
        SockRef::from(&socket).set_linger(at_once).unwrap();
        drop((peer, socket));
        gone.send(()).unwrap();
    });
    (address.to_string(), ask, is_gone)
}

/// A write finds the peer gone before the runtime has learned that something arrived.
async fn hears_last_words(socket: &Socket, ask: &Sender<()>, is_gone: &Receiver<()>) {
    while let Some(Some(_)) = socket.next_event().now_or_never() {}
    ask.send(()).unwrap();
    is_gone.recv_timeout(PATIENCE).unwrap();
    socket.send("too late".into()).unwrap();
    let mut messages = Vec::new();
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            messages.push(message);
        }
    }
    assert_eq!(messages, ["last".into()]);
    let close = socket.closed().unwrap();
    assert_eq!(u16::from(close.code()), 4001);
}

#[test]
fn what_a_peer_said_before_it_reset_is_told() {
    for place in places() {
        let (address, ask, is_gone) = resetting();
        place.run(async {
            let url = format!("ws://{address}/");
            let socket = Socket::connect(&*url).await.unwrap();
            hears_last_words(&socket, &ask, &is_gone).await;
        });
    }
}

#[cfg(feature = "tokio")]
#[test]
fn what_a_peer_said_before_it_reset_is_told_over_a_stream_of_the_applications() {
    for place in [Place::TokioThreads, Place::TokioThread] {
        let (address, ask, is_gone) = resetting();
        place.run(async {
            let stream = tokio::net::TcpStream::connect(&*address).await.unwrap();
            let stream = FromTokio(stream);
            let url = format!("ws://{address}/");
            let options = Options::new();
            let socket = Socket::connect_over(stream, &*url, options).await.unwrap();
            hears_last_words(&socket, &ask, &is_gone).await;
        });
    }
}

#[test]
fn a_dropped_socket_says_so() {
    for place in places() {
        let (url, heard) = telling();
        place.run(async {
            let socket = Socket::connect(&*url).await.unwrap();
            exhaust_budget();
            drop(socket);
            let Message::Close(Some(close)) = heard.recv_timeout(PATIENCE).unwrap().unwrap() else {
                panic!("{place:?}: no close frame");
            };
            assert_eq!(u16::from(close.code), 1001, "{place:?}");
        });
    }
}

#[test]
fn a_dropped_handshake_is_refused() {
    for place in places() {
        place.run(async {
            let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_address();
            let client = thread::spawn(move || {
                let mut stream = std::net::TcpStream::connect(address).unwrap();
                let request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                answer
            });
            let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
            exhaust_budget();
            drop(incoming);
            let answer = client.join().unwrap();
            assert!(answer.starts_with("HTTP/1.1 403 "), "{place:?}: {answer}");
        });
    }
}
