//! The last moment of a page.

use qwebsocket::{Close, Socket, WebSocket, WebSocketExt};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::{Probe, tell_page, ways_to_go};
use crate::server::Run;

const OPEN: u16 = 1;
const CLOSING: u16 = 2;

/// As a loop of frames, which is not run any more, would leave it.
async fn polled(run: &Run) -> Socket {
    let socket = Socket::connect(run.url()).await.unwrap();
    while socket.try_next().is_some() {}
    socket
}

#[wasm_bindgen_test]
async fn a_close_in_a_page_that_goes_is_given_at_once() {
    for &(goes, returns) in ways_to_go() {
        let run = Run::echo();
        let probe = Probe::new();
        let socket = polled(&run).await;
        tell_page(goes);
        socket.send("last".into()).unwrap();
        socket.close(Close::new(4001, "bye")).unwrap();
        // Neither a poll nor a timer comes any more.
        assert_eq!(probe.ready_state(0), CLOSING);
        assert_eq!(run.close_frame().await, Some((4001, "bye".into())));
        tell_page(returns);
    }
}

#[wasm_bindgen_test]
async fn a_close_that_waits_for_last_words_is_given_when_the_page_goes() {
    for &(goes, returns) in ways_to_go() {
        let run = Run::echo();
        let probe = Probe::new();
        let socket = polled(&run).await;
        socket.close(Close::new(4001, "bye")).unwrap();
        assert_eq!(probe.ready_state(0), OPEN);
        tell_page(goes);
        assert_eq!(probe.ready_state(0), CLOSING);
        assert_eq!(run.close_frame().await, Some((4001, "bye".into())));
        tell_page(returns);
    }
}

#[wasm_bindgen_test]
async fn there_is_time_for_last_words_in_a_page_that_is_back() {
    for &(goes, returns) in ways_to_go() {
        let probe = Probe::new();
        let socket = polled(&Run::echo()).await;
        tell_page(goes);
        tell_page(returns);
        socket.close(Close::new(4001, "bye")).unwrap();
        assert_eq!(probe.ready_state(0), OPEN);
    }
}
