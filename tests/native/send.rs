//! What executors of several threads need: futures may move between threads, sockets may be shared.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::StreamExt;
use futures::executor::block_on;
use futures::io::Cursor;
use qwebsocket::{
    Challenge, Decision, Error, Event, Listener, Messages, Options, Proxy, Reconnect,
    ReconnectEvent, Reconnecting, Request, Socket, Topics, WebSocket, WebSocketExt,
};
use support::Script;

use crate::common::{message, run};
use crate::scripted::Scripted;

fn may_move<T: Send>(_: &T) {}

fn may_be_shared<T: Send + Sync>() {}

#[test]
fn futures_may_move_between_threads() {
    let socket = Socket::new();
    may_move(&socket.next_event());
    may_move(&socket.flush());
    may_move(&Socket::connect("ws://127.0.0.1:1/"));
    may_move(&Socket::connect_with("ws://127.0.0.1:1/", Options::new()));
    let stream = Cursor::new(Vec::new());
    let over = Socket::connect_over(stream.clone(), "ws://a/", Options::new());
    may_move(&over);
    may_move(&Socket::accept(stream, Options::new()).unwrap());
    may_move(&Listener::bind("127.0.0.1:0"));
    may_move(&async {
        Listener::bind("a:1").await?.shutdown(Duration::ZERO).await;
        Ok::<_, Error>(())
    });
    may_move(&Reconnecting::new(Socket::new(), Reconnect::to("ws://a/")).next_event());
    may_move(&Topics::<Arc<Socket>>::new().deliver("a", "hello"));
    let serve = async |mut listener: Listener| -> Result<Socket, Error> {
        let first = listener.next().await.expect("it listens")?.await?;
        first.refuse(403).await?;
        let second = listener.next().await.expect("it listens")?.await?;
        second.accept(None).await
    };
    let listener = run(Listener::bind("127.0.0.1:0")).unwrap();
    may_move(&serve(listener));
}

#[test]
fn values_may_be_shared() {
    may_be_shared::<Socket>();
    may_be_shared::<Messages<Socket>>();
    may_be_shared::<Reconnecting<Socket>>();
    may_be_shared::<Decision<Challenge>>();
    may_be_shared::<(Event, ReconnectEvent, Error)>();
    may_be_shared::<(Options, Proxy, Request)>();
}

/// A connection that is begun on one thread is used on others.
#[test]
fn a_socket_moves() {
    let server = Scripted::new(Script::echo());
    run(async {
        let socket = Socket::connect(server.url()).await.unwrap();
        let sending = thread::spawn(move || {
            socket.send("from another thread".into()).unwrap();
            block_on(socket.flush()).unwrap();
            socket
        });
        let socket = sending.join().unwrap();
        assert_eq!(message(&socket).await, "from another thread".into());
    });
}
