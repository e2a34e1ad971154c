//! One message for many connections.

use std::sync::Arc;

use futures::future::join_all;
use qwebsocket::{
    Compression, Delivered, Limits, Message, Negotiated, Options, PreparedMessage, Role, Socket,
    State, Topics, WebSocket, WebSocketExt, WhenSlow,
};

use crate::common::{message, run, to_end};
use crate::own_stream::in_memory;
use crate::upgraded::negotiated;

/// Client and server, connected.
fn pair(of_client: &Options, of_server: &Options) -> (Socket, Arc<Socket>) {
    let (client, server) = negotiated(of_client, of_server).unwrap();
    let (left, right) = in_memory();
    let client = Socket::upgraded(left, client, of_client.clone()).unwrap();
    let server = Socket::upgraded(right, server, of_server.clone()).unwrap();
    (client, Arc::new(server))
}

/// Whatever a connection has negotiated, it carries the message.
#[test]
fn a_prepared_message_arrives_at_each_kind_of_connection() {
    let plain = Options::new();
    let compression = |bits, level, alone| {
        let compression = Compression::new().server_max_window_bits(bits).level(level);
        Options::new().compression(compression.server_no_context_takeover(alone))
    };
    let kinds = [
        (plain.clone(), plain.clone()),
        (plain.clone(), compression(15, 6, true)),
        (compression(15, 6, false), plain.clone()),
        (compression(15, 6, false), compression(15, 6, false)),
        (compression(15, 6, false), compression(15, 6, true)),
        (compression(15, 6, false), compression(15, 6, true)),
        (compression(15, 6, false), compression(15, 1, true)),
        (compression(15, 6, false), compression(9, 6, true)),
        (compression(8, 6, false), compression(15, 6, true)),
        (
            plain.clone(),
            plain.limits(Limits::new().outgoing_frame(100)),
        ),
    ];
    run(async {
        let pairs: Vec<_> = kinds.iter().map(|(c, s)| pair(c, s)).collect();
        // Small, of more than one block, and larger than what is encoded at once; some twice, so
        // that a window has something in it.
        let messages = [
            "",
            "x",
            "hello",
            "hello",
            &"words ".repeat(100_000),
            "hello",
        ];
        for text in messages {
            let prepared = PreparedMessage::new(text);
            for (_, server) in &pairs {
                assert_eq!(server.send_prepared(&prepared).unwrap(), text.len());
                server.send_text("in between").unwrap();
            }
            join_all(pairs.iter().map(|(client, server)| async move {
                let got = async { (message(client).await, message(client).await) };
                let sent = server.flush();
                let ((first, second), sent) = futures::join!(got, sent);
                sent.unwrap();
                assert!(first == Message::from(text), "{} bytes", text.len());
                assert_eq!(second, "in between".into());
            }))
            .await;
        }
    });
}

/// Bytes that are queued for a server's socket by a message of compressible text.
fn queued(options: &Options, prepared: &PreparedMessage) -> usize {
    let (_client, server) = pair(options, options);
    server.send_prepared(prepared).unwrap();
    server.bytes_to_write()
}

#[test]
fn a_prepared_message_is_compressed_as_agreed() {
    let prepared = PreparedMessage::new("words ".repeat(1000));
    let length = prepared.message().len();
    // RFC 6455 §5.2: four bytes in front of a payload of this length.
    assert_eq!(queued(&Options::new(), &prepared), 4 + length);
    let alone = Compression::new().server_no_context_takeover(true);
    let first = queued(&Options::new().compression(alone), &prepared);
    assert!(first < length / 10, "{first}");
    let again = queued(&Options::new().compression(alone), &prepared);
    assert_eq!(first, again);
    let threshold = Options::new().compression(alone.threshold(length + 1));
    assert_eq!(queued(&threshold, &prepared), 4 + length);
}

#[test]
fn a_client_masks_a_prepared_message() {
    run(async {
        let (client, server) = pair(&Options::new(), &Options::new());
        let prepared = PreparedMessage::from(vec![1, 2, 3]);
        client.send_prepared(&prepared).unwrap();
        let (got, sent) = futures::join!(message(&server), client.flush());
        sent.unwrap();
        assert_eq!(got, vec![1, 2, 3].into());
    });
}

