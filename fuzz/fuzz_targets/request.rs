//! Requests. What the client accepts as URL, headers, subprotocols and origin leaves as one request
//! that says just that, and our server reads the same in it. The server reads arbitrary bytes the
//! same in whatever pieces they arrive.
//!
//! The input is fields behind 0xFF, which is in no text: the URL, then headers, subprotocols and an
//! origin. Without a URL it is bytes for the server.

#![no_main]

use std::net::Ipv4Addr;
use std::str;

use futures::FutureExt;
use libfuzzer_sys::fuzz_target;
use qwebsocket::fuzzing::shake_hands;
use qwebsocket::{Compression, Incoming, Options, Request, Socket};
use qwebsocket_fuzz::{Answering, Pieces, Pipe};

const SEPARATOR: u8 = 0xFF;

fuzz_target!(|input: &[u8]| {
    let Some((&[high, low], rest)) = input.split_first_chunk() else {
        return;
    };
    let pieces = Pieces::new(u16::from_be_bytes([high, low]));
    if let Some(bytes) = rest.strip_prefix(&[SEPARATOR]) {
        serve_anything(bytes, pieces);
    } else if let Some(request) = request(rest) {
        send(&request, pieces);
    }
});

/// The request that the fields describe, if they are text.
fn request(input: &[u8]) -> Option<Request> {
    let mut fields = input.split(|byte| *byte == SEPARATOR).map(str::from_utf8);
    let mut request = Request::new(fields.next()?.ok()?);
    for field in fields {
        let field = field.ok()?;
        let (kind, field) = field.split_at_checked(1)?;
        request = match kind {
            "h" => {
                let (name, value) = field.split_once('=')?;
                request.header(name, value)
            }
            "p" => request.subprotocol(field),
            _ => request.origin(field),
        };
    }
    Some(request)
}

fn send(request: &Request, pieces: Pieces) {
    let options = Options::new().compression(Compression::new());
    let (mut server, mut sent) = (None, Vec::new());
    let mut stream = Answering::new(pieces, |bytes| {
        sent = bytes.to_vec();
        let (incoming, pipe) = serve(bytes, pieces, &options);
        let subprotocol = request.subprotocols().last().map(|name| &**name);
        if let Ok(incoming) = incoming {
            check_incoming(&incoming, request);
            server = incoming.accept(subprotocol).now_or_never();
        }
        let end = pipe.end();
        end.output.clone()
    });
    let opened = shake_hands(&mut stream, request, &options)
        .now_or_never()
        .expect("the stream never waits");
    if sent.is_empty() {
        assert!(opened.is_err());
        return;
    }
    check_head(&sent, request);
    // The server has its limits.
    if request.headers().len() < 100 && sent.len() < 60_000 {
        let server = server.expect("the server reads it").expect("and answers");
        let opened = opened.expect("the client likes the answer");
        let info = qwebsocket::WebSocket::info(&server);
        assert_eq!(opened.subprotocol.as_deref(), info.subprotocol());
        assert_eq!(opened.extensions, info.extensions());
        assert_eq!(opened.extensions, "permessage-deflate");
    }
}

/// The head as another parser reads it.
fn check_head(sent: &[u8], request: &Request) {
    let own = request.headers();
    let mut lines = vec![httparse::EMPTY_HEADER; own.len() + 16];
    let mut head = httparse::Request::new(&mut lines);
    assert_eq!(head.parse(sent), Ok(httparse::Status::Complete(sent.len())));
    assert_eq!((head.method, head.version), (Some("GET"), Some(1)));
    let ends = sent.windows(2).filter(|pair| *pair == b"\r\n").count();
    assert_eq!(ends, head.headers.len() + 2);
    for control in [b'\r', b'\n'] {
        assert_eq!(sent.iter().filter(|byte| **byte == control).count(), ends);
    }
    assert!(!sent.contains(&0));

    let values = |name: &str| -> Vec<&[u8]> {
        let named = head
            .headers
            .iter()
            .filter(|line| line.name.eq_ignore_ascii_case(name));
        named.map(|line| line.value).collect()
    };
    for name in [
        "Host",
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions",
    ] {
        assert_eq!(values(name).len(), 1, "{name}");
    }
    assert_eq!(
        values("Sec-WebSocket-Protocol").len(),
        usize::from(!request.subprotocols().is_empty())
    );
    for (name, value) in own.iter() {
        let is_rewritten = name.eq_ignore_ascii_case("Origin") && !value.is_ascii();
        if !name.eq_ignore_ascii_case("Host") && !is_rewritten {
            let value = value.trim_matches([' ', '\t']).as_bytes();
            assert!(values(name).contains(&value), "{name}");
        }
    }

    let target = head.path.expect("it has a target");
    assert!(target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic()));
    if own.get("Host").is_none() {
        let host = str::from_utf8(values("Host")[0]).expect("the host is ASCII");
        let uri: http::Uri = format!("ws://{host}{target}").parse().expect("it is a URI");
        assert_eq!(
            uri.authority().map(|authority| authority.as_str()),
            Some(host)
        );
        assert_eq!(uri.path_and_query().map(|path| path.as_str()), Some(target));
        check_host(request.url(), &uri);
    }
}

