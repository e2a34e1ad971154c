//! Messages that are larger than what holds them.

use futures::StreamExt;
use qwebsocket::{
    Bytes, ErrorKind, Event, Features, Frame, Listener, Message, Options, Socket, WebSocket,
    WebSocketExt,
};

use crate::common::{again_within, is_again, run};

/// A socket of each side, the client's first.
async fn pair(options: Options) -> (Socket, Socket) {
    let mut listener = Listener::bind_with("127.0.0.1:0", options.clone())
        .await
        .unwrap();
    let url = format!("ws://{}/", listener.local_address());
    let server = async { listener.next().await.unwrap()?.await?.accept(None).await };
    futures::try_join!(Socket::connect_with(url, options), server).unwrap()
}

/// Drives `sender` while `receiver` gets its next event of the kind that `pick` picks.
async fn next<T>(sender: &Socket, receiver: &Socket, pick: impl Fn(Event) -> Option<T>) -> T {
    let receive = async {
        loop {
            let event = receiver.next_event().await.expect("it is connected");
            if let Some(picked) = pick(event) {
                return picked;
            }
        }
    };
    let drive = async { while sender.next_event().await.is_some() {} };
    match futures::future::select(std::pin::pin!(receive), std::pin::pin!(drive)).await {
        futures::future::Either::Left((picked, _)) => picked,
        futures::future::Either::Right(_) => panic!("the sender ended"),
    }
}

fn frame(event: Event) -> Option<Frame> {
    match event {
        Event::Frame(frame) => Some(frame),
        Event::Message(message) => panic!("only frames are wanted: {message:?}"),
        _ => None,
    }
}

fn message(event: Event) -> Option<Message> {
    match event {
        Event::Message(message) => Some(message),
        _ => None,
    }
}

#[test]
fn a_message_is_sent_in_parts() {
    assert!(Socket::FEATURES.contains(Features::PARTS));
    run(async {
        let (client, server) = pair(Options::new().frames(true)).await;
        assert_eq!(client.send_part("grü".into(), false).unwrap(), 4);
        let refused = client.send("another".into()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WrongState);
        client.ping("between".into()).unwrap();
        client.send_part("ß".into(), false).unwrap();
        client.send_part("".into(), true).unwrap();
        client.send("another".into()).unwrap();
        let mut told = Vec::new();
        while told.len() < 6 {
            told.push(
                next(&client, &server, |event| match event {
                    Event::Frame(frame) => {
                        Some(format!("{:?} {}", frame.payload(), frame.is_last()))
                    }
                    Event::Message(message) => Some(format!("{message:?}")),
                    _ => None,
                })
                .await,
            );
        }
        assert_eq!(
            told,
            [
                "b\"gr\\xc3\\xbc\" false",
                "b\"\\xc3\\x9f\" false",
                "b\"\" true",
                "Text(\"grüß\")",
                "b\"another\" true",
                "Text(\"another\")",
            ]
        );
        let pong = |event| matches!(event, Event::Pong { .. }).then_some(());
        next(&server, &client, pong).await;
    });
}

#[test]
fn the_parts_of_a_text_may_split_characters_and_are_utf8_together() {
    run(async {
        let (client, server) = pair(Options::new()).await;
        let part = |bytes: &[u8], is_last| client.send_part(bytes.into(), is_last);
        client.send_part("gr".into(), false).unwrap();
        part(b"\xC3", false).unwrap();
        for (bad, is_last) in [(&b"\xFF"[..], false), (b"\xBC\xC3", true)] {
            let refused = part(bad, is_last).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        }
        part(b"\xBC\xC3\x9F", true).unwrap();
        assert_eq!(next(&client, &server, message).await, "grüß".into());
    });
}