#[test]
fn a_prepared_message_does_not_get_into_one_of_parts() {
    let (_client, server) = pair(&Options::new(), &Options::new());
    server.send_part("one".into(), false).unwrap();
    let kind = server.send_prepared(&"two".into()).unwrap_err().kind();
    assert_eq!(kind, qwebsocket::ErrorKind::WrongState);
}

fn delivered(counts: [usize; 4]) -> impl Fn(Delivered) -> bool {
    move |it| [it.queued, it.skipped, it.dropped, it.failed] == counts
}

#[test]
fn a_topic_has_whom_it_was_told_of() {
    run(async {
        let topics = Topics::new();
        let options = Options::new();
        let pairs: Vec<_> = (0..3).map(|_| pair(&options, &options)).collect();
        let subscribe = |n: usize, topic| topics.subscribe(topic, pairs[n].1.clone());
        let first = subscribe(0, "a");
        let second = subscribe(1, "a");
        let third = subscribe(2, "b");
        assert_eq!((topics.subscribers("a"), topics.subscribers("b")), (2, 1));
        assert!(delivered([2, 0, 0, 0])(topics.publish("a", "to a")));
        assert!(delivered([1, 0, 0, 0])(topics.publish("b", "to b")));
        assert!(delivered([0, 0, 0, 0])(topics.publish("c", "to nobody")));
        // The sender is left out.
        assert!(delivered([1, 0, 0, 0])(first.publish("from the first")));
        drop(second);
        assert!(delivered([1, 0, 0, 0])(topics.publish("a", "again")));
        assert!(delivered([0, 0, 0, 0])(first.publish("to nobody")));
        for (_, server) in &pairs {
            server.send_text("end").unwrap();
        }
        for (n, expected) in [
            (0, &["to a", "again", "end"][..]),
            (1, &["to a", "from the first", "end"]),
            (2, &["to b", "end"]),
        ] {
            let (client, server) = &pairs[n];
            let all = async {
                let mut all = Vec::new();
                for _ in 0..expected.len() {
                    all.push(message(client).await);
                }
                all
            };
            let (got, sent) = futures::join!(all, server.flush());
            sent.unwrap();
            let got: Vec<_> = got
                .iter()
                .map(|message| message.as_text().unwrap())
                .collect();
            assert_eq!(got, expected);
        }
        drop((first, third));
        assert_eq!((topics.subscribers("a"), topics.subscribers("b")), (0, 0));
        // The topic has let go of the socket.
        assert!(
            pairs
                .iter()
                .all(|(_, server)| Arc::strong_count(server) == 1)
        );
    });
}

/// A socket of a server whose peer takes nothing.
fn slow(write_queue: usize) -> (Arc<Socket>, impl Sized) {
    let (stream, peer) = in_memory();
    let options = Options::new().write_queue(write_queue);
    let socket = Socket::upgraded(stream, Negotiated::new(Role::Server), options).unwrap();
    (Arc::new(socket), peer)
}

#[test]
fn slow_ones_are_skipped_or_dropped_by_rule() {
    run(async {
        for (rule, backlog, write_queue) in [
            (WhenSlow::Skip, None, 1000),
            (WhenSlow::Skip, Some(1000), 100_000),
            (WhenSlow::Drop, None, 1000),
            (WhenSlow::Drop, Some(1000), 100_000),
        ] {
            let topics = Topics::with_rule(rule, backlog);
            let (socket, _peer) = slow(write_queue);
            let _subscription = topics.subscribe("a", socket.clone());
            let payload = || Message::from(vec![0; 2000]);
            assert!(delivered([1, 0, 0, 0])(topics.publish("a", payload())));
            let queued = socket.bytes_to_write();
            let second = topics.publish("a", payload());
            match rule {
                WhenSlow::Drop => {
                    assert!(delivered([0, 0, 1, 0])(second), "{second:?}");
                    assert_eq!(socket.state(), State::Unconnected);
                    assert_eq!(to_end(&socket).await.last().unwrap(), "Disconnected");
                    let third = topics.publish("a", payload());
                    assert!(delivered([0, 0, 0, 1])(third), "{third:?}");
                }
                _ => {
                    assert!(delivered([0, 1, 0, 0])(second), "{second:?}");
                    assert_eq!(socket.bytes_to_write(), queued);
                    assert_eq!(socket.state(), State::Connected);
                }
            }
        }
    });
}
