use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;

use super::*;

/// The example of RFC 6455 §1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

fn url(request: &Request) -> Endpoint {
    Endpoint::new(&request.check().unwrap()).unwrap()
}

fn head(request: &Request) -> String {
    handshake(request, &url(request)).encode(KEY, None)
}

fn handshake<'a>(request: &'a Request, url: &'a Endpoint) -> Handshake<'a> {
    Handshake {
        url,
        request,
        compression: None,
    }
}

#[test]
fn the_request_has_what_it_needs_and_no_more() {
    assert_eq!(
        head(&Request::new("ws://example")),
        "GET / HTTP/1.1\r\n\
         Host: example\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n\
         \r\n"
    );
}

#[test]
fn the_request_carries_all_that_it_was_told() {
    let request = Request::new("wss://[::1]:9000/a b/%C3%BC?q=ü&x")
        .origin("http://page.example")
        .subprotocol("chat.v2")
        .subprotocol("chat.v1")
        .header("X-Second", "2")
        .header("x-first", "grün")
        .header("X-Second", "again");
    assert_eq!(
        head(&request),
        "GET /a%20b/%C3%BC?q=%C3%BC&x HTTP/1.1\r\n\
         Host: [::1]:9000\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Origin: http://page.example\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Protocol: chat.v2, chat.v1\r\n\
         X-Second: 2\r\n\
         x-first: grün\r\n\
         X-Second: again\r\n\
         \r\n"
    );
}

#[test]
fn own_host_and_origin_replace_ours() {
    let request = Request::new("ws://127.0.0.1:80/")
        .origin("http://replaced")
        .header("HOST", "virtual.example")
        .header("origin", "http://own");
    let head = head(&request);
    assert!(head.starts_with("GET / HTTP/1.1\r\nHost: virtual.example\r\n"));
    assert!(head.ends_with("\r\norigin: http://own\r\n\r\n"));
    let lower = head.to_ascii_lowercase();
    assert_eq!(lower.matches("\r\nhost:").count(), 1);
    assert_eq!(lower.matches("\r\norigin:").count(), 1);
}

#[test]
fn an_authorization_of_our_own_is_replaced() {
    let request = Request::new("ws://a/").header("authorization", "Basic old");
    assert!(head(&request).contains("authorization: Basic old\r\n"));
    let head = handshake(&request, &url(&request)).encode(KEY, Some("Basic new"));
    assert!(head.contains("Authorization: Basic new\r\n"));
    assert!(!head.contains("old"));
}

#[test]
fn credentials_of_the_url_are_not_sent_unasked() {
    let head = head(&Request::new("ws://user:secret@example/"));
    assert!(!head.contains("user") && !head.contains("secret"), "{head}");
}

/// The answer with these lines, in which nothing is missing by itself.
fn answer(lines: &[(&str, &str)]) -> Response {
    let mut headers = Headers::default();
    for (name, value) in lines {
        headers.push(*name, *value);
    }
    Response {
        status: 101,
        reason: String::new(),
        headers,
        body: Bytes::new(),
    }
}

const GOOD: [(&str, &str); 3] = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Accept", ACCEPT),
];

fn check_with(
    replaced: &str,
    lines: &[(&'static str, &'static str)],
) -> Result<Option<String>, String> {
    let kept = GOOD.into_iter().filter(|(name, _)| *name != replaced);
    let lines: Vec<_> = kept.chain(lines.iter().copied()).collect();
    let request = Request::new("ws://a/").subprotocol("a").subprotocol("b");
    check(&answer(&lines), &request, None, KEY).map(|(subprotocol, _)| subprotocol)
}

