//! permessage-deflate (RFC 7692) with Node's package `ws`, in both roles and with all parameters.

use async_std::task;
use futures::StreamExt;
use qwebsocket::{
    Close, Compression, Event, Limits, Listener, Message, Options, Socket, WebSocket, WebSocketExt,
};

use crate::common::{Counterpart, Peer, run};

/// The parameters that one side asks for.
#[derive(Clone, Copy, Debug)]
struct Parameters {
    bits: u8,
    client_no_context_takeover: bool,
    server_no_context_takeover: bool,
}

/// Each set of parameters, asked for by us and by `ws`.
fn cases() -> Vec<(Parameters, bool)> {
    let mut cases = Vec::new();
    for bits in 8..=15 {
        for (client, server) in [(false, false), (false, true), (true, false), (true, true)] {
            let parameters = Parameters {
                bits,
                client_no_context_takeover: client,
                server_no_context_takeover: server,
            };
            cases.extend([(parameters, true), (parameters, false)]);
        }
    }
    cases
}

impl Parameters {
    const NONE: Parameters = Parameters {
        bits: 15,
        client_no_context_takeover: false,
        server_no_context_takeover: false,
    };

    /// As our side asks for them.
    fn ours(self) -> Options {
        let compression = Compression::new()
            .client_max_window_bits(self.bits)
            .server_max_window_bits(self.bits)
            .client_no_context_takeover(self.client_no_context_takeover)
            .server_no_context_takeover(self.server_no_context_takeover)
            .threshold(0);
        Options::new()
            .compression(compression)
            .limits(Limits::new().outgoing_frame(10_000))
    }

