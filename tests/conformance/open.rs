//! `open`: the URL, and how far it gets.

use qwebsocket::{Close, ErrorKind, Features, Limits, State, WebSocket, WebSocketExt};
use support::Script;

use super::run::Run;
use super::{Lab, Target};

/// Opens, tells at every stage what is known, and closes.
pub(crate) async fn open_ok<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let url = story.run.url(&Script::echo(), "/chat/room?x=1&y=a%20b");
    let path = url.strip_prefix(story.run.base()).unwrap().to_owned();
    story.socket.open((&*url).into()).unwrap();
    assert_eq!(story.socket.state(), State::Connecting);
    assert!(!story.socket.is_valid());
    assert_eq!(story.socket.request_url(), url);
    assert_eq!(story.socket.resource_name(), path);
    assert_eq!(story.socket.peer_name(), "127.0.0.1");
    assert_eq!(story.socket.peer_address(), None);

    story.opened().await;
    assert_eq!(story.socket.closed(), None);
    assert!(story.socket.last_error().is_none());
    assert_eq!(story.socket.request_url(), url);
    assert_eq!(story.socket.resource_name(), path);
    assert_eq!(story.socket.subprotocol(), None);
    assert_eq!(story.socket.origin(), None);
    let peer = story.socket.peer_address().map(|a| a.to_string());
    let local = story.socket.local_address().map(|a| a.ip().to_string());
    let known = lab.can(Features::ADDRESSES);
    assert_eq!(peer.as_deref(), known.then_some(story.run.authority()));
    assert_eq!(local.as_deref(), known.then_some("127.0.0.1"));

    story.closes().await;
    assert_eq!(story.socket.resource_name(), path);
    story.run.saw(["Close(1000)", "eof"]).await;
    let log = story.run.log(1).await;
    let mut lines = log.request(1).to_vec();
    let host = format!("Host: {}", story.run.authority());
    assert_eq!(lines[0], format!("GET {path} HTTP/1.1"));
    assert_eq!(lines[1], host);
    assert_eq!(log.header(1, "Sec-WebSocket-Version"), Some("13"));
    let key = log.header(1, "Sec-WebSocket-Key").unwrap();
    assert_eq!((key.len(), &key[22..]), (24, "=="), "16 bytes in Base64");
    if lab.shakes_hands() {
        lines.retain(|line| !line.starts_with("Sec-WebSocket-Key: "));
        let rest = [
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
        ];
        assert_eq!(lines[2..], rest);
    }
}

/// A socket that was never opened knows nothing, refuses to send and does no harm. Qt's `flush`
/// claims to have written something here.
pub(crate) async fn open_fresh_getters<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let socket = &story.socket;
    assert_eq!(socket.closed(), None);
    assert_eq!(socket.close_reason(), "");
    assert_eq!(socket.error_string(), "");
    assert_eq!(socket.info(), Default::default());
    assert_eq!(socket.version(), 13);
    let limits = socket.options().get_limits();
    assert_eq!(limits.get_outgoing_frame(), 524_288);
    assert_eq!(limits.get_incoming_frame(), 2_147_483_646);
    assert_eq!(limits.get_incoming_message(), 2_147_483_646);
    assert_eq!(Limits::MAX_OUTGOING_FRAME, 2_147_483_646);
    assert_eq!(Limits::MAX_INCOMING_FRAME, 2_147_483_646);
    assert_eq!(Limits::MAX_INCOMING_MESSAGE, 2_147_483_646);

    for result in [
        socket.send_text_message("x"),
        socket.send_binary_message(b"x"),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::WrongState);
    }
    let ping = socket.ping("x".into()).unwrap_err().kind();
    assert_eq!(ping, lab.ping_error(ErrorKind::WrongState));
    assert!(!socket.try_flush().unwrap());
    socket.flush().await.unwrap();
    socket.close(Close::default()).unwrap();
    socket.abort();
    assert_eq!(socket.closed(), None);
    story.is_over().await;
}

/// A fragment is refused (RFC 6455 §3); Qt drops it silently.
pub(crate) async fn open_fragment<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let url = story.run.url(&Script::echo(), "/p") + "#frag";
    story.refuses(url).await;
    story.run.saw_nobody().await;
}

/// A `?` goes out only before a query that is not empty (RFC 6455 §3), though the URL keeps it; a
/// browser sends it.
pub(crate) async fn open_empty_query<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let mut path = story.run.path() + "/p?";
    let url = format!("{}{path}", story.run.base());
    if lab.shakes_hands() {
        path.pop();
    }
    story.socket.open((&*url).into()).unwrap();
    assert_eq!(story.socket.resource_name(), path);
    assert_eq!(story.socket.request_url(), url);
    story.opened().await;
    assert_eq!(story.socket.request_url(), url);
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    let line = format!("GET {path} HTTP/1.1");
    assert_eq!(story.run.log(1).await.request(1)[0], line);
}

