use super::*;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

const GOOD: [(&str, &str); 5] = [
    ("Host", "example"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", KEY),
    ("Sec-WebSocket-Version", "13"),
];

fn head(lines: impl IntoIterator<Item = (&'static str, &'static str)>) -> Head {
    let mut headers = Headers::default();
    for (name, value) in lines {
        headers.push(name, value);
    }
    Head {
        method: "GET".into(),
        target: "/".into(),
        headers,
    }
}

/// Checks a good request in which the lines with one name are replaced by these values.
fn check_with(name: &'static str, values: &[&'static str]) -> Result<String, u16> {
    let kept = GOOD.into_iter().filter(|(other, _)| *other != name);
    let replaced = values.iter().map(|value| (name, *value));
    let checked = check(&head(kept.chain(replaced)));
    checked.map(|asked| asked.key).map_err(|(status, _)| status)
}

#[test]
fn a_target_is_a_path_or_a_whole_url() {
    for (target, expected) in [
        ("/chat?a", Some((None, "/chat?a"))),
        ("//chat", Some((None, "//chat"))),
        ("http://other/chat", Some((Some("other"), "/chat"))),
        ("HTTPS://other:8443", Some((Some("other:8443"), "/"))),
        ("http://other?a=/b", Some((Some("other"), "/?a=/b"))),
        ("http:///chat", None),
        ("/chat#f", None),
        ("http://other/#", None),
        ("ws://other/chat", None),
        ("other:443", None),
        (".other/chat", None),
        ("*", None),
        ("", None),
    ] {
        let split = split_target(target);
        let split = split.as_ref().map(|(host, path)| (*host, path.as_str()));
        assert_eq!(split, expected, "{target}");
    }
}

#[test]
fn a_good_request_gives_its_key() {
    for (name, values) in [
        ("Upgrade", &["WebSocket"][..]),
        ("Upgrade", &["h2c, websocket"]),
        ("Connection", &["keep-alive, Upgrade"]),
        ("Connection", &["keep-alive", "upgrade"]),
        ("Host", &["Example.com:80"]),
        ("Host", &["a.example."]),
        ("Host", &["a_b:"]),
        ("Host", &["[::1]:9000"]),
        ("Content-Length", &["0"]),
        ("Content-Length", &["0", "0"]),
        ("Expect", &["100-continue"]),
        ("Sec-WebSocket-Protocol", &["a, b", "c"]),
        (
            "Sec-WebSocket-Extensions",
            &["permessage-deflate; client_max_window_bits"],
        ),
        ("Origin", &["null"]),
    ] {
        assert_eq!(
            check_with(name, values),
            Ok(KEY.into()),
            "{name} {values:?}"
        );
    }
}

#[test]
fn each_rule_of_the_request_is_kept() {
    for (name, values, status) in [
        ("Host", &[][..], 400),
        ("Host", &[""], 400),
        ("Host", &["a b/c@d"], 400),
        ("Host", &["inside.example/admin?"], 400),
        ("Host", &["user@a"], 400),
        ("Host", &["@a"], 400),
        ("Host", &["a#b"], 400),
        ("Host", &["a\\b"], 400),
        ("Host", &["a%41"], 400),
        ("Host", &["b\u{fc}cher.example"], 400),
        ("Host", &[":80"], 400),
        ("Host", &["a:b"], 400),
        ("Host", &["a:65536"], 400),
        ("Host", &[".a"], 400),
        ("Host", &["a..b"], 400),
        ("Host", &["::1"], 400),
        ("Host", &["[::1"], 400),
        ("Host", &["[a]"], 400),
        ("Host", &["[fe80::1%25eth0]"], 400),
        ("Content-Length", &["11"], 400),
        ("Content-Length", &["0", "11"], 400),
        ("Content-Length", &["-0"], 400),
        ("Content-Length", &[""], 400),
        ("Content-Length", &["x"], 400),
        ("Transfer-Encoding", &["chunked"], 400),
        ("Transfer-Encoding", &[""], 400),
        ("Upgrade", &[], 426),
        ("Upgrade", &["h2c"], 426),
        ("Connection", &[], 426),
        ("Connection", &["keep-alive"], 426),
        ("Sec-WebSocket-Version", &[], 426),
        ("Sec-WebSocket-Version", &["8"], 426),
        ("Sec-WebSocket-Version", &["130"], 426),
        ("Sec-WebSocket-Protocol", &["a b"], 400),
        ("Sec-WebSocket-Protocol", &["a", "b@c"], 400),
        ("Sec-WebSocket-Key", &[], 400),
        ("Sec-WebSocket-Key", &[""], 400),
        ("Sec-WebSocket-Key", &[KEY, KEY], 400),
        ("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25jZQ="], 400),
        ("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25j"], 400),
        ("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25jZQ-="], 400),
        ("Sec-WebSocket-Key", &["dGhlIHNhbXBsZSBub25j\u{e9}Z=="], 400),
        (
            "Sec-WebSocket-Key",
            &["\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}=="],
            400,
        ),
        (
            "Sec-WebSocket-Key",
            &["dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="],
            400,
        ),
    ] {
        assert_eq!(check_with(name, values), Err(status), "{name} {values:?}");
    }
}

/// The host of a whole URL is checked like that of the header, which is checked in any case.
#[test]
fn the_host_of_a_target_is_checked() {
    for (target, is_good) in [
        ("http://other.example:8/x", true),
        ("http://user@other.example/x", false),
        ("http://a..b/x", false),
        ("http://a:b/x", false),
    ] {
        let head = Head {
            target: target.into(),
            ..head(GOOD)
        };
        assert_eq!(check(&head).is_ok(), is_good, "{target}");
    }
    let lines = GOOD.map(|(name, value)| match name {
        "Host" => (name, "a b"),
        _ => (name, value),
    });
    let head = Head {
        target: "http://other.example/".into(),
        ..head(lines)
    };
    assert!(check(&head).is_err());
}

#[test]
fn only_get_asks_for_a_websocket() {
    for method in ["POST", "HEAD", "get", "CONNECT", ""] {
        let head = Head {
            method: method.into(),
            ..head(GOOD)
        };
        assert_eq!(check(&head).unwrap_err().0, 405, "{method}");
    }
}

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

/// RFC 9112 §3.2: a proxy in front may have looked at the other one.
#[test]
fn two_hosts_are_refused() {
    let hosts = ["one.example", "two.example"];
    assert_eq!(check_with("Host", &hosts), Err(400));
}

/// RFC 9110 §15.5.6.
#[test]
fn a_405_tells_which_method_there_is() {
    assert!(refusal(405).contains("\r\nAllow: GET\r\n"));
}
