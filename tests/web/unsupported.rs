//! What a browser cannot do is refused, and nothing else happens.

use std::sync::Arc;

use qwebsocket::{
    Bytes, ClientHandshake, ErrorKind, Features, Headers, Limits, Listener, MaskGenerator,
    Negotiated, Options, Request, Role, ServerHandshake, Socket, State, WebSocket,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::events;
use crate::server::{CLOSED_PORT, Run};

#[derive(Debug)]
struct Masks;

impl MaskGenerator for Masks {
    fn next_mask(&self) -> [u8; 4] {
        [0; 4]
    }
}

fn unsupported<T>(result: Result<T, qwebsocket::Error>) -> Features {
    match result.map(drop).unwrap_err().kind() {
        ErrorKind::Unsupported(features) => features,
        other => panic!("{other:?}"),
    }
}

fn invalid<T>(result: Result<T, qwebsocket::Error>) {
    let kind = result.map(drop).unwrap_err().kind();
    assert_eq!(kind, ErrorKind::InvalidInput);
}

#[wasm_bindgen_test]
fn a_browser_has_no_features_of_ours() {
    assert_eq!(Socket::FEATURES, Features::NONE);
    assert_eq!(Socket::new().features(), Features::NONE);
}

#[wasm_bindgen_test]
fn options_tell_all_that_is_missing() {
    let options = Options::new()
        .frames(true)
        .read_buffer_size(4096)
        .mask_generator(Arc::new(Masks))
        .limits(Limits::new().incoming_frame(1000).outgoing_frame(1000));
    let missing = Features::FRAMES
        | Features::READ_BUFFER
        | Features::MASKS
        | Features::INCOMING_FRAME
        | Features::OUTGOING_FRAME;
    assert_eq!(unsupported(options.clone().build()), missing);
    assert_eq!(unsupported(Socket::with_options(options.clone())), missing);
    assert!(Socket::with_options(options.best_effort(missing)).is_ok());
}

#[wasm_bindgen_test]
fn calls_are_refused() {
    let socket = Socket::new();
    assert_eq!(unsupported(socket.ping(Bytes::new())), Features::PING);
    invalid(socket.ping(vec![0; 126].into()));

    let part = socket.send_part("part".into(), false);
    assert_eq!(unsupported(part), Features::PARTS);

    let read_buffer = socket.set_read_buffer_size(Some(1));
    assert_eq!(unsupported(read_buffer), Features::READ_BUFFER);
    invalid(socket.set_read_buffer_size(Some(0)));
    socket.set_read_buffer_size(None).unwrap();

    let masks = socket.set_mask_generator(Some(Arc::new(Masks)));
    assert_eq!(unsupported(masks), Features::MASKS);
    socket.set_mask_generator(None).unwrap();

    let frames = socket.set_limits(Limits::new().incoming_frame(1));
    assert_eq!(unsupported(frames), Features::INCOMING_FRAME);
    invalid(socket.set_limits(Limits::new().outgoing_frame(0)));
    let limits = Limits::new().incoming_message(1);
    socket.set_limits(limits).unwrap();
    assert_eq!(socket.options().get_limits(), limits);

    assert!(!socket.try_flush().unwrap());
    assert_eq!(socket.local_address(), None);
    assert_eq!(socket.peer_address(), None);
}

#[wasm_bindgen_test]
async fn requests_are_refused() {
    let socket = Socket::new();
    let request = Request::new(CLOSED_PORT);
    let headers = request.clone().header("X", "y").origin("http://a");
    let missing = Features::HEADERS | Features::ORIGIN;
    assert_eq!(unsupported(socket.open(headers)), missing);
    let credentials = "ws://user:secret@127.0.0.1/".into();
    assert_eq!(
        unsupported(socket.open(credentials)),
        Features::AUTHENTICATION
    );
    assert_eq!(socket.state(), State::Unconnected);
    assert!(events::rest(&socket).await.is_empty());
}

#[wasm_bindgen_test]
async fn credentials_may_be_left_out() {
    let options = Options::new().best_effort(Features::AUTHENTICATION);
    let url = Run::echo().url().replace("ws://", "ws://user:secret@");
    let socket = Socket::connect_with(url, options).await.unwrap();
    assert!(!socket.request_url().contains("secret"));
    assert_eq!(socket.peer_name(), "127.0.0.1");
}

#[wasm_bindgen_test]
async fn the_servers_side_is_refused() {
    let listener = Listener::bind("127.0.0.1:0").await;
    assert_eq!(unsupported(listener), Features::SERVER);
    let stream = futures::io::Cursor::new(Vec::new());
    let accepting = Socket::accept(stream, Options::new());
    assert_eq!(unsupported(accepting), Features::SERVER);
    let handshake = ServerHandshake::new("GET", "/", Headers::default());
    assert_eq!(unsupported(handshake), Features::SERVER);
}

#[wasm_bindgen_test]
fn streams_of_ones_own_are_refused() {
    let handshake = ClientHandshake::new("ws://a/", &Options::new());
    assert_eq!(unsupported(handshake), Features::OWN_STREAM);
    let stream = futures::io::Cursor::new(Vec::new());
    let negotiated = Negotiated::new(Role::Client);
    let socket = Socket::upgraded(stream, negotiated, Options::new());
    assert_eq!(unsupported(socket), Features::OWN_STREAM);
}

#[wasm_bindgen_test]
async fn close_codes_are_refused() {
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    for code in [1001, 1002, 1003, 1007, 1014] {
        let close = qwebsocket::Close::new(code, "");
        assert_eq!(unsupported(socket.close(close)), Features::CLOSE_CODES);
    }
    for code in [0, 1004, 1005, 1006, 1015, 2999, 5000] {
        invalid(socket.close(qwebsocket::Close::new(code, "")));
    }
    assert!(socket.is_valid());
}
