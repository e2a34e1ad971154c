//! The opening handshake's request: origin, headers, subprotocols.

use qwebsocket::{ErrorKind, Features, Request, WebSocket};
use support::{Accept, Script};

use super::story::Story;
use super::{Lab, Target};

/// `Origin` is sent in its place.
pub(crate) async fn origin_set<T: Target>(lab: Lab<T>) {
    let request = |request: Request| request.origin("http://example.com");
    let Some(story) = opens_with(&lab, Features::ORIGIN, request).await else {
        return;
    };
    assert_eq!(story.socket.origin().as_deref(), Some("http://example.com"));
    let names = names_sent(&story).await;
    let expected = [
        "Host",
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Key",
        "Origin",
        "Sec-WebSocket-Version",
    ];
    assert_eq!(names, expected);
    let log = story.run.log(1).await;
    assert_eq!(log.headers(1, "Origin"), ["http://example.com"]);
}

/// A lone LF in the origin is refused; Qt sends it, and with it a header of the attacker's.
pub(crate) async fn origin_lf<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let request = story.request(&Script::echo());
    story.refuses(request.origin("My server\nEvil: yes")).await;
    story.run.saw_nobody().await;
}

/// Own headers keep their order and case, and may repeat; Qt sorts them and lowers their case.
pub(crate) async fn headers_custom<T: Target>(lab: Lab<T>) {
    let headers = [
        ("X-One", "1"),
        ("x-two", "zwei"),
        ("Cookie", "a=b; c=d"),
        ("X-One", "again"),
        ("User-Agent", "qtref/1"),
        ("Authorization", "Bearer t0ken"),
    ];
    let request = |request| {
        let add = |request: Request, (name, value)| request.header(name, value);
        headers.into_iter().fold(request, add)
    };
    let Some(story) = opens_with(&lab, Features::HEADERS, request).await else {
        return;
    };
    let log = story.run.log(1).await;
    let sent = &log.request(1)[6..];
    let expected = headers.map(|(name, value)| format!("{name}: {value}"));
    assert_eq!(sent, expected);
}

/// Headers of the handshake are refused, `Host` and `Origin` replace ours; Qt sends all of them
/// twice.
pub(crate) async fn headers_reserved<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    for (name, value) in [
        ("Upgrade", "h2c"),
        ("Connection", "close"),
        ("Sec-WebSocket-Key", "AAAA"),
        ("Sec-WebSocket-Version", "8"),
        ("sec-websocket-extensions", "permessage-deflate"),
    ] {
        let request = story.request(&Script::echo());
        story.refuses(request.header(name, value)).await;
    }
    story.run.saw_nobody().await;

    let request = |request: Request| {
        let request = request.header("Host", "evil.example");
        request.header("Origin", "http://h")
    };
    let Some(story) = opens_with(&lab, Features::HEADERS, request).await else {
        return;
    };
    let log = story.run.log(1).await;
    assert_eq!(log.headers(1, "Host"), ["evil.example"]);
    assert_eq!(log.headers(1, "Origin"), ["http://h"]);
}

/// A header name that is no token is refused; Qt drops the header.
pub(crate) async fn headers_bad_name<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let request = story.request(&Script::echo()).header("X Bad Name", "a");
    story.refuses(request.header("Fine", "b")).await;
    story.run.saw_nobody().await;
}

/// The server chooses the second subprotocol.
pub(crate) async fn subprotocol_chosen<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let accept = Accept::new().protocol("chat2");
    offer(&story, accept, &["chat1", "chat2"]);
    assert_eq!(story.socket.subprotocol(), None);
    story.opened().await;
    assert_eq!(story.socket.subprotocol().as_deref(), Some("chat2"));
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    assert_eq!(offered(&story).await, "chat1, chat2");
}

/// The server chooses none, which is fine; some browsers fail the connection.
pub(crate) async fn subprotocol_none_chosen<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    offer(&story, Accept::new(), &["chat1", "chat2"]);
    if story.opens_or_fails().await {
        assert_eq!(story.socket.subprotocol(), None);
        story.closes().await;
        story.run.saw(["Close(1000)", "eof"]).await;
    }
    assert_eq!(offered(&story).await, "chat1, chat2");
}

