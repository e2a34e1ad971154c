//! A subscriber of `tracing` may call the sockets that it hears of.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, thread};

use futures::future::{join, select};
use qwebsocket::testing::{self, ScriptedSocket};
use qwebsocket::{
    CloseCode, Event, Options, Reconnect, Reconnecting, Socket, TlsLibrary, WebSocket, WebSocketExt,
};
use support::Script;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::common::{PATIENCE, alone, fail, message, run, to_end};
use crate::scripted::Scripted;
use crate::server_listener::{accept, listen};
use crate::tls::{Authority, front, named};
use crate::tls_front::shows;

/// Calls sockets whenever it is called.
#[derive(Clone, Default)]
struct Caller(Arc<Inside>);

#[derive(Default)]
struct Inside {
    calls: Mutex<Vec<Box<dyn Fn() + Send>>>,
    /// How it was called so far.
    seen: Mutex<BTreeSet<String>>,
}

thread_local! {
    /// What the calls lead to is not answered by calls.
    static IS_CALLING: Cell<bool> = const { Cell::new(false) };
}

impl Caller {
    /// Of all that this process does from now on.
    fn begin() -> Caller {
        let caller = Caller::default();
        let own = Targets::new().with_target("qwebsocket", LevelFilter::TRACE);
        let layer = caller.clone().with_filter(own);
        tracing_subscriber::registry().with(layer).init();
        caller
    }

    /// Makes this call, too, as long as the socket is there.
    fn add<S: Send + Sync + 'static>(&self, socket: &Arc<S>, call: impl Fn(&S) + Send + 'static) {
        let socket = Arc::downgrade(socket);
        let call = move || {
            if let Some(socket) = socket.upgrade() {
                call(&socket);
            }
        };
        self.0.calls.lock().unwrap().push(Box::new(call));
    }

    /// Looks at a socket, and sends a few lines over it.
    fn add_socket<S: WebSocket + Send + Sync + 'static>(&self, socket: &Arc<S>) {
        let lines = AtomicUsize::new(0);
        self.add(socket, move |socket| {
            let _ = (socket.state(), socket.info(), socket.last_error());
            if lines.load(Relaxed) < 4 && socket.send_text("line").is_ok() {
                lines.fetch_add(1, Relaxed);
                let _ = socket.try_flush();
            }
        });
    }

    fn clear(&self) {
        self.0.seen.lock().unwrap().clear();
    }

    fn call(&self, how: &str) {
        self.0.seen.lock().unwrap().insert(how.to_owned());
        if !IS_CALLING.replace(true) {
            self.0.calls.lock().unwrap().iter().for_each(|call| call());
            IS_CALLING.set(false);
        }
    }

    /// Asserts that it was called for all of these.
    fn assert_called(&self, ways: &[&str]) {
        let seen = self.0.seen.lock().unwrap();
        for way in ways {
            assert!(seen.contains(*way), "never called for {way}: {seen:#?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Caller {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.call("a new span");
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        self.call("entering");
    }

    fn on_exit(&self, _: &Id, _: Context<'_, S>) {
        self.call("leaving");
    }

    fn on_close(&self, _: Id, _: Context<'_, S>) {
        self.call("the end of a span");
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = String::new();
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            if field.name() == "message" {
                text = format!("{value:?}");
            }
        });
        self.call(&text);
    }
}

const SPAN: [&str; 4] = ["a new span", "entering", "leaving", "the end of a span"];

/// Runs a test in a process of its own, which ends even if a thread waits for itself.
fn watched<F: Future<Output = ()>>(name: &str, test: impl FnOnce(Caller) -> F + Send + 'static) {
    alone(&format!("trace_calls::{name}"), || {
        let (done, is_done) = mpsc::channel();
        let test = thread::spawn(move || {
            run(test(Caller::begin()));
            let _ = done.send(());
        });
        if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            panic!("a call waits for itself");
        }
        test.join().unwrap();
    });
}

async fn connected(socket: &Socket) {
    while !matches!(socket.next_event().await, Some(Event::Connected)) {}
}

async fn message_is(socket: &Socket, text: &str) {
    while message(socket).await != text.into() {}
}

