//! Time limits of a page that was busy or frozen.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use qwebsocket::{KeepAlive, Message, Options, Socket, State, Timeouts, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::{be_busy, tell_page, ways_to_go};
use crate::events;
use crate::server::Run;
use crate::time::sleep;

const LOST: [&str; 4] = [
    "error TimedOut",
    "Unconnected",
    "read finished",
    "disconnected",
];

/// Asks after 200 ms; the first answer is `pong`, later ones an echo.
fn probing(limit: u64) -> Options {
    let is_answer = |message: &Message| matches!(message.as_text(), Some("ping" | "pong"));
    let keep_alive = KeepAlive::probe(Duration::from_millis(200), "ping", is_answer);
    Options::new().keep_alive(keep_alive.limit(Duration::from_millis(limit)))
}

#[wasm_bindgen_test]
async fn an_answer_that_has_arrived_is_read_before_the_peer_is_given_up() {
    let script = "accept;frames,n=1,ms=8000;sleep,ms=100;frame,op=1,data=text:pong;serve";
    let socket = Socket::connect_with(Run::script(script).url(), probing(400))
        .await
        .unwrap();
    // The probe has gone, its answer is on the way.
    sleep(250).await;
    be_busy(1500.0);
    sleep(600).await;
    assert_eq!(
        socket.state(),
        State::Connected,
        "{:?}",
        socket.last_error()
    );
}

#[wasm_bindgen_test]
async fn a_silent_peer_of_a_busy_page_is_given_up() {
    let run = Run::script("accept;drain,ms=8000");
    let socket = Socket::connect_with(run.url(), probing(300)).await.unwrap();
    sleep(250).await;
    be_busy(1000.0);
    assert_eq!(events::rest(&socket).await, LOST);
}

/// The four limits of the opening together.
fn opening(limit: u64) -> Options {
    let step = Duration::from_millis(limit / 4);
    let timeouts = Timeouts::new().resolve(step).connect(step);
    Options::new().timeouts(timeouts.tls(step).handshake(step))
}

#[wasm_bindgen_test]
async fn a_handshake_that_was_answered_in_time_opens_a_busy_page() {
    for pause in [0, 20] {
        let socket = Socket::with_options(opening(500)).unwrap();
        socket.open(Run::echo().url().into()).unwrap();
        if pause > 0 {
            sleep(pause).await;
        }
        be_busy(900.0);
        let all = events::until(&socket, "connected").await;
        assert_eq!(all, ["Connecting", "Connected", "connected"]);
    }
}

#[wasm_bindgen_test]
async fn a_busy_page_gives_up_a_server_that_does_not_answer() {
    let socket = Socket::with_options(opening(400)).unwrap();
    let run = Run::script("sleep,ms=8000");
    socket.open(run.url().into()).unwrap();
    be_busy(700.0);
    let all = events::rest(&socket).await;
    assert_eq!(all[..2], ["Connecting", "error TimedOut"]);
}

#[wasm_bindgen_test]
async fn limits_begin_anew_when_the_page_is_back() {
    for &(_, returns) in ways_to_go() {
        let run = Run::script("accept;drain,ms=8000");
        let socket = Socket::connect_with(run.url(), probing(1000))
            .await
            .unwrap();
        sleep(900).await;
        tell_page(returns);
        sleep(600).await;
        assert_eq!(socket.state(), State::Connected, "{returns}");
        assert_eq!(events::rest(&socket).await, LOST);
    }
}

#[wasm_bindgen_test]
async fn a_peer_that_takes_what_is_queued_has_time_for_its_answer() {
    let timeouts = Timeouts::new().close(Duration::from_secs(2));
    // It leaves the close frame to what follows.
    let script = "rcvbuf,bytes=65536;accept;slow_read,ms=4000,gap=2,total=24000000;\
        frames,until=8,ms=5000;frame,op=8,data=hex:03e8;fin";
    let run = Run::script(script);
    let socket = Socket::connect_with(run.url(), Options::new().timeouts(timeouts))
        .await
        .unwrap();
    // Firefox tells only of whole messages that they are written.
    for _ in 0..512 {
        socket.send(vec![1; 64 << 10].into()).unwrap();
    }
    socket.close(Default::default()).unwrap();
    let all = events::rest(&socket).await;
    assert!(socket.last_error().is_none(), "{all:?}");
    assert!(socket.peer_close().is_some(), "{all:?}");
}

#[wasm_bindgen_test]
async fn what_the_peer_does_not_take_is_told_when_the_time_of_closing_is_over() {
    let timeouts = Timeouts::new().close(Duration::from_millis(300));
    let run = Run::script("accept;sleep,ms=6000");
    let socket = Socket::connect_with(run.url(), Options::new().timeouts(timeouts))
        .await
        .unwrap();
    socket.send(vec![1; 64 << 20].into()).unwrap();
    socket.close(Default::default()).unwrap();
    let flush = qwebsocket::WebSocketExt::flush(&socket).await;
    assert_eq!(flush.unwrap_err().kind(), qwebsocket::ErrorKind::TimedOut);
    let mut all = vec!["about to close", "Closing"];
    all.extend(LOST);
    assert_eq!(events::rest(&socket).await, all);
    assert!(socket.peer_close().is_none());
}

thread_local!(static ASKED: RefCell<Option<Rc<Socket>>> = const { RefCell::new(None) });

#[wasm_bindgen_test]
async fn what_recognizes_an_answer_may_call_the_socket() {
    let is_answer = |_: &Message| {
        let socket = ASKED.with_borrow(Option::clone).unwrap();
        socket.abort();
        true
    };
    let keep_alive = KeepAlive::probe(Duration::from_millis(50), "ping", is_answer);
    let options = Options::new().keep_alive(keep_alive);
    let socket = Socket::connect_with(Run::echo().url(), options)
        .await
        .unwrap();
    let socket = Rc::new(socket);
    ASKED.set(Some(socket.clone()));
    let all = events::rest(&socket).await;
    ASKED.take();
    assert_eq!(all[0], "about to close");
    assert_eq!(all.last().unwrap(), "disconnected");
}
