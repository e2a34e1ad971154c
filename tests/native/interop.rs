//! Against servers and clients that nobody here wrote, in both directions.

use futures::StreamExt;
use qwebsocket::{
    Close, ErrorKind, Event, Limits, Listener, Message, Options, Request, Socket, WebSocket,
    WebSocketExt,
};

use crate::common::{Counterpart, GOOD_END, Peer, message, run, to_end, word};

/// Each case with each peer.
macro_rules! cases {
    ($($case:ident)+) => {
        mod node { $(#[test] fn $case() { super::$case(super::Peer::Node) })+ }
        mod python { $(#[test] fn $case() { super::$case(super::Peer::Python) })+ }
    };
}

cases! {
    our_messages_come_back
    fragments_of_a_server_are_put_together
    pings_are_answered_and_timed
    a_server_closes
    a_server_breaks_off
    a_client_converses
    a_client_is_closed
    a_client_is_dropped
    a_client_breaks_off
}

fn samples() -> Vec<Message> {
    vec![
        "grüß Gott €😀".into(),
        vec![0xCA, 0xFE].into(),
        "".into(),
        Vec::new().into(),
        "é".repeat(1 << 19).into(),
        vec![7; 1 << 20].into(),
    ]
}

/// A connection to a server at this path.
async fn connect(port: u16, target: &str) -> Socket {
    let url = format!("ws://127.0.0.1:{port}{target}");
    let request = Request::new(url)
        .subprotocol("chat.v1")
        .subprotocol("chat.v2")
        .header("X-Test", "one, two")
        .origin("http://page.example");
    let options = Options::new().frames(true);
    Socket::connect_with(request, options).await.unwrap()
}

fn our_messages_come_back(peer: Peer) {
    let (server, port) = Counterpart::server(peer, &[]);
    run(async {
        let socket = connect(port, "/echo?a=%C3%BC").await;
        assert_eq!(socket.subprotocol().as_deref(), Some("chat.v2"));
        assert_eq!(socket.info().peer_address().unwrap().port(), port);
        assert!(
            socket
                .info()
                .headers()
                .get("Sec-WebSocket-Accept")
                .is_some()
        );
        for outgoing_frame in [Limits::new().get_outgoing_frame(), 60_000, 1] {
            let limits = Limits::new().outgoing_frame(outgoing_frame);
            socket.set_limits(limits).unwrap();
            // Python's package refuses messages of very many fragments.
            let sendable = |sent: &Message| sent.len() / outgoing_frame < 50;
            for sent in samples().into_iter().filter(sendable) {
                assert_eq!(socket.send(sent.clone()).unwrap(), sent.len());
                assert_eq!(message(&socket).await, sent);
            }
        }
        socket.close(Close::new(4001, "tschüß")).unwrap();
        assert_eq!(to_end(&socket).await, GOOD_END);
        assert_eq!(socket.closed(), Some(Close::new(4001, "tschüß")));
        assert!(socket.last_error().is_none());
    });
    let request = "request /echo?a=%C3%BC one, two http://page.example";
    assert_eq!(server.line(), request);
    assert_eq!(server.line(), "closed 4001 tschüß");
}

fn fragments_of_a_server_are_put_together(peer: Peer) {
    let (_server, port) = Counterpart::server(peer, &[]);
    run(async {
        let socket = connect(port, "/fragments").await;
        let mut frames = Vec::new();
        let mut messages = Vec::new();
        while messages.len() < 2 {
            match socket.next_event().await.unwrap() {
                // Python's package ends with an empty frame.
                Event::Frame(frame) if frame.payload().is_empty() => assert!(frame.is_last()),
                Event::Frame(frame) => frames.push(frame.payload().to_vec()),
                Event::Message(message) => messages.push(message),
                _ => {}
            }
        }
        assert_eq!(messages, ["güß!".into(), "güß!".as_bytes().into()]);
        // Of text, a frame has whole characters only.
        let text = ["g".as_bytes(), "üß".as_bytes(), b"!"];
        let binary = [b"g\xC3".as_slice(), b"\xBC\xC3\x9F", b"!"];
        assert_eq!(frames, [text, binary].concat());
    });
}

fn pings_are_answered_and_timed(peer: Peer) {
    let (server, port) = Counterpart::server(peer, &[]);
    run(async {
        let socket = connect(port, "/ping").await;
        socket.ping("ours".into()).unwrap();
        loop {
            if let Event::Pong {
                elapsed, payload, ..
            } = socket.next_event().await.unwrap()
            {
                assert_eq!(payload, "ours");
                assert!(elapsed.is_some());
                break;
            }
        }
        // Comes back only after the pong, which was owed before.
        socket.send("done".into()).unwrap();
        assert_eq!(message(&socket).await, "done".into());
    });
    server.line();
    let lines = [server.line(), server.line()];
    assert!(lines.contains(&"pong are you there?".into()), "{lines:?}");
}

fn a_server_closes(peer: Peer) {
    let (server, port) = Counterpart::server(peer, &[]);
    run(async {
        let socket = connect(port, "/close").await;
        assert_eq!(to_end(&socket).await, GOOD_END);
        assert_eq!(socket.closed(), Some(Close::new(4001, "tschüß")));
    });
    server.line();
    assert_eq!(server.line(), "closed 4001 tschüß");
}

fn a_server_breaks_off(peer: Peer) {
    let (server, port) = Counterpart::server(peer, &[]);
    run(async {
        let socket = connect(port, "/abrupt").await;
        let end = [
            "Error(RemoteClosed)",
            "Unconnected",
            "ReadFinished",
            "Disconnected",
        ];
        assert_eq!(to_end(&socket).await, end);
        assert_eq!(socket.close_code().unwrap().get(), 1006);
        assert_eq!(socket.last_error().unwrap().kind(), ErrorKind::RemoteClosed);
    });
    server.line();
    assert_eq!(server.line().trim_end(), "closed 1006");
}

/// Serves one client, which does what `mode` says: what it printed, and what we were told.
fn serve(peer: Peer, mode: &str, target: &str) -> (Vec<String>, Vec<String>, Option<Close>) {
    run(async {
        let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}{target}", listener.local_address());
        let client = Counterpart::client(peer, &url, mode);
        let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
        assert_eq!(incoming.resource_name(), target);
        assert_eq!(incoming.origin(), Some("http://page.example"));
        assert_eq!(incoming.headers().get("x-test"), Some("one, two"));
        let offered: Vec<_> = incoming.subprotocols().collect();
        assert_eq!(offered, ["chat.v1", "chat.v2"]);
        let socket = incoming.accept(Some("chat.v2")).await.unwrap();
        socket.ping("server".into()).unwrap();
        let mut told = Vec::new();
        while let Some(event) = socket.next_event().await {
            match event {
                Event::Message(message) if message.as_text() == Some("stay") => match target {
                    "/close" => socket.close(Close::new(4002, "genug – ✓")).unwrap(),
                    _ => socket.abort(),
                },
                Event::Message(message) => {
                    socket.send(message).unwrap();
                }
                event => told.extend(word(&event)),
            }
        }
        (client.lines(), told, socket.closed())
    })
}

fn a_client_converses(peer: Peer) {
    let (mut lines, told, closed) = serve(peer, "converse", "/chat?x=1");
    // Python's package does not tell of pings.
    lines.retain(|line| line != "ping server");
    let expected = [
        "subprotocol chat.v2",
        "echoed",
        "pong are you there?",
        "closed 4001 tschüß",
    ];
    assert_eq!(lines, expected);
    assert_eq!(told[0], "Pong(server)");
    assert_eq!(told[1..], GOOD_END);
    assert_eq!(closed, Some(Close::new(4001, "tschüß")));
}

fn a_client_is_closed(peer: Peer) {
    let (lines, mut told, closed) = serve(peer, "stay", "/close");
    assert_eq!(lines.last().unwrap(), "closed 4002 genug – ✓");
    told.retain(|word| word != "Pong(server)");
    assert_eq!(told, GOOD_END);
    assert_eq!(closed, Some(Close::new(4002, "genug – ✓")));
}

fn a_client_is_dropped(peer: Peer) {
    let (lines, mut told, _) = serve(peer, "stay", "/");
    assert_eq!(lines.last().unwrap().trim_end(), "closed 1006");
    told.retain(|word| word != "Pong(server)");
    let end = [
        "AboutToClose",
        "Unconnected",
        "ReadFinished",
        "Disconnected",
    ];
    assert_eq!(told, end);
}

fn a_client_breaks_off(peer: Peer) {
    let (_, mut told, closed) = serve(peer, "leave", "/");
    told.retain(|word| word != "Pong(server)");
    let end = [
        "Error(RemoteClosed)",
        "Unconnected",
        "ReadFinished",
        "Disconnected",
    ];
    assert_eq!(told, end);
    assert_eq!(closed.unwrap().code().get(), 1006);
}