#[test]
fn both_ends_of_a_connection_are_called() {
    watched(
        "both_ends_of_a_connection_are_called",
        |caller| async move {
            let (mut listener, url) = listen(Options::new()).await;
            let client = Arc::new(Socket::new());
            caller.add_socket(&client);
            client.open(url.as_str().into()).unwrap();
            let (server, ()) = join(accept(&mut listener), connected(&client)).await;
            let server = Arc::new(server);
            caller.add_socket(&server);
            client.send_text("hello").unwrap();
            // The line comes through the very socket that it is about.
            join(message_is(&server, "line"), client.flush())
                .await
                .1
                .unwrap();
            message_is(&server, "hello").await;
            server.send_text("bye").unwrap();
            join(message_is(&client, "bye"), server.flush())
                .await
                .1
                .unwrap();
            client.close_with(CloseCode::NORMAL).unwrap();
            join(to_end(&client), to_end(&server)).await;
            caller.assert_called(&SPAN);
            caller.assert_called(&[
                "resolved",
                "opening handshake read",
                "opening handshake done",
                "state changed",
                "sent",
                "received",
                "close frame queued",
                "close frame received",
                "ending our direction",
            ]);

            caller.clear();
            // One that is opened anew leaves the last connection; then it is dropped.
            client.open(url.as_str().into()).unwrap();
            let _left = join(accept(&mut listener), connected(&client)).await;
            client.open(url.as_str().into()).unwrap();
            let _lost = join(accept(&mut listener), connected(&client)).await;
            drop(client);
            caller.assert_called(&SPAN);
        },
    );
}

#[test]
fn a_failed_connection_is_called() {
    watched("a_failed_connection_is_called", |caller| async move {
        let authority = Authority::new("company");
        let tls = authority.trusted().library(TlsLibrary::Rustls);
        let options = Options::new().tls(tls);
        let socket = Arc::new(Socket::with_options(options).unwrap());
        caller.add_socket(&socket);
        let wrong = front(shows(&authority.pem(named("shop", &["shop.example"]))));
        fail(&socket, format!("wss://localhost:{}/", wrong.port())).await;
        caller.assert_called(&["certificate refused", "TLS failed", "error"]);

        let breaks_a_rule = Script::new().accept().raw(b"\xC1\x00").drain(10_000);
        let server = Scripted::new(breaks_a_rule);
        socket.open(server.url().into()).unwrap();
        to_end(&socket).await;
        caller.assert_called(&SPAN);
    });
}

#[test]
fn a_connection_that_comes_back_is_called() {
    watched(
        "a_connection_that_comes_back_is_called",
        |caller| async move {
            let (mut listener, url) = listen(Options::new()).await;
            let reconnect = Reconnect::to(url.as_str()).delays(Duration::ZERO, Duration::ZERO);
            let client = Arc::new(Reconnecting::new(Socket::new(), reconnect));
            let lines = AtomicUsize::new(0);
            caller.add(&client, move |client| {
                let _ = (client.state(), client.bytes_to_write());
                if lines.fetch_add(1, Relaxed).is_multiple_of(8) {
                    // Refused once it is aborted.
                    let _ = client.send("line".into());
                }
            });
            for _ in 0..2 {
                let driven = client.clone();
                let driving = async move { while driven.next_event().await.is_some() {} };
                let served = async {
                    let server = accept(&mut listener).await;
                    message_is(&server, "line").await;
                };
                select(pin!(driving), pin!(served)).await;
            }
            client.abort();
            while client.next_event().await.is_some() {}
            caller.assert_called(&SPAN);
        },
    );
}

#[test]
fn sockets_without_a_network_are_called() {
    watched(
        "sockets_without_a_network_are_called",
        |caller| async move {
            let scripted = Arc::new(ScriptedSocket::new());
            caller.add_socket(&scripted);
            scripted.open("ws://example/".into()).unwrap();
            scripted.connect();
            scripted.close(CloseCode::NORMAL.into()).unwrap();
            while scripted.next_event().await.is_some() {}
            caller.assert_called(&["state changed"]);

            let (client, server) = testing::pair(Options::new(), Options::new()).unwrap();
            let (client, server) = (Arc::new(client), Arc::new(server));
            caller.add_socket(&client);
            caller.add_socket(&server);
            client.close_with(CloseCode::NORMAL).unwrap();
            join(to_end(&client), to_end(&server)).await;
            caller.assert_called(&["close frame received"]);
        },
    );
}
