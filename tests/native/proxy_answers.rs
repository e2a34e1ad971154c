//! What proxies answer, word by word: each refusal has its kind and its text.

use std::collections::HashSet;
use std::time::Duration;

use qwebsocket::{Credentials, ErrorKind, Options, Proxy, Socket, Timeouts, WebSocket};
use support::{Entry, Script, Socks5};

use crate::common::{fail, message, run};
use crate::scripted::Scripted;

const URL: &str = "ws://target.example:8080/";

type New = fn(&'static str, u16) -> Proxy;

/// What each proxy answers, before anybody asks, is refused with this kind; no two texts are alike.
fn all_fail(new: New, answers: &[(ErrorKind, &[u8])]) {
    let mut texts = HashSet::new();
    for (kind, answer) in answers {
        let server = Scripted::new(Script::new().raw(*answer).drain(10_000));
        run(async {
            let proxy = new("127.0.0.1", server.own_port().await);
            let socket = Socket::with_options(Options::new().proxy(proxy)).unwrap();
            let error = fail(&socket, URL).await;
            assert_eq!(error.kind(), *kind, "{}: {error}", answer.escape_ascii());
            let text = error.to_string();
            assert!(text.contains("proxy"), "{text}");
            assert!(texts.insert(text), "{error} is told twice");
        });
    }
}

#[test]
fn socks5_refuses_in_many_ways() {
    use ErrorKind::{
        HostNotFound, ProxyAuthentication, ProxyDenied, ProxyProtocol, ProxyUnreachable,
    };
    all_fail(
        Proxy::socks5,
        &[
            (ProxyProtocol, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            (ProxyProtocol, b"\x05\x01"),
            (ProxyAuthentication, b"\x05\xFF"),
            (ProxyUnreachable, b"\x05\0\x05\x01\0\x01"),
            (ProxyDenied, b"\x05\0\x05\x02\0\x01"),
            (ProxyUnreachable, b"\x05\0\x05\x03\0\x01"),
            (HostNotFound, b"\x05\0\x05\x04\0\x01"),
            (ProxyUnreachable, b"\x05\0\x05\x05\0\x01"),
            (ProxyUnreachable, b"\x05\0\x05\x06\0\x01"),
            (ProxyProtocol, b"\x05\0\x05\x07\0\x01"),
            (ProxyProtocol, b"\x05\0\x05\x08\0\x01"),
            (ProxyProtocol, b"\x05\0\x05\x09\0\x01"),
            (ProxyProtocol, b"\x05\0\x05\0\0\x02"),
        ],
    );
    // A login that was not offered, and another version behind the greeting.
    all_fail(Proxy::socks5, &[(ProxyAuthentication, b"\x05\x02")]);
    all_fail(Proxy::socks5, &[(ProxyProtocol, b"\x05\0\x04\0\0\x01")]);
}

#[test]
fn http_proxies_refuse_in_many_ways() {
    use ErrorKind::{ProxyAuthentication, ProxyDenied, ProxyProtocol, ProxyUnreachable};
    all_fail(
        Proxy::http,
        &[
            (ProxyProtocol, b"\x05\0"),
            (ProxyProtocol, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
            (ProxyProtocol, b"HTTP/1.1 200 OK\r\n\r\nnot a tunnel"),
            (ProxyProtocol, b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"),
            (ProxyDenied, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            (ProxyDenied, b"HTTP/1.1 403 Forbidden\r\n\r\n"),
            (ProxyDenied, b"HTTP/1.1 405 Method Not Allowed\r\n\r\n"),
            (ProxyAuthentication, b"HTTP/1.1 401 Unauthorized\r\n\r\n"),
            (ProxyAuthentication, b"HTTP/1.1 407 Who\r\n\r\n"),
            (
                ProxyAuthentication,
                b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Negotiate\r\n\r\n",
            ),
            (
                ProxyAuthentication,
                b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"a\"\r\n\r\n",
            ),
            (
                ProxyUnreachable,
                b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
            ),
            (ProxyUnreachable, b"HTTP/1.1 502 Bad Gateway\r\n\r\n"),
            (ProxyUnreachable, b"HTTP/1.1 504 Gateway Timeout\r\n\r\n"),
        ],
    );
}

#[test]
fn an_answer_that_breaks_off_is_the_proxys_end() {
    let http = "HTTP/1.1 200 Connection established\r\n\r\n";
    let socks5 = b"\x05\0\x05\0\0\x03\x04host\x1F\x90";
    let whole: [(New, &[u8]); 2] = [(Proxy::http, http.as_bytes()), (Proxy::socks5, socks5)];
    for (new, answer) in whole {
        for end in (0..answer.len()).step_by(3) {
            let begun = Script::new().raw(&answer[..end]);
            for script in [begun.clone().fin(), begun.rst()] {
                let server = Scripted::new(script);
                run(async {
                    let proxy = new("127.0.0.1", server.own_port().await);
                    let socket = Socket::with_options(Options::new().proxy(proxy)).unwrap();
                    let error = fail(&socket, URL).await;
                    assert_eq!(
                        error.kind(),
                        ErrorKind::ProxyConnectionClosed,
                        "{end}: {error}"
                    );
                });
            }
        }
    }
}

#[test]
fn a_proxy_that_is_silent_is_given_up() {
    let constructors: [New; 3] = [Proxy::http, Proxy::https, Proxy::socks5];
    let limit = Duration::from_millis(100);
    for new in constructors {
        let silent = support::silent().unwrap();
        run(async {
            let timeouts = Timeouts::new().connect(limit).tls(limit);
            let proxy = new("127.0.0.1", silent.address().port());
            let options = Options::new().timeouts(timeouts).proxy(proxy);
            let error = fail(&Socket::with_options(options).unwrap(), URL).await;
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert!(error.to_string().contains("proxy"), "{error}");
        });
    }
}

#[test]
fn interim_answers_are_skipped() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nX: y\r\n\r\n";
    let script = Script::new().request().raw(answer).request().accept();
    let server = Scripted::new(script.serve());
    run(async {
        let proxy = Proxy::http("127.0.0.1", server.own_port().await);
        let options = Options::new().proxy(proxy);
        Socket::connect_with(URL, options).await.unwrap();
    });
}

/// A folded line means a blank (RFC 9112 §5.2), and Basic may do without a realm.
#[test]
fn a_proxys_answer_may_be_folded_and_its_basic_without_a_realm() {
    for challenge in ["Basic\r\n\trealm=\"a\"", "Basic"] {
        let denied = format!(
            "HTTP/1.1 407 Who\r\nProxy-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
        );
        let through = "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n";
        let script = Script::new().request().raw(denied).request().raw(through);
        let server = Scripted::new(script.request().accept().serve());
        run(async {
            let proxy = Proxy::http("127.0.0.1", server.own_port().await);
            let proxy = proxy.credentials(Credentials::new("u", "p"));
            let options = Options::new().proxy(proxy);
            drop(Socket::connect_with(URL, options).await.unwrap());
            let sent = server.sent(1, "Proxy-Authorization").await;
            assert_eq!(sent, ["-", "Basic dTpw", "-"]);
        });
    }
}

/// Addresses go to a SOCKS proxy as they are, and it may tell its own in any form.
#[test]
fn addresses_come_in_three_kinds() {
    for (url, asked, bound) in [
        ("ws://10.9.8.7/", "address 10.9.8.7:80", "10.0.0.1"),
        ("ws://[fd00::7]:81/", "address [fd00::7]:81", "fd00::1"),
        (
            "ws://Bücher.example/",
            "name xn--bcher-kva.example:80",
            "proxy.example",
        ),
    ] {
        let script = Script::new().socks5(Socks5::new().bound(bound));
        let server = Scripted::new(script.request().accept().serve());
        run(async {
            let proxy = Proxy::socks5("127.0.0.1", server.own_port().await);
            let options = Options::new().proxy(proxy);
            let socket = Socket::connect_with(url, options).await.unwrap();
            socket.send("hello".into()).unwrap();
            assert_eq!(message(&socket).await, "hello".into());
            drop(socket);
            let log = server.log(1).await;
            let expected = Entry::Socks5(format!("connect {asked}"));
            assert!(log.connection(1).contains(&expected), "{log}");
        });
    }
}

#[test]
fn a_socks_proxy_takes_no_long_names() {
    let long = "x".repeat(256);
    let host = format!("ws://{}.example/", [&*"x".repeat(60); 5].join("."));
    let login = Socks5::new().login("user", "pass");
    for (url, credentials, script) in [
        (URL, Credentials::new(&*long, "pass"), login.clone()),
        (URL, Credentials::new("user", &*long), login),
        (&host, Credentials::new("user", "pass"), Socks5::new()),
    ] {
        let server = Scripted::new(Script::new().socks5(script));
        run(async {
            let proxy = Proxy::socks5("127.0.0.1", server.own_port().await);
            let options = Options::new().proxy(proxy.credentials(credentials));
            let error = fail(&Socket::with_options(options).unwrap(), url).await;
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("255 bytes"), "{error}");
        });
    }
}
