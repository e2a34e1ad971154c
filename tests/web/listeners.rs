//! Nothing of a socket stays behind in the browser.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use qwebsocket::{Close, Socket, WebSocket, WebSocketExt};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::Probe;
use crate::events;
use crate::server::{CLOSED_PORT, Run};
use crate::time::sleep;

const OPEN: u16 = 1;
const CLOSING: u16 = 2;

#[wasm_bindgen_test]
async fn dropping_removes_the_listeners() {
    let probe = Probe::new();
    let socket = Socket::connect(Run::echo().url()).await.unwrap();
    assert_eq!(probe.listeners(), 4);
    assert_eq!(probe.ready_state(0), OPEN);
    drop(socket);
    assert_eq!(probe.listeners(), 0);
    assert_eq!(probe.ready_state(0), CLOSING);
}

#[wasm_bindgen_test]
async fn every_end_removes_the_listeners() {
    let probe = Probe::new();
    let socket = Socket::new();

    socket.open(CLOSED_PORT.into()).unwrap();
    assert_eq!(probe.listeners(), 4);
    events::rest(&socket).await;
    assert_eq!(probe.listeners(), 0);

    socket.open(Run::echo().url().into()).unwrap();
    socket.abort();
    assert_eq!(probe.listeners(), 0);
    assert!(probe.ready_state(1) >= CLOSING);
    events::rest(&socket).await;

    socket.open(Run::echo().url().into()).unwrap();
    events::until(&socket, "connected").await;
    socket.open(Run::echo().url().into()).unwrap();
    assert_eq!(probe.listeners(), 4);
    assert!(probe.ready_state(2) >= CLOSING);
    events::until(&socket, "connected").await;
    socket.close(Close::default()).unwrap();
    events::rest(&socket).await;
    assert_eq!(probe.listeners(), 0);

    socket.open("ws://[zz]/".into()).unwrap_err();
    assert_eq!(probe.listeners(), 0);
}

#[wasm_bindgen_test]
async fn a_dropped_attempt_is_let_go() {
    let probe = Probe::new();
    let socket = Socket::new();
    socket.open(Run::echo().url().into()).unwrap();
    drop(socket);
    assert_eq!(probe.listeners(), 0);
    assert!(probe.ready_state(0) >= CLOSING);
    sleep(100).await;
}

#[wasm_bindgen_test]
async fn a_browser_may_answer_from_within_a_call() {
    let probe = Probe::with_hasty_sockets();
    let socket = Socket::connect("ws://hasty/").await.unwrap();
    socket.send("now".into()).unwrap();
    let event = events::next(&socket).await.unwrap();
    assert_eq!(events::told(&event), "Message(Text(\"now\"))");
    socket.close(Close::new(4000, "now")).unwrap();
    assert_eq!(
        events::rest(&socket).await,
        [
            "about to close",
            "Closing",
            "Unconnected",
            "read finished",
            "disconnected"
        ]
    );
    assert_eq!(socket.closed(), Some(Close::new(4000, "now")));
    assert_eq!(probe.listeners(), 0);
}

/// Wakes by calling into the socket, like an executor that polls from within `wake`.
struct Nosy(Rc<Socket>, Cell<bool>);

thread_local!(static NOSY: Cell<Option<Nosy>> = const { Cell::new(None) });

struct CallsBack;

impl Wake for CallsBack {
    fn wake(self: Arc<Self>) {
        if let Some(Nosy(socket, woken)) = NOSY.take() {
            socket.abort();
            drop(socket);
            woken.set(true);
        }
    }
}

#[wasm_bindgen_test]
async fn a_waker_may_call_back() {
    let socket = Rc::new(Socket::connect(Run::echo().url()).await.unwrap());
    while socket.try_next().is_some() {}
    let waker = Waker::from(Arc::new(CallsBack));
    assert!(
        socket
            .poll_event(&mut Context::from_waker(&waker))
            .is_pending()
    );
    NOSY.set(Some(Nosy(socket.clone(), Cell::new(false))));
    socket.send("wake up".into()).unwrap();
    drop(socket);
    sleep(200).await;
    assert!(NOSY.take().is_none());
}