/// The port is the one of the URL, and so is the host where it is plain.
fn check_host(url: &str, uri: &http::Uri) {
    let (_, rest) = url.split_once("://").expect("it has a scheme");
    let authority = rest.split(['/', '?', '\\']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    assert_eq!(uri.port_u16(), port);
    // An address is sent in its shortest form, and without a zone.
    let is_address = host.starts_with('[') || host.trim_end_matches('.').parse::<Ipv4Addr>().is_ok();
    if host.is_ascii() && !is_address && !host.to_ascii_lowercase().contains("xn--") {
        assert!(
            uri.host()
                .is_some_and(|read| read.eq_ignore_ascii_case(host))
        );
    }
}

/// The server's side on these bytes, and what it answers.
fn serve(bytes: &[u8], pieces: Pieces, options: &Options) -> (Result<Incoming, String>, Pipe) {
    let pipe = Pipe::new(bytes, pieces);
    let accepting = Socket::accept(pipe.clone(), options.clone()).expect("the options are valid");
    let incoming = accepting.now_or_never().expect("the stream never waits");
    (incoming.map_err(|error| format!("{error:?}")), pipe)
}

fn check_incoming(incoming: &Incoming, request: &Request) {
    assert!(incoming.subprotocols().eq(request.subprotocols()));
    for (name, value) in request.headers().iter() {
        let value = value.trim_matches([' ', '\t']);
        let is_rewritten = name.eq_ignore_ascii_case("Origin") && !value.is_ascii();
        if !name.eq_ignore_ascii_case("Host") && !is_rewritten {
            assert!(
                incoming.headers().get_all(name).any(|read| read == value),
                "{name}"
            );
        }
    }
}

fn serve_anything(bytes: &[u8], pieces: Pieces) {
    let options = Options::new().compression(Compression::new());
    let run = |pieces| {
        let (incoming, pipe) = serve(bytes, pieces, &options);
        let verdict = format!("{incoming:?}");
        let answer = incoming.map(|incoming| {
            let first = incoming.subprotocols().next().map(str::to_owned);
            let accepted = incoming.accept(first.as_deref()).now_or_never();
            accepted
                .expect("the stream never waits")
                .expect("it was offered");
            let output = pipe.end().output.clone();
            check_answer(&output, first.as_deref());
            output
        });
        (verdict, answer.unwrap_or_default())
    };
    assert_eq!(run(Pieces::new(0)), run(pieces));
}

/// The answer is one head that says nothing but what was agreed on, and the close frame of the
/// socket that was dropped.
fn check_answer(output: &[u8], subprotocol: Option<&str>) {
    let output = output
        .strip_prefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        .unwrap_or(output);
    let mut lines = [httparse::EMPTY_HEADER; 8];
    let mut head = httparse::Response::new(&mut lines);
    let size = head.parse(output).expect("it is valid").unwrap();
    assert_eq!(head.code, Some(101));
    assert_eq!(output[size], 0x88);
    let chosen = head
        .headers
        .iter()
        .find(|line| line.name == "Sec-WebSocket-Protocol");
    assert_eq!(
        chosen.map(|line| line.value),
        subprotocol.map(str::as_bytes)
    );
}
