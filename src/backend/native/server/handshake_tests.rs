use super::*;
use crate::error::ErrorKind;

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

/// RFC 9112 §3.2: a proxy in front may have looked at the other one.
#[test]
fn two_hosts_are_refused() {
    let hosts = ["one.example", "two.example"];
    assert_eq!(check_with("Host", &hosts), Err(400));
}

fn handshake(lines: impl IntoIterator<Item = (&'static str, &'static str)>) -> ServerHandshake {
    ServerHandshake::new(
        "GET",
        "/room?a",
        head(GOOD.into_iter().chain(lines)).headers,
    )
    .unwrap()
}

/// The key and its answer are those of RFC 6455 §1.3, the offer that of RFC 7692 §7.1.3.
#[test]
fn a_101_agrees_on_what_was_offered() {
    let mut handshake = handshake([
        ("Sec-WebSocket-Protocol", "chat, superchat"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("Origin", "https://a.example"),
    ]);
    handshake.header("Set-Cookie".into(), "a=b".into());
    let compression = Compression::new().server_no_context_takeover(true);
    let (answer, negotiated) = handshake
        .accept(Some("superchat"), Some(&compression))
        .unwrap();
    assert_eq!(
        (answer.status(), answer.reason()),
        (101, "Switching Protocols")
    );
    let extension = "permessage-deflate; server_no_context_takeover";
    let lines: Vec<_> = answer.headers().iter().collect();
    let expected = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("Sec-WebSocket-Protocol", "superchat"),
        ("Sec-WebSocket-Extensions", extension),
        ("Set-Cookie", "a=b"),
    ];
    assert_eq!(lines, expected);
    assert_eq!(negotiated.role(), Role::Server);
    let deflate = negotiated.deflate.expect("it was agreed on");
    assert!(!deflate.outgoing.context_takeover && deflate.incoming.context_takeover);
    let info = negotiated.info();
    assert_eq!(info.request_url(), "ws://example/room?a");
    assert_eq!(info.resource_name(), "/room?a");
    assert_eq!(info.origin(), Some("https://a.example"));
    assert_eq!(info.subprotocol(), Some("superchat"));
    assert_eq!(info.extensions(), extension);
    assert_eq!(info.headers().get("Host"), Some("example"));
}

#[test]
fn nothing_is_agreed_on_that_one_side_does_not_want() {
    let offer = [("Sec-WebSocket-Extensions", "permessage-deflate")];
    for (mut handshake, compression) in [
        (handshake(offer), None),
        (handshake([]), Some(&Compression::new())),
    ] {
        let (answer, negotiated) = handshake.accept(None, compression).unwrap();
        assert_eq!(answer.headers().len(), 3);
        assert_eq!(negotiated.deflate, None);
    }
    let error = handshake([("Sec-WebSocket-Protocol", "chat")])
        .accept(Some("superchat"), None)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn an_error_has_the_answer_that_refuses() {
    let refused = |method, target, lines: &[(&'static str, &'static str)]| {
        let headers = head(lines.iter().copied()).headers;
        let error = ServerHandshake::new(method, target, headers).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Handshake);
        error.response().unwrap().clone()
    };
    let answer = refused("POST", "/", &GOOD);
    assert_eq!(
        (answer.status(), answer.headers().get("Allow")),
        (405, Some("GET"))
    );
    assert_eq!(refused("GET", "*", &GOOD).status(), 400);
    let answer = refused("GET", "/", &GOOD[..1]);
    assert_eq!(
        (answer.status(), answer.reason()),
        (426, "Upgrade Required")
    );
    // RFC 6455 §4.4, RFC 9110 §15.5.22.
    assert_eq!(answer.headers().get("Sec-WebSocket-Version"), Some("13"));
    assert_eq!(answer.headers().get("Upgrade"), Some("websocket"));
}

#[test]
fn an_application_refuses_with_lines_of_its_own() {
    let mut asked = handshake([]);
    asked.header("WWW-Authenticate".into(), "Basic".into());
    assert_eq!(
        asked.refuse(200).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let answer = asked.refuse(401).unwrap();
    assert_eq!((answer.status(), answer.reason()), (401, "Unauthorized"));
    assert_eq!(answer.headers().get("WWW-Authenticate"), Some("Basic"));
    assert_eq!(answer.headers().get("Content-Length"), Some("0"));
    for (name, value) in [
        ("Content-Length", "7"),
        ("Content-Length", "0"),
        ("Connection", "close"),
        ("Sec-WebSocket-Protocol", "chat"),
        ("X", "a\r\nY: b"),
    ] {
        let mut asked = handshake([]);
        asked.header(name.into(), value.into());
        assert_eq!(
            asked.refuse(401).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        assert_eq!(
            asked.accept(None, None).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
}

#[test]
fn pages_of_other_origins_are_refused() {
    let asked = handshake([("Origin", "https://evil.example")]);
    let allowed = ["https://a.example".to_owned()];
    let error = asked.check_origin(&allowed).unwrap_err();
    assert_eq!(error.response().unwrap().status(), 403);
    let asked = handshake([("Origin", "https://a.example")]);
    assert!(asked.check_origin(&allowed).is_ok());
    // What is from no page has none.
    assert!(handshake([]).check_origin(&allowed).is_ok());
}
