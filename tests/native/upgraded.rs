//! Connections whose opening handshake somebody else has done.

use qwebsocket::{
    ClientHandshake, Compression, Error, ErrorKind, Event, Headers, Message, Negotiated, Options,
    Role, ServerHandshake, Socket, State, WebSocket, WebSocketExt,
};

use crate::common::{GOOD_END, message, run, to_end};
use crate::own_stream::in_memory;

/// What a client and a server agree on, without a byte that is sent.
pub(crate) fn negotiated(
    of_client: &Options,
    of_server: &Options,
) -> Result<(Negotiated, Negotiated), Error> {
    let asked = ClientHandshake::new("ws://inside.example/room?a", of_client)?;
    let headers = asked.headers().clone();
    let handshake = ServerHandshake::new("GET", asked.resource_name(), headers)?;
    let (answer, negotiated) = handshake.accept(None, of_server)?;
    Ok((asked.finish(answer)?, negotiated))
}

#[test]
fn both_sides_talk_as_they_have_agreed() {
    let compressed = Options::new().compression(Compression::new());
    for (options, extensions) in [(Options::new(), ""), (compressed, "permessage-deflate")] {
        run(async {
            let (of_client, of_server) = negotiated(&options, &options).unwrap();
            let (left, right) = in_memory();
            let client = Socket::upgraded(left, of_client, options.clone()).unwrap();
            let server = Socket::upgraded(right, of_server, options.clone()).unwrap();
            for socket in [&client, &server] {
                assert_eq!(socket.state(), State::Connected);
                let info = socket.info();
                assert_eq!(info.request_url(), "ws://inside.example/room?a");
                assert_eq!(info.resource_name(), "/room?a");
                assert_eq!(info.extensions(), extensions);
            }
            assert_eq!(server.info().headers().get("Host"), Some("inside.example"));
            let accept = client
                .info()
                .headers()
                .get("Sec-WebSocket-Accept")
                .is_some();
            assert!(accept, "a client has the headers of the answer");

            let text = "again and ".repeat(10_000);
            let ask = async {
                client.send_text(text.clone()).unwrap();
                assert_eq!(message(&client).await, "got it".into());
                client.close(Default::default()).unwrap();
                to_end(&client).await
            };
            let answer = async {
                assert!(message(&server).await == text.clone().into());
                server.send_text("got it").unwrap();
                to_end(&server).await
            };
            let (client_end, server_end) = futures::join!(ask, answer);
            assert_eq!(client_end, GOOD_END);
            assert_eq!(server_end, GOOD_END);
        });
    }
}

/// The frames are those of RFC 6455 §5.7: "Hello", masked and not.
#[test]
fn what_was_read_already_comes_first() {
    run(async {
        for (role, early) in [
            (
                Role::Server,
                &b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"[..],
            ),
            (Role::Client, b"\x81\x05\x48\x65\x6c\x6c\x6f"),
        ] {
            // The cut may be anywhere in the frame.
            for cut in 0..=early.len() {
                let (before, behind) = early.split_at(cut);
                let stream = futures::io::Cursor::new(behind.to_vec());
                let negotiated = Negotiated::new(role).early(before);
                let socket = Socket::upgraded(stream, negotiated, Options::new()).unwrap();
                assert_eq!(message(&socket).await, "Hello".into());
            }
        }
    });
}

/// RFC 6455 §5.1: each side closes the connection when a frame is or is not masked.
#[test]
fn each_role_keeps_the_rule_of_masks() {
    run(async {
        for (role, early) in [
            (Role::Server, &b"\x81\x05\x48\x65\x6c\x6c\x6f"[..]),
            (
                Role::Client,
                b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
            ),
        ] {
            let (stream, _peer) = in_memory();
            let negotiated = Negotiated::new(role).early(early);
            let socket = Socket::upgraded(stream, negotiated, Options::new()).unwrap();
            match socket.next_event().await {
                Some(Event::Error(error)) => assert_eq!(error.kind(), ErrorKind::Protocol),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn what_is_known_of_the_connection_is_told() {
    let (local, peer) = (
        "127.0.0.1:80".parse().unwrap(),
        "127.0.0.1:5000".parse().unwrap(),
    );
    let negotiated = Negotiated::new(Role::Server)
        .request_url("wss://a.example/room")
        .resource_name("/room")
        .subprotocol("chat")
        .headers(Headers::from_iter([("Host", "a.example")]))
        .local_address(local)
        .peer_address(peer);
    let stream = futures::io::Cursor::new(Vec::new());
    let socket = Socket::upgraded(stream, negotiated.clone(), Options::new()).unwrap();
    let info = socket.info();
    assert_eq!(&info, negotiated.info());
    assert_eq!(
        (info.request_url(), info.resource_name()),
        ("wss://a.example/room", "/room")
    );
    assert_eq!(info.subprotocol(), Some("chat"));
    assert_eq!(info.headers().get("host"), Some("a.example"));
    assert_eq!(
        (info.local_address(), info.peer_address()),
        (Some(local), Some(peer))
    );
}

/// Clients are strangers, whoever has read their handshake.
#[test]
fn a_server_is_bounded_and_a_client_is_not() {
    for (role, bound) in [(Role::Server, Some(16 << 20)), (Role::Client, None)] {
        let (stream, _peer) = in_memory();
        let socket = Socket::upgraded(stream, Negotiated::new(role), Options::new()).unwrap();
        assert_eq!(socket.options().get_write_queue(), bound);
        socket.send(Message::from(vec![0; 16 << 20])).unwrap();
        let second = socket.send(Message::from(vec![0; 1 << 20]));
        let kind = second.map_err(|error| error.kind());
        match role {
            Role::Server => assert_eq!(kind, Err(ErrorKind::QueueFull)),
            Role::Client => assert_eq!(kind, Ok(1 << 20)),
        }
    }
}
