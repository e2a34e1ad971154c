//! permessage-deflate between our two sides; `interop` and Autobahn have it with others.

use async_std::net::{TcpListener, TcpStream};
use async_tungstenite::tungstenite::handshake::derive_accept_key;
use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use qwebsocket::{
    CloseCode, Compression, ErrorKind, Event, Limits, Listener, Message, Options, Socket,
    WebSocket, WebSocketExt,
};

use crate::common::run;
use crate::server::REQUEST;

/// Lets a client echo `messages` off a server: the client's end, and what it wrote and got.
async fn echo(
    client: Options,
    server: Options,
    messages: &[Message],
) -> (Socket, usize, Vec<Message>) {
    let mut listener = Listener::bind_with("127.0.0.1:0", server).await.unwrap();
    let url = format!("ws://{}/", listener.local_address());
    async_std::task::spawn(async move {
        let socket = listener.next().await.unwrap()?.await?.accept(None).await?;
        while let Some(event) = socket.next_event().await {
            if let Event::Message(message) = event {
                let _ = socket.send(message);
            }
        }
        Ok::<(), qwebsocket::Error>(())
    });
    let socket = Socket::connect_with(url, client).await.unwrap();
    for message in messages {
        socket.send(message.clone()).unwrap();
    }
    let (mut written, mut received) = (0, Vec::new());
    while received.len() < messages.len() {
        match socket.next_event().await {
            Some(Event::BytesWritten(bytes)) => written += bytes,
            Some(Event::Message(message)) => received.push(message),
            Some(_) => {}
            None => break,
        }
    }
    (socket, written, received)
}

fn messages() -> Vec<Message> {
    let text = "Der schnelle braune Fuchs springt über den faulen Hund. ".repeat(200);
    vec![
        "".into(),
        "short".into(),
        text.clone().into(),
        text.clone().into(),
        text.into_bytes().into(),
        (0..1 << 18)
            .map(|i: u32| (i.wrapping_mul(i) / 255) as u8)
            .collect::<Vec<_>>()
            .into(),
        vec![0; 1 << 20].into(),
    ]
}

#[test]
fn messages_come_back_with_all_parameters() {
    let messages = messages();
    let plain: usize = messages.iter().map(Message::len).sum();
    for bits in [8, 9, 15] {
        for takeover in [true, false] {
            run(async {
                let compression = Compression::new()
                    .client_max_window_bits(bits)
                    .server_max_window_bits(bits)
                    .client_no_context_takeover(!takeover)
                    .server_no_context_takeover(!takeover)
                    .threshold(0);
                let options = Options::new().compression(compression);
                let (socket, written, received) = echo(options.clone(), options, &messages).await;
                assert_eq!(received, messages, "{bits} {takeover}");
                assert!(socket.info().extensions().starts_with("permessage-deflate"));
                // A window of 8 bits is agreed on and then not used.
                assert_eq!(
                    written < plain / 2,
                    bits > 8,
                    "{bits}: {written} of {plain}"
                );
            });
        }
    }
}

#[test]
fn nothing_is_compressed_unless_both_sides_want_it() {
    let wants = Options::new().compression(Compression::new());
    for (client, server) in [
        (wants.clone(), Options::new()),
        (Options::new(), wants.clone()),
    ] {
        run(async {
            let sample = [Message::text("x".repeat(1000))];
            let (socket, written, received) = echo(client, server, &sample).await;
            assert_eq!(received, sample);
            assert_eq!(socket.info().extensions(), "");
            assert_eq!(written, 1000 + 8);
        });
    }
}

#[test]
fn short_messages_leave_plain() {
    run(async {
        let options = Options::new().compression(Compression::new().threshold(100));
        let sample = [
            Message::text("x".repeat(99)),
            Message::text("x".repeat(100)),
        ];
        let (_, written, received) = echo(options.clone(), options, &sample).await;
        assert_eq!(received, sample);
        assert!((105..130).contains(&written), "{written}");
    });
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    run(async {
        let limited = |bytes| {
            let limits = Limits::new().incoming_message(bytes);
            Options::new()
                .compression(Compression::new())
                .limits(limits)
        };
        let (client, server) = (limited(1 << 20), limited(64 << 20));
        let bomb = [Message::from(vec![0; 64 << 20])];
        let (socket, _, received) = echo(client, server, &bomb).await;
        assert!(received.is_empty());
        assert_eq!(socket.last_error().unwrap().kind(), ErrorKind::TooLarge);
        assert_eq!(socket.close_code(), Some(CloseCode::TOO_LARGE));
    });
}

