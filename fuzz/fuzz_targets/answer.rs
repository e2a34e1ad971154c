//! The answer to the client's opening handshake, on the bytes behind a few that choose what was
//! offered. The verdict does not depend on the pieces in which the answer arrives.

#![no_main]

use futures::{AsyncReadExt, FutureExt};
use libfuzzer_sys::fuzz_target;
use qwebsocket::fuzzing::{Opened, shake_hands};
use qwebsocket::{Compression, Error, Options, Request};
use qwebsocket_fuzz::{Answering, Pieces};
use tungstenite::handshake::derive_accept_key;

/// Stands in the answer for what only the request tells.
const ACCEPT: &str = "{accept}";

const SUBPROTOCOLS: [&str; 2] = ["chat", "superchat"];

fuzz_target!(|input: &[u8]| {
    let Some((&[flags, high, low], answer)) = input.split_first_chunk() else {
        return;
    };
    let compression = Compression::new()
        .server_max_window_bits(if flags & 2 == 0 { 15 } else { 10 })
        .server_no_context_takeover(flags & 4 != 0);
    let options = Options::new().compression((flags & 1 != 0).then_some(compression));
    let mut request = Request::new("ws://example/");
    if flags & 8 != 0 {
        request = SUBPROTOCOLS.into_iter().fold(request, Request::subprotocol);
    }
    let (whole, verdict) = open(&request, &options, answer, Pieces::new(0));
    let (_, in_pieces) = open(
        &request,
        &options,
        answer,
        Pieces::new(u16::from_be_bytes([high, low])),
    );
    assert_eq!(verdict, in_pieces);
    if let Ok(opened) = whole {
        check(&opened, flags);
    }
});

/// What came of it, and that as a text without what differs each time.
fn open(
    request: &Request,
    options: &Options,
    answer: &[u8],
    pieces: Pieces,
) -> (Result<Opened, Error>, String) {
    let (mut accept, mut sent) = (String::new(), Vec::new());
    let mut stream = Answering::new(pieces, |request| {
        accept = derive_accept_key(key(request));
        sent = replace(answer, ACCEPT, &accept);
        sent.clone()
    });
    let open = async {
        let mut opened = shake_hands(&mut stream, request, options).await?;
        let read = stream.read_to_end(&mut opened.early).await;
        read.expect("the stream ends without an error");
        Ok(opened)
    };
    let result: Result<_, Error> = open.now_or_never().expect("the stream never waits");
    if let Ok(opened) = &result {
        assert!(sent.ends_with(&opened.early));
    }
    let verdict = match &result {
        Err(error) => shown(error, sent != answer),
        Ok(opened) => format!("{opened:?}"),
    };
    (result, verdict.replace(&accept, ACCEPT))
}

/// An error with all that it tells. Where the key stands in the answer, a body may end inside it.
fn shown(error: &Error, has_key: bool) -> String {
    let mut text = format!("{:?} {error}", error.kind());
    if let Some(response) = error.response() {
        let headers = response.headers();
        text += &format!(" {} {} {headers:?}", response.status(), response.reason());
        text += &match response.body() {
            body if has_key => format!(" {}", body.len()),
            body => format!(" {body:?}"),
        };
    }
    text
}

fn key(request: &[u8]) -> &[u8] {
    let text = std::str::from_utf8(request).expect("the request is ASCII");
    let mut keys = text
        .split("\r\n")
        .filter_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    keys.next().expect("the request has a key").as_bytes()
}

/// Replaces the first `from`.
fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut windows = bytes.windows(from.len());
    match windows.position(|window| window == from.as_bytes()) {
        Some(at) => [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// Nothing was agreed on that was not offered.
fn check(opened: &Opened, flags: u8) {
    let has = |name, value: &str| {
        let values = opened.headers.get_all(name);
        values
            .flat_map(|line| line.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(value))
    };
    assert!(has("Upgrade", "websocket"));
    assert!(has("Connection", "Upgrade"));
    assert_eq!(opened.headers.get_all("Sec-WebSocket-Accept").count(), 1);
    if let Some(subprotocol) = &opened.subprotocol {
        assert!(flags & 8 != 0 && SUBPROTOCOLS.contains(&&**subprotocol));
    }
    let offered_compression = flags & 1 != 0;
    assert!(offered_compression || opened.extensions.trim_matches([' ', '\t', ',']).is_empty());
}