/// The server chooses a subprotocol that was not offered: the handshake fails. Qt stays in
/// `Connecting` for ever.
pub(crate) async fn subprotocol_not_requested<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    offer(&story, Accept::new().protocol("other"), &["chat1"]);
    story.fails_to_open(ErrorKind::Handshake).await;
    if lab.shakes_hands() {
        assert!(story.socket.error_string().contains("other"));
    }
    story.run.saw(["eof"]).await;
}

/// The server chooses two subprotocols: as [`subprotocol_not_requested`].
pub(crate) async fn subprotocol_two_chosen<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let accept = Accept::new().protocol("chat1, chat2");
    offer(&story, accept, &["chat1", "chat2"]);
    story.fails_to_open(ErrorKind::Handshake).await;
    story.run.saw(["eof"]).await;
}

/// Names that are no tokens are refused; Qt drops most of them and sends the empty one.
pub(crate) async fn subprotocol_invalid_names<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    for name in ["hello?", "a b", "x,y", "ünï", "", "tab\t", "{c}"] {
        let request = story.request(&Script::echo()).subprotocol("ok.v1");
        story.refuses(request.subprotocol(name)).await;
    }
    story.run.saw_nobody().await;

    let accept = Accept::new().protocol("ok.v1");
    offer(&story, accept, &["ok.v1", "tok!#$%&'*+-.^_`|~"]);
    story.opened().await;
    assert_eq!(story.socket.subprotocol().as_deref(), Some("ok.v1"));
    story.closes().await;
    assert_eq!(offered(&story).await, "ok.v1, tok!#$%&'*+-.^_`|~");
}

/// The server chooses a name that cannot even be offered: as [`subprotocol_not_requested`]. Qt
/// accepts a name that it dropped from its offer.
pub(crate) async fn subprotocol_invalid_chosen<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let request = story.request(&Script::echo()).subprotocol("good");
    story.refuses(request.subprotocol("a b")).await;
    story.run.saw_nobody().await;

    offer(&story, Accept::new().protocol("a b"), &["good"]);
    story.fails_to_open(ErrorKind::Handshake).await;
    story.run.saw(["eof"]).await;
}

/// A raw header for subprotocols belongs to the handshake and is refused; Qt merges it with the
/// offer.
pub(crate) async fn subprotocol_header_and_options<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let request = story.request(&Script::echo());
    let request = request.header("sec-websocket-protocol", "b, c ,,d");
    story
        .refuses(request.subprotocol("a").subprotocol("b"))
        .await;
    story.run.saw_nobody().await;
}

/// Opens and closes with what the change adds to a request, which needs this feature.
async fn opens_with<T: Target>(
    lab: &Lab<T>,
    needed: Features,
    change: impl FnOnce(Request) -> Request,
) -> Option<Story<T>> {
    let mut story = lab.story();
    let request = change(story.request(&Script::echo()));
    let opened = lab.granted(needed, story.socket.open(request));
    if opened.is_none() {
        story.is_over().await;
        story.run.saw_nobody().await;
        return None;
    }
    story.opened().await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    Some(story)
}

fn offer<T: Target>(story: &Story<T>, accept: Accept, names: &[&str]) {
    let script = Script::new().accept_with(accept).serve();
    let request = story.request(&script);
    let request = names.iter().fold(request, |r, name| r.subprotocol(*name));
    story.socket.open(request).unwrap();
}

/// The subprotocols in the request.
async fn offered<T: Target>(story: &Story<T>) -> String {
    let log = story.run.log(1).await;
    log.headers(1, "Sec-WebSocket-Protocol").join(" and ")
}

/// The names of the headers in the request.
async fn names_sent<T: Target>(story: &Story<T>) -> Vec<String> {
    let log = story.run.log(1).await;
    let lines = log.request(1)[1..].iter();
    let name = |line: &String| line.split(':').next().unwrap_or_default().to_owned();
    lines.map(name).collect()
}

cases! {
    origin_set,
    origin_lf,
    headers_custom,
    headers_reserved,
    headers_bad_name,
    subprotocol_chosen,
    subprotocol_none_chosen,
    subprotocol_not_requested,
    subprotocol_two_chosen,
    subprotocol_invalid_names,
    subprotocol_invalid_chosen,
    subprotocol_header_and_options,
}