#[test]
fn a_compressed_message_is_sent_in_parts() {
    run(async {
        let options = Options::new().compression(Compression::new()).frames(true);
        let mut listener = Listener::bind_with("127.0.0.1:0", options.clone())
            .await
            .unwrap();
        let url = format!("ws://{}/", listener.local_address());
        let accept = async { listener.next().await.unwrap()?.await?.accept(None).await };
        let (client, server) =
            futures::try_join!(Socket::connect_with(url, options), accept).unwrap();
        let part = "abc".repeat(1000);
        for last in [false, false, true] {
            client.send_part(part.as_str().into(), last).unwrap();
        }
        client.flush().await.unwrap();
        let mut frames = String::new();
        loop {
            match server.next_event().await.unwrap() {
                Event::Frame(frame) => {
                    frames.push_str(std::str::from_utf8(frame.payload()).unwrap());
                }
                Event::Message(message) => {
                    assert_eq!(message, Message::text("abc".repeat(3000)));
                    break;
                }
                _ => {}
            }
        }
        assert_eq!(frames, "abc".repeat(3000));
    });
}

/// "Hello" in a final block with nothing behind it, as usual, and as an empty message.
const ENDINGS: [&[u8]; 3] = [
    &[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
    &[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
    &[],
];

/// Frames of these endings one after the other, whole or in two frames, and a close frame.
fn endings(mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut push = |first: u8, payload: &[u8]| {
        let masked = mask.map_or(0, |_| 0x80);
        stream.extend([first, masked | payload.len() as u8]);
        stream.extend(mask.into_iter().flatten());
        let mask = mask.unwrap_or_default();
        let bytes = payload.iter().enumerate();
        stream.extend(bytes.map(|(at, byte)| byte ^ mask[at % 4]));
    };
    for ending in ENDINGS.iter().chain(&ENDINGS) {
        push(0xC1, ending);
        let (head, rest) = ending.split_at(ending.len() / 2);
        push(0x41, head);
        push(0x80, rest);
    }
    push(0x88, &[0x03, 0xE8]);
    stream
}

async fn texts(socket: &Socket) -> Vec<Message> {
    let mut texts = Vec::new();
    while let Some(event) = socket.next_event().await {
        match event {
            Event::Message(message) => texts.push(message),
            Event::Error(error) => panic!("{error}"),
            _ => {}
        }
    }
    assert_eq!(socket.close_code(), Some(CloseCode::NORMAL));
    texts
}

/// As a client and as a server, with the window taken over and without (RFC 7692 §7.2.3.4).
#[test]
fn a_final_block_with_nothing_behind_it_spoils_no_message() {
    let hello = || Message::from("Hello");
    let one = [hello(), hello(), hello(), hello(), "".into(), "".into()];
    let expected = [one.clone(), one].concat();
    for parameters in [
        "",
        "; server_no_context_takeover; client_no_context_takeover",
    ] {
        let options = || Options::new().compression(Compression::new());
        let extension = format!("Sec-WebSocket-Extensions: permessage-deflate{parameters}\r\n");
        run(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("ws://{}/", listener.local_addr().unwrap());
            let answering = async {
                let mut stream = listener.accept().await.unwrap().0;
                let request = read_head(&mut stream).await;
                let key = request.split_once("Sec-WebSocket-Key: ").unwrap().1;
                let accept = derive_accept_key(key.split_once("\r\n").unwrap().0.as_bytes());
                let answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                     Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{extension}\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.write_all(&endings(None)).await.unwrap();
                stream
            };
            let connecting = Socket::connect_with(url, options());
            let (_stream, socket) = join(answering, connecting).await;
            assert_eq!(texts(&socket.unwrap()).await, expected, "{parameters}");

            let mut listener = Listener::bind_with("127.0.0.1:0", options()).await.unwrap();
            let address = listener.local_address();
            let asking = async {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let request = format!("{REQUEST}{extension}\r\n");
                stream.write_all(request.as_bytes()).await.unwrap();
                read_head(&mut stream).await;
                stream
                    .write_all(&endings(Some([1, 2, 3, 4])))
                    .await
                    .unwrap();
                stream
            };
            let accepting = async {
                let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
                incoming.accept(None).await.unwrap()
            };
            let (stream, socket) = join(asking, accepting).await;
            let ended = async {
                let mut stream = stream;
                stream.read_to_end(&mut Vec::new()).await
            };
            let (_, texts) = join(ended, texts(&socket)).await;
            assert_eq!(texts, expected, "{parameters}");
        });
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}