    /// As `ws` asks for them; to name a parameter and not to want it would be to refuse it.
    fn theirs(self) -> String {
        let mut fields = vec![r#""threshold":0"#.to_owned()];
        if self.bits < 15 {
            fields.push(format!(r#""clientMaxWindowBits":{}"#, self.bits));
            fields.push(format!(r#""serverMaxWindowBits":{}"#, self.bits));
        }
        if self.client_no_context_takeover {
            fields.push(r#""clientNoContextTakeover":true"#.to_owned());
        }
        if self.server_no_context_takeover {
            fields.push(r#""serverNoContextTakeover":true"#.to_owned());
        }
        format!("{{{}}}", fields.join(","))
    }

    /// What the two of us ask for.
    fn sides(self, we_ask: bool) -> (Options, String) {
        match we_ask {
            true => (self.ours(), Parameters::NONE.theirs()),
            false => (Parameters::NONE.ours(), self.theirs()),
        }
    }

    /// Asserts that this is what the server's answer agrees to.
    fn assert_agreed(self, answer: &str) {
        let mut expected = vec!["permessage-deflate".to_owned()];
        if self.bits < 15 {
            expected.push(format!("client_max_window_bits={}", self.bits));
            expected.push(format!("server_max_window_bits={}", self.bits));
        }
        if self.client_no_context_takeover {
            expected.push("client_no_context_takeover".to_owned());
        }
        if self.server_no_context_takeover {
            expected.push("server_no_context_takeover".to_owned());
        }
        let mut agreed: Vec<_> = answer.split("; ").collect();
        agreed[1..].sort_unstable();
        expected[1..].sort_unstable();
        assert_eq!(agreed, expected);
    }

    /// Asserts that what we sent was compressed as far as it can be, and what we got as well.
    fn assert_compressed(self, plain: usize, sent: usize, received: usize) {
        // A window of 8 bits is agreed on, and then we do not use it.
        assert_eq!(
            sent < plain / 2,
            self.bits > 8,
            "{self:?}: {sent} of {plain}"
        );
        assert!(received < plain / 2, "{self:?}: {received} of {plain}");
        // One message has 48 kB that repeat themselves at a distance of 6000 bytes.
        assert_eq!(sent < 48_000, self.bits > 12, "{self:?}: {sent}");
    }
}

fn messages() -> Vec<Message> {
    let text = "Der schnelle braune Fuchs springt über den faulen Hund. ".repeat(200);
    let random = std::iter::successors(Some(1_u32), |state| {
        Some(state.wrapping_mul(1_103_515_245).wrapping_add(12345))
    });
    // What it repeats is further away than small windows reach.
    let block: Vec<u8> = random.map(|state| (state >> 16) as u8).take(6000).collect();
    vec![
        "".into(),
        Vec::new().into(),
        "short".into(),
        text.clone().into(),
        text.clone().into(),
        text.into_bytes().into(),
        block.repeat(8).into(),
        vec![0; 1 << 18].into(),
    ]
}

/// Echoes until the end: how much was written.
async fn echo(socket: &Socket) -> usize {
    let mut written = 0;
    while let Some(event) = socket.next_event().await {
        match event {
            Event::Message(message) => drop(socket.send(message).unwrap()),
            Event::BytesWritten(bytes) => written += bytes,
            _ => {}
        }
    }
    written
}

/// Sends each message, waits for its echo, and closes: how much was written.
async fn converse(socket: &Socket, messages: &[Message]) -> usize {
    let mut written = 0;
    for message in messages {
        socket.send(message.clone()).unwrap();
        loop {
            match socket.next_event().await.unwrap() {
                Event::BytesWritten(bytes) => written += bytes,
                Event::Message(answer) => {
                    assert!(answer == *message, "the echo differs");
                    break;
                }
                _ => {}
            }
        }
    }
    socket.close(Close::new(1000, "")).unwrap();
    written + echo(socket).await
}

/// The numbers of a line, which is split at `separator`.
fn numbers(line: &str, separator: char) -> Vec<usize> {
    let fields = line.split(separator);
    fields.filter_map(|field| field.parse().ok()).collect()
}

#[test]
fn a_server_on_ws_agrees_with_us() {
    let server = Counterpart::start(Peer::Node, "deflate_server", &[]);
    let port: u16 = server.line().parse().unwrap();
    let messages = messages();
    let plain = messages.iter().map(Message::len).sum();
    for (parameters, we_ask) in cases() {
        let (options, query) = parameters.sides(we_ask);
        let url = format!("ws://127.0.0.1:{port}/?{query}");
        let written = run(async {
            let socket = Socket::connect_with(url, options).await.unwrap();
            parameters.assert_agreed(socket.info().extensions());
            converse(&socket, &messages).await
        });
        let [read, wrote] = numbers(&server.line(), ' ')[..] else {
            panic!("two numbers");
        };
        // The request comes on top.
        assert!((written..written + 500).contains(&read), "{written} {read}");
        parameters.assert_compressed(plain, written, wrote);
    }
}

#[test]
fn a_client_on_ws_agrees_with_us() {
    run(async {
        let (mut arguments, mut served) = (Vec::new(), Vec::new());
        for (parameters, we_ask) in cases() {
            let (options, theirs) = parameters.sides(we_ask);
            let mut listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
            arguments.push(format!("ws://{}/", listener.local_address()));
            arguments.push(theirs);
            served.push(task::spawn(async move {
                let accepting = listener.next().await.unwrap().unwrap();
                let socket = accepting.await.unwrap().accept(None).await.unwrap();
                (socket.info().extensions().to_owned(), echo(&socket).await)
            }));
        }
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let client = Counterpart::start(Peer::Node, "deflate_client", &arguments);
        for ((parameters, _), served) in cases().into_iter().zip(served) {
            let (extensions, written) = served.await;
            parameters.assert_agreed(&extensions);
            let line = client.line();
            assert!(line.starts_with(&extensions), "{line}");
            let [plain, read, wrote] = numbers(&line, '|')[..] else {
                panic!("three numbers: {line}");
            };
            // The answer to the request comes on top.
            assert!((written..written + 400).contains(&read), "{written} {read}");
            parameters.assert_compressed(plain, written, wrote);
        }
    });
}

#[test]
fn short_messages_of_ws_arrive_plain() {
    let server = Counterpart::start(Peer::Node, "deflate_server", &[]);
    let port: u16 = server.line().parse().unwrap();
    for (length, is_compressed) in [(999, false), (1000, true)] {
        let query = r#"{"serverNoContextTakeover":true,"threshold":1000}"#;
        let url = format!("ws://127.0.0.1:{port}/?{query}");
        run(async {
            let socket = Socket::connect_with(url, Parameters::NONE.ours())
                .await
                .unwrap();
            converse(&socket, &["x".repeat(length).into()]).await
        });
        let wrote = numbers(&server.line(), ' ')[1];
        assert_eq!(wrote < length, is_compressed, "{wrote}");
    }
}
