//! Several tasks that wait, and how the buffer is watched.

use std::cell::Cell;
use std::rc::Rc;

use futures::SinkExt;
use qwebsocket::{Event, Messages, Socket, WebSocket, WebSocketExt};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::Timers;
use crate::server::Run;
use crate::time::sleep;

/// Waits until it is so, for 5 s at most.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        sleep(10).await;
    }
    panic!("it did not come to that");
}

#[wasm_bindgen_test]
async fn every_task_that_flushes_is_woken() {
    let run = Run::script("accept;sleep,ms=600;drain,ms=8000");
    let socket = Rc::new(Socket::connect(run.url()).await.unwrap());
    let flushed = Rc::new(Cell::new(0));
    for _ in 0..4 {
        let socket = socket.clone();
        let flushed = flushed.clone();
        spawn_local(async move {
            socket.send(vec![1; 8 << 20].into()).unwrap();
            socket.flush().await.unwrap();
            flushed.set(flushed.get() + 1);
        });
    }
    until(|| flushed.get() == 4).await;
}

#[wasm_bindgen_test]
async fn a_look_leaves_a_task_that_waits_alone() {
    let frames = "sleep,ms=150;frame,op=1,data=text:x;";
    let script = ["accept;", &frames.repeat(5), "serve"].concat().leak();
    let socket = Rc::new(Socket::connect(Run::script(script).url()).await.unwrap());
    let messages = Rc::new(Cell::new(0));
    spawn_local({
        let socket = socket.clone();
        let messages = messages.clone();
        async move {
            while let Some(event) = socket.next_event().await {
                let is_message = matches!(event, Event::Message(_));
                messages.set(messages.get() + u32::from(is_message));
            }
        }
    });
    sleep(50).await;
    assert!(socket.try_next().is_none());
    until(|| messages.get() == 5).await;
    socket.abort();
}

#[wasm_bindgen_test]
async fn every_task_that_waits_for_events_learns_of_the_end() {
    let socket = Rc::new(Socket::connect(Run::echo().url()).await.unwrap());
    let messages = Rc::new(Cell::new(0));
    let ended = Rc::new(Cell::new(0));
    for _ in 0..2 {
        let (socket, messages, ended) = (socket.clone(), messages.clone(), ended.clone());
        spawn_local(async move {
            while let Some(event) = socket.next_event().await {
                let is_message = matches!(event, Event::Message(_));
                messages.set(messages.get() + u32::from(is_message));
            }
            ended.set(ended.get() + 1);
        });
    }
    for _ in 0..50 {
        socket.send("x".into()).unwrap();
    }
    until(|| messages.get() == 50).await;
    socket.close(Default::default()).unwrap();
    until(|| ended.get() == 2).await;
}

#[wasm_bindgen_test]
async fn a_peer_that_does_not_read_costs_few_timers() {
    let socket = Rc::new(
        Socket::connect(Run::script("accept;sleep,ms=3000").url())
            .await
            .unwrap(),
    );
    socket.send(vec![1; 30 << 20].into()).unwrap();
    for flushes in [false, true] {
        let socket = socket.clone();
        spawn_local(async move {
            match flushes {
                true => drop(socket.flush().await),
                false => while socket.next_event().await.is_some() {},
            }
        });
        sleep(500).await;
        let timers = Timers::count();
        sleep(1000).await;
        let count = timers.so_far();
        // The test's own, and one each 100 ms; so many more while the system's buffers fill.
        assert!(count < 25, "{count} timers in a second");
    }
    socket.abort();
}

/// A buffer that is empty in the next task needs no timer.
#[wasm_bindgen_test]
async fn a_message_is_flushed_without_a_timer() {
    let socket = Socket::connect(Run::script("accept;drain,ms=8000").url())
        .await
        .unwrap();
    let mut messages = Messages::new(socket);
    let timers = Timers::count();
    for _ in 0..100 {
        messages.send("x".into()).await.unwrap();
    }
    let count = timers.so_far();
    assert!(count < 50, "{count} timers for 100 messages");
}
