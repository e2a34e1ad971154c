use super::*;

#[test]
fn heads_are_those_of_http_1_1() {
    let bytes = b"GET /a?b HTTP/1.1\r\nHost:  x \r\nX: gr\xFCn\r\n\r\n\x81\x80";
    for end in 0..bytes.len() - 2 {
        assert!(matches!(parse(&bytes[..end]), Ok(None)), "{end}");
    }
    let (head, size) = parse(bytes).unwrap().unwrap();
    assert_eq!(size, bytes.len() - 2);
    assert_eq!((&*head.method, &*head.target), ("GET", "/a?b"));
    assert_eq!(head.headers.get("host"), Some("x"));
    assert_eq!(head.headers.get("x"), Some("grün"));
    for bad in [
        &b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"[..],
        b"GET / HTTP/2\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xFC",
    ] {
        assert!(parse(bad).is_err(), "{bad:?}");
    }
    let lines = |count| {
        let many = "X: y\r\n".repeat(count);
        format!("GET / HTTP/1.1\r\n{many}\r\n").into_bytes()
    };
    assert!(parse(&lines(http1::MAX_HEADERS)).is_ok());
    assert!(parse(&lines(http1::MAX_HEADERS + 1)).is_err());
}

fn refusal(status: u16) -> String {
    let mut bytes = futures::io::Cursor::new(Vec::new());
    let written = write_refusal(&mut bytes, status).now_or_never();
    written.expect("memory does not wait").unwrap();
    String::from_utf8(bytes.into_inner()).unwrap()
}

#[test]
fn a_refusal_is_a_whole_answer() {
    assert_eq!(
        refusal(426),
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Connection: Upgrade, close\r\nContent-Length: 0\r\n\r\n"
    );
    assert!(refusal(403).starts_with("HTTP/1.1 403 Forbidden\r\n"));
    // No phrase is known, but the blank behind the status belongs there (RFC 9112 §4).
    assert!(refusal(599).starts_with("HTTP/1.1 599 \r\n"));
}

/// RFC 9110 §15.5.6.
#[test]
fn a_405_tells_which_method_there_is() {
    assert!(refusal(405).contains("\r\nAllow: GET\r\n"));
}