#[test]
fn a_ping_does_not_wait_for_a_large_message() {
    run(async {
        let (client, server) = pair(Options::new().frames(true)).await;
        client.send(vec![7; 16 << 20].into()).unwrap();
        // The write queue is full of the message when the ping is queued.
        assert!(client.try_flush().unwrap());
        client.ping("urgent".into()).unwrap();
        let first = async {
            loop {
                match client.next_event().await {
                    Some(Event::Pong { .. }) => return,
                    Some(_) => {}
                    None => panic!("it ended"),
                }
            }
        };
        let serve = async {
            let mut frames = 0;
            loop {
                match server.next_event().await {
                    Some(Event::Frame(_)) => frames += 1,
                    Some(Event::Message(_)) => return frames,
                    Some(_) => {}
                    None => panic!("it ended"),
                }
            }
        };
        // The pong is back before the message has wholly arrived.
        let (first, serve) = (std::pin::pin!(first), std::pin::pin!(serve));
        let winner = futures::future::select(first, serve).await;
        assert!(matches!(winner, futures::future::Either::Left(_)));
    });
}

#[test]
fn four_gib_pass_in_256_mib() {
    if is_again() {
        return pass_four_gib();
    }
    // The limit is on addresses, so the allocator's reserves for each thread count: one is enough.
    again_within(
        "-v 262144",
        "streaming::four_gib_pass_in_256_mib",
        &[("MALLOC_ARENA_MAX", "1"), ("ASYNC_STD_THREAD_COUNT", "1")],
    );
}

fn pass_four_gib() {
    const PART: usize = 1 << 20;
    const PARTS: usize = 4096;
    async_std::task::block_on(async {
        let (client, server) = pair(Options::new().messages(false)).await;
        let part = Bytes::from(vec![0xA5; PART]);
        let send = async {
            for index in 1..=PARTS {
                let part = Message::from(part.clone());
                client.send_part(part, index == PARTS).unwrap();
                client.flush().await.unwrap();
            }
        };
        let receive = async {
            let mut received = 0;
            loop {
                let event = server.next_event().await.expect("it is connected");
                let Some(frame) = frame(event) else { continue };
                assert!(frame.payload().iter().step_by(4001).all(|b| *b == 0xA5));
                received += frame.payload().len();
                if frame.is_last() {
                    return received;
                }
            }
        };
        let ((), received) = futures::join!(send, receive);
        assert_eq!(received, PART * PARTS);
    });
}

#[test]
fn a_full_queue_refuses_and_loses_nothing() {
    run(async {
        let (client, server) = pair(Options::new().write_queue(1000)).await;
        // One message always fits, however large.
        client.send(vec![1; 5000].into()).unwrap();
        let refused = client.send(vec![2; 10].into()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::QueueFull);
        let refused = client.ping("anybody there?".into()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::QueueFull);
        client.flush().await.unwrap();
        assert_eq!(client.bytes_to_write(), 0);
        client.send(vec![2; 10].into()).unwrap();
        for (byte, length) in [(1, 5000), (2, 10)] {
            let message = next(&client, &server, message).await;
            assert_eq!(message, Message::from(vec![byte; length]));
        }
    });
}

#[test]
fn a_flood_leaves_while_it_is_sent() {
    const COUNT: u32 = 200_000;
    run(async {
        let (client, server) = pair(Options::new()).await;
        for number in 0..COUNT {
            client.send(number.to_be_bytes().to_vec().into()).unwrap();
        }
        let framed = 2 + 4 + size_of::<u32>();
        assert!(client.bytes_to_write() < COUNT as usize * framed);
        for number in 0..COUNT {
            let message = next(&client, &server, message).await;
            assert_eq!(message, Message::from(number.to_be_bytes().to_vec()));
        }
    });
}

#[test]
fn a_reader_that_stops_stops_its_peer() {
    run(async {
        let (client, server) = pair(Options::new().read_buffer_size(4096)).await;
        let piece = Bytes::from(vec![3; 64 << 10]);
        for _ in 0..512 {
            client.send_binary(piece.clone()).unwrap();
        }
        let flush = client.flush();
        let waits = async_std::future::timeout(std::time::Duration::from_millis(300), flush).await;
        assert!(waits.is_err(), "32 MiB went to a peer that does not read");
        assert!(client.bytes_to_write() > 0);
        for _ in 0..512 {
            assert_eq!(next(&client, &server, message).await.len(), 64 << 10);
        }
    });
}
