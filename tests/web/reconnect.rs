//! `Reconnecting` in a browser: its hints and its listeners.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use qwebsocket::{Reconnect, ReconnectEvent, Reconnecting, Socket, Verdict};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::time::sleep;

const HOUR: Duration = Duration::from_secs(3600);

/// Where nobody listens, for each test another one: Firefox delays attempts after failures at the same
/// place.
fn nobody(number: u16) -> String {
    format!("ws://127.0.0.1:{}/", 49_151 - number)
}

/// The next event that is not the socket's.
async fn next(socket: &Reconnecting<Socket>) -> Option<ReconnectEvent> {
    loop {
        match select(pin!(socket.next_event()), pin!(sleep(10_000))).await {
            Either::Left((Some(ReconnectEvent::Socket(_)), _)) => {}
            Either::Left((event, _)) => return event,
            Either::Right(_) => panic!("no event of {socket:?}"),
        }
    }
}

async fn connecting(socket: &Reconnecting<Socket>) -> u32 {
    match next(socket).await {
        Some(ReconnectEvent::Connecting { attempt, .. }) => attempt,
        other => panic!("{other:?}"),
    }
}

/// An attempt fails: how long the next one waits.
async fn failed(socket: &Reconnecting<Socket>) -> Duration {
    let failed = next(socket).await;
    assert!(matches!(
        failed,
        Some(ReconnectEvent::Failed { error: Some(_), .. })
    ));
    match next(socket).await {
        Some(ReconnectEvent::Waiting { delay, .. }) => delay,
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
async fn the_browser_hints_when_to_try() {
    let reconnect = Reconnect::to(nobody(1)).delays(HOUR, HOUR).seed(1);
    let socket = Reconnecting::new(Socket::new(), reconnect);
    assert_eq!(connecting(&socket).await, 1);
    assert!(failed(&socket).await < HOUR);
    for (attempt, kind) in [(2, "online"), (3, "pageshow")] {
        dispatch(kind);
        assert_eq!(connecting(&socket).await, attempt, "{kind}");
        failed(&socket).await;
    }
    if has_document() {
        // A page in front again, and not one that is hidden.
        hide(true);
        dispatch_to("document", "visibilitychange");
        sleep(50).await;
        assert!(socket.try_next().is_none());
        hide(false);
        dispatch_to("document", "visibilitychange");
        assert_eq!(connecting(&socket).await, 4);
        failed(&socket).await;
        dispatch_to("document", "resume");
        assert_eq!(connecting(&socket).await, 5);
        failed(&socket).await;
    }
    dispatch("online");
    connecting(&socket).await;
    dispatch("offline");
    assert_eq!(failed(&socket).await, HOUR);
    dispatch("online");
    connecting(&socket).await;
    assert!(failed(&socket).await < HOUR);
}

/// Whoever waits is woken, and not only who polls by chance.
#[wasm_bindgen_test]
async fn a_hint_wakes() {
    let reconnect = Reconnect::to(nobody(2)).delays(HOUR, HOUR).seed(1);
    let socket = Reconnecting::new(Socket::new(), reconnect);
    connecting(&socket).await;
    failed(&socket).await;
    let hint = async {
        sleep(20).await;
        dispatch("online");
        std::future::pending::<()>().await;
    };
    match select(pin!(connecting(&socket)), pin!(hint)).await {
        Either::Left((attempt, _)) => assert_eq!(attempt, 2),
        Either::Right(_) => unreachable!(),
    }
}

#[wasm_bindgen_test]
async fn attempts_wait_for_their_time() {
    let reconnect = Reconnect::to(nobody(3))
        .delays(Duration::from_millis(20), Duration::from_millis(20))
        .attempts(4)
        .decide(|_| Verdict::RetryAfter(Duration::from_millis(10)));
    let socket = Reconnecting::new(Socket::new(), reconnect);
    for attempt in 1..4 {
        assert_eq!(connecting(&socket).await, attempt);
        assert!(failed(&socket).await >= Duration::from_millis(10));
    }
    connecting(&socket).await;
    next(&socket).await;
    let end = next(&socket).await;
    assert!(matches!(
        end,
        Some(ReconnectEvent::GivenUp { attempts: 4, .. })
    ));
    assert!(next(&socket).await.is_none());
}

#[wasm_bindgen_test]
fn the_listeners_go_with_it() {
    let watch = evaluate(
        "const kinds = new Set();
         const targets = [globalThis, globalThis.document].filter(Boolean);
         for (const target of targets) {
             const { addEventListener: add, removeEventListener: remove } = target;
             target.addEventListener = (...a) => { kinds.add(a[0]); add.apply(target, a) };
             target.removeEventListener = (...a) => { kinds.delete(a[0]); remove.apply(target, a) };
         }
         const restore = () => {
             for (const target of targets) {
                 delete target.addEventListener; delete target.removeEventListener;
             }
         };
         return { kinds, restore }",
    );
    let kinds = || {
        let names =
            js_sys::Function::new_with_args("watch", "return [...watch.kinds].sort().join()");
        names
            .call1(&JsValue::NULL, &watch)
            .unwrap()
            .as_string()
            .unwrap()
    };
    let socket = Reconnecting::new(Socket::new(), Reconnect::to(nobody(4)));
    let of_the_page = if has_document() {
        ",resume,visibilitychange"
    } else {
        ""
    };
    assert_eq!(kinds(), format!("offline,online,pageshow{of_the_page}"));
    drop(socket);
    assert_eq!(kinds(), "");
    let restore = js_sys::Function::new_with_args("watch", "watch.restore()");
    restore.call1(&JsValue::NULL, &watch).unwrap();
}

fn dispatch(kind: &str) {
    dispatch_to("globalThis", kind);
}

fn dispatch_to(target: &str, kind: &str) {
    evaluate(&format!("{target}.dispatchEvent(new Event('{kind}'))"));
}

fn has_document() -> bool {
    evaluate("return !!globalThis.document").is_truthy()
}

/// Sets what the document says of itself.
fn hide(is_hidden: bool) {
    let state = if is_hidden { "hidden" } else { "visible" };
    evaluate(&format!(
        "Object.defineProperty(document, 'visibilityState', \
         {{ value: '{state}', configurable: true }})"
    ));
}

fn evaluate(body: &str) -> JsValue {
    let function = js_sys::Function::new_no_args(body);
    function.call0(&JsValue::NULL).unwrap()
}
