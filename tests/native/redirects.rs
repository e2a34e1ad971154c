//! Redirects, which are followed if wanted.

use qwebsocket::{
    Credentials, ErrorKind, Event, Options, Proxy, Request, Socket, WebSocket, WebSocketExt,
};
use support::Script;

use crate::common::{fail, message, run};
use crate::scripted::Scripted;
use crate::tls_front::TlsFront;

fn to(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Over There\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

/// A server that leads there.
fn leading(location: &str) -> Scripted {
    Scripted::new(Script::new().raw(to(302, location)))
}

fn following(limit: u32) -> Options {
    Options::new().redirects(limit)
}

/// Connects, and has a message echoed.
async fn echo(request: impl Into<Request>, options: Options) -> Socket {
    let socket = Socket::connect_with(request, options).await.unwrap();
    socket.send("hello".into()).unwrap();
    assert_eq!(message(&socket).await, "hello".into());
    socket
}

#[test]
fn they_are_not_followed_unless_wanted() {
    let there = Scripted::new(Script::echo());
    let here = leading(&there.url());
    run(async {
        let error = fail(&Socket::new(), here.url()).await;
        assert_eq!(error.kind(), ErrorKind::Handshake);
        let response = error.response().unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.headers().get("Location"), Some(&*there.url()));
    });
}

#[test]
fn each_kind_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let there = Scripted::new(Script::echo());
        let location = there.url().replace("ws://", "http://");
        let here = Scripted::new(Script::new().raw(to(status, &location)));
        run(async {
            let socket = echo(here.url(), following(1)).await;
            assert_eq!(socket.info().request_url(), there.url());
            let peer = socket.peer_address().unwrap().to_string();
            assert_eq!(peer, there.authority());
            drop(socket);
            assert_eq!(there.sent(1, "Host").await, [there.authority()]);
            let log = there.log(1).await;
            assert!(log.request(1)[0].starts_with("GET /run/"), "{log}");
        });
    }
}

#[test]
fn other_statuses_lead_nowhere() {
    for status in [300, 304, 305, 399] {
        let there = Scripted::new(Script::echo());
        let here = Scripted::new(Script::new().raw(to(status, &there.url())));
        run(async {
            let socket = Socket::with_options(following(5)).unwrap();
            let error = fail(&socket, here.url()).await;
            assert_eq!(error.response().unwrap().status(), status);
        });
    }
}

#[test]
fn without_a_location_that_can_be_used_it_is_an_error() {
    run(async {
        let socket = Socket::with_options(following(5)).unwrap();
        let nowhere = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n";
        let server = Scripted::new(Script::new().raw(nowhere));
        let error = fail(&socket, server.url()).await;
        assert_eq!(error.response().unwrap().status(), 302);
        for location in ["ftp://127.0.0.1/", "http://", "javascript:x"] {
            let error = fail(&socket, leading(location).url()).await;
            assert_eq!(error.kind(), ErrorKind::Handshake, "{location}");
            assert!(error.to_string().contains("redirects"), "{error}");
        }
    });
}

#[test]
fn a_relative_location_stays_on_the_server() {
    let script = Script::new().request().raw(to(302, "../there?x=1#y"));
    let server = Scripted::new(script.next_connection().request().accept().serve());
    run(async {
        let port = server.own_port().await;
        let url = format!("ws://127.0.0.1:{port}/a/b/c?d");
        let request = Request::new(url)
            .header("Authorization", "Bearer t0ken")
            .header("Cookie", "a=b")
            .subprotocol("chat");
        let socket = Socket::connect_with(request, following(1)).await;
        let url = socket.unwrap().request_url();
        assert_eq!(url, format!("ws://127.0.0.1:{port}/a/there?x=1"));
        for (name, value) in [
            ("Authorization", "Bearer t0ken"),
            ("Cookie", "a=b"),
            ("Sec-WebSocket-Protocol", "chat"),
        ] {
            assert_eq!(server.sent(2, name).await, [value, value]);
        }
    });
}

#[test]
fn a_loop_ends_at_the_limit() {
    let server = Scripted::new(Script::new().request().raw(to(307, "/again")));
    run(async {
        let url = format!("ws://127.0.0.1:{}/", server.own_port().await);
        let socket = Socket::with_options(following(3)).unwrap();
        let error = fail(&socket, url).await;
        assert_eq!(error.kind(), ErrorKind::Handshake);
        assert_eq!(error.response().unwrap().status(), 307);
        assert_eq!(server.log(4).await.connections.len(), 4);
    });
}