/// Dot segments and double slashes are sent as they are; a browser removes dot segments.
pub(crate) async fn open_dot_segments<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let written = story.run.path() + "/a/../b/./c//d";
    let path = if lab.shakes_hands() {
        written.clone()
    } else {
        story.run.path() + "/b/c//d"
    };
    let url = format!("{}{written}", story.run.base());
    story.socket.open(url.into()).unwrap();
    assert_eq!(story.socket.resource_name(), path);
    story.opened().await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    let line = format!("GET {path} HTTP/1.1");
    assert_eq!(story.run.log(1).await.request(1)[0], line);
}

/// An IPv6 address has brackets in the URL and in `Host`, and none in `peer_name`. Where the
/// server does not listen on it, the attempt gets as far as TCP.
pub(crate) async fn open_ipv6<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let Some(base) = T::server_on_ipv6() else {
        let url = story.run.base().replace("127.0.0.1", "[::1]");
        story.socket.open(url.into()).unwrap();
        assert_eq!(story.socket.peer_name(), "::1");
        return story.fails_to_open(ErrorKind::ConnectionRefused).await;
    };
    story.run = Run::at(base, &lab);
    story.open(&Script::echo());
    assert_eq!(story.socket.peer_name(), "::1");
    story.opened().await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    let log = story.run.log(1).await;
    assert!(story.run.authority().starts_with("[::1]:"));
    assert_eq!(log.header(1, "Host"), Some(story.run.authority()));
}

/// `http` is not taken for `ws`.
pub(crate) async fn open_bad_scheme_http<T: Target>(lab: Lab<T>) {
    refuses_scheme(lab, "http").await;
}

/// An unknown scheme is refused.
pub(crate) async fn open_bad_scheme_ftp<T: Target>(lab: Lab<T>) {
    refuses_scheme(lab, "ftp").await;
}

async fn refuses_scheme<T: Target>(lab: Lab<T>, scheme: &str) {
    let mut story = lab.story();
    let url = story.run.url(&Script::echo(), "");
    story.refuses(url.replacen("ws", scheme, 1)).await;
    story.run.saw_nobody().await;
}

/// An empty URL is refused.
pub(crate) async fn open_bad_scheme_empty<T: Target>(lab: Lab<T>) {
    lab.story().refuses("").await;
}

/// Line ends in the host are refused.
pub(crate) async fn open_bad_crlf_host<T: Target>(lab: Lab<T>) {
    lab.story().refuses("ws://my\r\nhost/").await;
}

/// Line ends in the path are refused.
pub(crate) async fn open_bad_crlf_path<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let url = format!("{}{}", story.run.base(), story.run.path());
    story.refuses(url + "/tricky\r\npath").await;
    story.run.saw_nobody().await;
}

/// Line ends in the path are refused when they are percent-encoded, too. In a query, where a value
/// may have several lines, those are sent as they are.
pub(crate) async fn open_bad_crlf_encoded_lower<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let url = format!("{}{}", story.run.base(), story.run.path());
    story.refuses(url + "/tricky%0d%0apath").await;
    story.run.saw_nobody().await;

    let url = story.run.url(&Script::echo(), "/p?lines=one%0D%0atwo");
    let target = url.strip_prefix(story.run.base()).unwrap().to_owned();
    story.socket.open((&*url).into()).expect("a good query");
    story.opened().await;
    story.closes().await;
    let line = format!("GET {target} HTTP/1.1");
    assert_eq!(story.run.log(1).await.request(1)[0], line);
}

/// A URL without a host is refused at once; Qt looks the empty name up.
pub(crate) async fn open_bad_nohost<T: Target>(lab: Lab<T>) {
    lab.story().refuses("ws:///path").await;
}

/// Nobody listens: `ConnectionRefused`.
pub(crate) async fn open_refused_port<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.socket.open(T::nobody().into()).unwrap();
    story.fails_to_open(ErrorKind::ConnectionRefused).await;
}

/// A name that does not resolve: `HostNotFound`.
pub(crate) async fn open_host_not_found<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let url = "ws://no-such-host.invalid/";
    story.socket.open(url.into()).unwrap();
    assert_eq!(story.socket.request_url(), url);
    assert_eq!(story.socket.peer_name(), "no-such-host.invalid");
    story.fails_to_open(ErrorKind::HostNotFound).await;
}

/// Without a port it is 80, where nobody listens.
pub(crate) async fn open_default_port<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    story.socket.open("ws://127.0.0.1/".into()).unwrap();
    assert_eq!(story.socket.request_url(), "ws://127.0.0.1/");
    assert_eq!(story.socket.resource_name(), "/");
    story.fails_to_open(ErrorKind::ConnectionRefused).await;
}

cases! {
    open_ok,
    open_fresh_getters,
    open_fragment,
    open_empty_query,
    open_dot_segments,
    open_ipv6,
    open_bad_scheme_http,
    open_bad_scheme_ftp,
    open_bad_scheme_empty,
    open_bad_crlf_host,
    open_bad_crlf_path,
    open_bad_crlf_encoded_lower,
    open_bad_nohost,
    open_refused_port,
    open_host_not_found,
    open_default_port,
}
