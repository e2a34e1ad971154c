//! The scripted socket, where a browser wakes whoever waits.

use futures::join;
use qwebsocket::testing::{self, Call, ScriptedSocket};
use qwebsocket::{
    CloseCode, ErrorKind, Event, Features, Options, Reconnect, ReconnectEvent, Reconnecting,
};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_scripted_socket_runs_below_reconnecting() {
    let script = ScriptedSocket::new().with_features(Features::NONE);
    let policy = Reconnect::to("ws://a/").greeting(|_| vec!["hello".into()]);
    let socket = Reconnecting::new(script.clone(), policy.attempts(1));
    let application = async {
        let mut messages = Vec::new();
        while let Some(event) = socket.next_event().await {
            if let ReconnectEvent::Socket(Event::Message(message)) = event {
                messages.push(message);
            }
        }
        messages
    };
    let network = async {
        assert_eq!(script.next_call().await, Call::Open("ws://a/".into()));
        script.connect();
        assert_eq!(script.next_call().await, Call::Send("hello".into()));
        script.receive("welcome");
        script.close_by_peer(CloseCode::NORMAL);
    };
    let (messages, ()) = join!(application, network);
    assert_eq!(messages, ["welcome".into()]);
}

#[wasm_bindgen_test]
fn a_pair_says_what_is_missing() {
    let refused = testing::pair(Options::new(), Options::new()).unwrap_err();
    let missing = ErrorKind::Unsupported(Features::OWN_STREAM);
    assert_eq!(refused.kind(), missing);
}