#[test]
fn another_server_is_told_nothing_that_is_not_for_it() {
    let denied = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"there\"\r\n\
        Content-Length: 0\r\n\r\n";
    let there = Scripted::new(Script::new().raw(denied).request().accept().serve());
    let denied_here = denied.replace("there", "here");
    let script = Script::new().raw(denied_here).request();
    let here = Scripted::new(script.raw(to(302, &there.url())));
    let request = |server: &Scripted| {
        Request::new(server.url_of("user:pass"))
            .header("Authorization", "Bearer t0ken")
            .header("Proxy-Authorization", "Bearer t0ken")
            .header("Cookie", "a=b")
            .header("Host", "here.example")
            .header("X-Other", "a key of ours")
    };
    run(async {
        // Neither the credentials of the URL nor those of the options are for there.
        let options = following(1).credentials(Credentials::new("other", "pass"));
        let socket = Socket::with_options(options).unwrap();
        let error = fail(&socket, request(&here)).await;
        assert_eq!(error.kind(), ErrorKind::Authentication);
        let basic = "Basic dXNlcjpwYXNz";
        let sent = here.sent(1, "Authorization").await;
        assert_eq!(sent, ["Bearer t0ken", basic]);
        for (name, sent) in [
            ("Authorization", "-"),
            ("Proxy-Authorization", "-"),
            ("Cookie", "-"),
            ("Host", &*there.authority()),
            ("X-Other", "-"),
        ] {
            assert_eq!(there.sent(1, name).await, [sent], "{name}");
        }

        // Who is asked is told by whom.
        let socket = Socket::with_options(following(1).ask_credentials(true)).unwrap();
        let here = leading(&there.url());
        socket.open(here.url().into()).unwrap();
        loop {
            match socket.next_event().await.unwrap() {
                Event::Authenticate(decision) => {
                    assert_eq!(decision.question().host(), there.authority());
                    assert_eq!(decision.question().realm(), "there");
                    decision.answer(Credentials::new("user", "pass"));
                }
                Event::Connected => break,
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
        drop(socket);
        let sent = there.sent(2, "Authorization").await;
        assert_eq!(sent, ["-", "-", basic]);
    });
}

#[test]
fn tls_is_gained_but_never_lost() {
    let there = Scripted::new(Script::echo());
    let front = TlsFront::of(&there.authority());
    let secure = there.url().replace(
        &format!("ws://{}", there.authority()),
        &format!("https://localhost:{}", front.port()),
    );
    let up = leading(&secure);
    let down = leading(&there.url());
    let down_front = TlsFront::of(&down.authority());
    run(async {
        let options = following(1).tls(front.trusted());
        let socket = echo(up.url(), options).await;
        assert!(socket.request_url().starts_with("wss://localhost:"));
        drop(socket);
        assert_eq!(there.log(1).await.connections.len(), 1);

        let options = following(1).tls(down_front.trusted());
        let socket = Socket::with_options(options).unwrap();
        let url = down.url().replace(
            &format!("ws://{}", down.authority()),
            &format!("wss://{}", down_front.address()),
        );
        let error = fail(&socket, url).await;
        assert_eq!(error.kind(), ErrorKind::Handshake);
        assert!(error.to_string().contains("from wss to ws"), "{error}");
        assert_eq!(there.log(1).await.connections.len(), 1);
    });
}

#[test]
fn a_proxy_is_asked_for_each() {
    let through = "HTTP/1.1 200 OK\r\n\r\n";
    let denied = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"a\"\r\n\
        Content-Length: 0\r\n\r\n";
    let first = Script::new().request().raw(denied).request().raw(through);
    let first = first.request().raw(to(302, "ws://b.example:81/c"));
    let second = first.next_connection().request().raw(through).request();
    let server = Scripted::new(second.accept().serve());
    run(async {
        let proxy = Proxy::http("127.0.0.1", server.own_port().await);
        let proxy = proxy.credentials(Credentials::new("user", "pass"));
        drop(echo("ws://a.example/", following(1).proxy(proxy)).await);
        let log = server.log(2).await;
        let lines: Vec<_> = [1, 2]
            .into_iter()
            .flat_map(|number| log.requests(number))
            .map(|lines| &*lines[0])
            .collect();
        let expected = [
            "CONNECT a.example:80 HTTP/1.1",
            "CONNECT a.example:80 HTTP/1.1",
            "GET / HTTP/1.1",
            "CONNECT b.example:81 HTTP/1.1",
            "GET /c HTTP/1.1",
        ];
        assert_eq!(lines, expected);
        let basic = "Basic dXNlcjpwYXNz";
        let sent = server.sent(2, "Proxy-Authorization").await;
        assert_eq!(sent, ["-", basic, "-", basic, "-"]);
    });
}