#[test]
fn a_good_answer_passes() {
    assert_eq!(check_with("", &[]), Ok(None));
    for (replaced, line) in [
        ("Upgrade", ("UPGRADE", "WebSocket")),
        ("Upgrade", ("Upgrade", "h2c, websocket")),
        ("Connection", ("connection", "keep-alive, upgrade")),
        ("", ("Sec-WebSocket-Extensions", "")),
        ("", ("Sec-WebSocket-Protocol", "")),
    ] {
        assert_eq!(check_with(replaced, &[line]), Ok(None), "{line:?}");
    }
    let lines = [("Connection", "keep-alive"), ("Connection", "Upgrade")];
    assert_eq!(check_with("Connection", &lines), Ok(None));
    let chosen = check_with("", &[("Sec-WebSocket-Protocol", "b")]);
    assert_eq!(chosen, Ok(Some("b".into())));
}

#[test]
fn each_rule_of_the_answer_is_kept() {
    for (replaced, lines) in [
        ("Upgrade", &[][..]),
        ("Upgrade", &[("Upgrade", "")]),
        ("Upgrade", &[("Upgrade", "h2c")]),
        ("Upgrade", &[("Upgrade", "websocket2")]),
        ("Connection", &[]),
        ("Connection", &[("Connection", "keep-alive")]),
        ("Connection", &[("Connection", "close, Upgraded")]),
        ("Sec-WebSocket-Accept", &[]),
        ("Sec-WebSocket-Accept", &[("Sec-WebSocket-Accept", "")]),
        ("Sec-WebSocket-Accept", &[("Sec-WebSocket-Accept", KEY)]),
        // Base64 tells upper case from lower case.
        (
            "Sec-WebSocket-Accept",
            &[("Sec-WebSocket-Accept", "S3PPLMBITXAQ9KYGZZHZRBK+XOO=")],
        ),
        ("", &[("sec-websocket-accept", ACCEPT)]),
        ("", &[("Sec-WebSocket-Protocol", "c")]),
        ("", &[("Sec-WebSocket-Protocol", "A")]),
        ("", &[("Sec-WebSocket-Protocol", "a, b")]),
        (
            "",
            &[
                ("Sec-WebSocket-Protocol", "a"),
                ("Sec-WebSocket-Protocol", "b"),
            ],
        ),
        ("", &[("Sec-WebSocket-Extensions", "permessage-deflate")]),
        ("", &[("Sec-WebSocket-Extensions", ", x-what; a=1")]),
    ] {
        assert!(check_with(replaced, lines).is_err(), "{lines:?}");
    }
}

#[test]
fn a_subprotocol_that_nobody_asked_for_fails() {
    let lines = [&GOOD[..], &[("Sec-WebSocket-Protocol", "a")]].concat();
    let result = check(&answer(&lines), &Request::new("ws://a/"), None, KEY);
    assert!(result.unwrap_err().contains("\"a\""));
}

/// Old servers have the header all the same.
#[test]
fn an_empty_subprotocol_is_none() {
    let lines = [&GOOD[..], &[("Sec-WebSocket-Protocol", "")]].concat();
    let result = check(&answer(&lines), &Request::new("ws://a/"), None, KEY);
    assert_eq!(result.map(|(subprotocol, _)| subprotocol), Ok(None));
}

/// A server that answers with a text, in pieces, in which `{accept}` stands for the right key.
struct Server {
    request: Vec<u8>,
    template: &'static str,
    answer: Option<Vec<u8>>,
    piece: usize,
}

impl AsyncRead for Server {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let answer = this.answer.get_or_insert_with(|| {
            let request = str::from_utf8(&this.request).unwrap();
            assert!(
                request.ends_with("\r\n\r\n"),
                "answered too early: {request}"
            );
            let (_, rest) = request.split_once("Sec-WebSocket-Key: ").unwrap();
            let accept = derive_accept_key(rest.split_once('\r').unwrap().0.as_bytes());
            this.template.replace("{accept}", &accept).into_bytes()
        });
        let length = answer.len().min(this.piece).min(out.len());
        out[..length].copy_from_slice(&answer[..length]);
        answer.drain(..length);
        Poll::Ready(Ok(length))
    }
}

