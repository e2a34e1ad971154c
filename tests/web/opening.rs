use std::time::Duration;

use qwebsocket::{
    ErrorKind, Message, Options, Request, Socket, State, Timeouts, WebSocket, WebSocketExt,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::events;
use crate::server::{CLOSED_PORT, Run};
use crate::time::sleep;

const NEVER_ANSWERS: &str = "sleep,ms=8000";

#[wasm_bindgen_test]
async fn a_connection_opens() {
    let run = Run::echo();
    let socket = Socket::new();
    socket.open(run.url_of("/a%20b").into()).unwrap();
    assert_eq!(socket.state(), State::Connecting);
    assert_eq!(
        events::until(&socket, "connected").await,
        ["Connecting", "Connected", "connected"]
    );
    let info = socket.info();
    assert_eq!(info.request_url(), run.url_of("/a%20b"));
    assert!(info.request_url().ends_with(&info.resource_name()));
    assert!(info.resource_name().starts_with("/run/"));
    assert_eq!(info.peer_name(), "127.0.0.1");
    assert_eq!(info.subprotocol(), None);
    assert_eq!(info.extensions(), "");
    assert!(format!("{socket:?}").contains("Connected"));
}

#[wasm_bindgen_test]
fn the_browser_parses_the_url() {
    let socket = Socket::new();
    socket.open("WS://LOCALHOST:49151?x".into()).unwrap();
    assert_eq!(socket.request_url(), "ws://localhost:49151/?x");
    assert_eq!(socket.resource_name(), "/?x");
    assert_eq!(socket.peer_name(), "localhost");
    socket.open("ws://[0::1]:49151/a/./b/../é".into()).unwrap();
    assert_eq!(socket.request_url(), "ws://[::1]:49151/a/%C3%A9");
    assert_eq!(socket.resource_name(), "/a/%C3%A9");
    assert_eq!(socket.peer_name(), "::1");
}

/// A browser has no zones (WHATWG URL), and would only say that the URL is invalid.
#[wasm_bindgen_test]
fn a_zone_is_refused_with_a_word_on_it() {
    for url in ["ws://[fe80::1%25eth0]:49151/", "ws://[fe80::1%eth0]/"] {
        let error = Socket::new().open(url.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("zone"), "{error}");
    }
}

#[wasm_bindgen_test]
fn a_name_with_an_empty_label_is_refused() {
    for url in ["ws://.example/", "ws://a..example:80/"] {
        let error = Socket::new().open(url.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

#[wasm_bindgen_test]
async fn the_server_chooses_a_subprotocol() {
    let run = Run::script("accept,protocol=b;serve");
    let request = Request::new(run.url()).subprotocol("a").subprotocol("b");
    let socket = Socket::connect(request).await.unwrap();
    assert_eq!(socket.subprotocol().as_deref(), Some("b"));
}

#[wasm_bindgen_test]
async fn a_closed_port_is_a_failure() {
    let socket = Socket::new();
    socket.open(CLOSED_PORT.into()).unwrap();
    assert_eq!(
        events::rest(&socket).await,
        [
            "Connecting",
            "error Connection",
            "Unconnected",
            "disconnected"
        ]
    );
    assert_eq!(socket.last_error().unwrap().kind(), ErrorKind::Connection);
    assert!(!socket.error_string().is_empty());
    assert_eq!(socket.closed(), None);

    socket.open(Run::echo().url().into()).unwrap();
    assert!(socket.last_error().is_none());
    events::until(&socket, "connected").await;
}

#[wasm_bindgen_test]
async fn a_refused_handshake_is_a_failure() {
    let run = Run::script("send,data=text:HTTP/1.1 404 Not Found%250d%250a%250d%250a");
    let error = Socket::connect(run.url()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.response().is_none());
}

#[wasm_bindgen_test]
async fn a_bad_url_touches_nothing() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    // The last one is the browser's to refuse.
    for url in ["", "http://127.0.0.1/", "ws://127.0.0.1/#a", "ws://[zz]/"] {
        let kind = socket.open(url.into()).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::InvalidInput, "{url}");
    }
    assert_eq!(socket.state(), State::Connected);
    socket.send("still there".into()).unwrap();
    let event = events::next(&socket).await.unwrap();
    assert_eq!(events::told(&event), "Message(Text(\"still there\"))");
}

/// The whole of the opening gets four times this.
fn steps(limit: Duration) -> Timeouts {
    let timeouts = Timeouts::new().resolve(limit).connect(limit);
    timeouts.tls(limit).handshake(limit)
}

#[wasm_bindgen_test]
async fn opening_has_a_time_limit() {
    let options = Options::new().timeouts(steps(Duration::from_millis(25)));
    let socket = Socket::with_options(options).unwrap();
    socket
        .open(Run::script(NEVER_ANSWERS).url().into())
        .unwrap();
    assert_eq!(
        events::rest(&socket).await,
        [
            "Connecting",
            "error TimedOut",
            "Unconnected",
            "disconnected"
        ]
    );
}

#[wasm_bindgen_test]
async fn a_step_without_a_time_limit_leaves_the_opening_without_one() {
    let timeouts = steps(Duration::ZERO).tls(None);
    let options = Options::new().timeouts(timeouts);
    let socket = Socket::with_options(options).unwrap();
    let run = Run::script(NEVER_ANSWERS);
    socket.open(run.url().into()).unwrap();
    sleep(100).await;
    assert_eq!(socket.state(), State::Connecting);
    socket.abort();
}

#[wasm_bindgen_test]
async fn the_time_limit_ends_with_the_opening() {
    let options = Options::new().timeouts(steps(Duration::from_millis(125)));
    let socket = Socket::connect_with(Run::echo().url(), options)
        .await
        .unwrap();
    sleep(600).await;
    assert!(socket.is_valid());
}

#[wasm_bindgen_test]
async fn an_open_may_be_cancelled() {
    let run = Run::script(NEVER_ANSWERS);
    let socket = Socket::new();
    socket.open(run.url().into()).unwrap();
    sleep(50).await;
    socket.close(Default::default()).unwrap();
    assert_eq!(
        events::rest(&socket).await,
        [
            "Connecting",
            "about to close",
            "Unconnected",
            "read finished",
            "disconnected"
        ]
    );

    // Nothing of the first attempt may reach the second.
    socket.open(run.url().into()).unwrap();
    socket.abort();
    socket.open(Run::echo().url().into()).unwrap();
    let events = events::until(&socket, "connected").await;
    assert_eq!(events.iter().filter(|e| *e == "disconnected").count(), 1);
    sleep(100).await;
    assert!(socket.is_valid());
    assert!(socket.try_next().is_none());

    drop(socket);
    Socket::new().open(run.url().into()).unwrap();
    sleep(50).await;
}

#[wasm_bindgen_test]
async fn a_new_connection_replaces_the_old() {
    let (first, second) = (Run::echo(), Run::echo());
    let socket = Socket::connect(first.url()).await.unwrap();
    socket.open(second.url().into()).unwrap();
    assert_eq!(
        events::until(&socket, "connected").await,
        [
            "about to close",
            "Closing",
            "Unconnected",
            "read finished",
            "disconnected",
            "Connecting",
            "Connected",
            "connected"
        ]
    );
    assert_eq!(socket.closed(), None);
    assert_eq!(socket.request_url(), second.url());
    let close = Some((1000, "Connection closed".to_owned()));
    assert_eq!(first.close_frame().await, close);
    socket.send(Message::from("x")).unwrap();
    assert!(events::next(&socket).await.is_some());
}