impl AsyncWrite for Server {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let length = bytes.len().min(self.piece);
        self.request.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn meet(template: &'static str, piece: usize) -> Result<Opened, Error> {
    let mut server = Server {
        request: Vec::new(),
        template,
        answer: None,
        piece,
    };
    let request = Request::new("ws://a/");
    let url = url(&request);
    let answer = handshake(&request, &url)
        .exchange(&mut server, None, &EventSink::default())
        .now_or_never()
        .expect("the server never lets wait")?;
    match answer {
        HandshakeOutcome::Opened(opened) => Ok(*opened),
        HandshakeOutcome::Other(other) => Err(refused(other.response)),
    }
}

#[test]
fn interim_answers_are_skipped_and_early_bytes_kept() {
    let template = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
        HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept:  {accept} \t\r\nX-Text: gr\u{FC}n\r\n\r\n\u{1}early";
    for piece in [4096, 1, 7] {
        let opened = meet(template, piece).unwrap();
        assert_eq!(opened.headers.get("x-text"), Some("grün"));
        assert_eq!(opened.headers.get("link"), None);
        assert!("\u{1}early".as_bytes().starts_with(&opened.early));
        assert!(piece < 4096 || opened.early == b"\x01early");
    }
}

/// RFC 9112 §5.2.
#[test]
fn folded_lines_are_read_as_blanks() {
    let template = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: keep-alive,\r\n\tUpgrade\r\nX-Info: one\r\n two\r\n \t three\r\n\
        Sec-WebSocket-Accept:\r\n {accept}\r\n\r\n";
    for piece in [4096, 1, 7] {
        let opened = meet(template, piece).unwrap();
        let info = opened.headers.get("x-info").unwrap();
        assert!(!info.contains(['\r', '\n', '\t']), "{info:?}");
        assert!(
            info.split(' ')
                .filter(|word| !word.is_empty())
                .eq(["one", "two", "three"])
        );
    }
}

#[test]
fn the_head_is_one_of_http_1_1() {
    for template in [
        "HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n",
        "HTTP/2 101 Switching Protocols\r\n\r\n",
        "101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 1x1 Switching Protocols\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nno colon\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nX: a\0b\r\n\r\n",
        // There is nothing in front of it to be folded (RFC 9112 §2.2).
        "HTTP/1.1 101 Switching Protocols\r\n folded: a\r\n\r\n",
    ] {
        for piece in [4096, 1] {
            let error = meet(template, piece).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Handshake, "{template:?}");
        }
    }
    let cut = meet("HTTP/1.1 101 Switching Protocols\r\nUpgrade: web", 4096);
    assert_eq!(cut.unwrap_err().kind(), ErrorKind::RemoteClosed);
}

/// Behind the beginning, a head is parsed at its line ends.
#[test]
fn garbage_is_noticed_at_the_end_of_the_stream() {
    let start = "HTTP/1.1 101 Switching Protocols\r\n";
    let template = format!("{start}X: {}\r\nY: a\0", "x".repeat(600)).leak();
    for piece in [4096, start.len() + 605, 1] {
        let error = meet(template, piece).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Handshake, "{piece}");
    }
}

#[test]
fn what_looks_like_the_end_of_a_chunked_body_may_be_inside_it() {
    let template = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\n0\r\n\r\n\r\n4\r\nmore\r\n0\r\n\r\n";
    for piece in [4096, 1] {
        let error = meet(template, piece).unwrap_err();
        assert_eq!(&error.response().unwrap().body()[..], b"0\r\n\r\nmore");
    }
}

#[test]
fn a_101_that_fails_is_in_the_error() {
    let error = meet("HTTP/1.1 101 Fine\r\nX-Why: because\r\n\r\n", 4096).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handshake);
    let response = error.response().unwrap();
    assert_eq!((response.status(), response.reason()), (101, "Fine"));
    assert_eq!(response.headers().get("X-Why"), Some("because"));
}
