//! What a program may write: pointers to sockets, `select!`, spawning, conversions, errors of its
//! own. Much of it is shown by compiling.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, FusedFuture, pending, ready, select};
use futures::stream::FusedStream;
use futures::{FutureExt, SinkExt, StreamExt};
use qwebsocket::prelude::*;
use qwebsocket::{
    Error, ErrorKind, Listener, Messages, Options, Reconnect, ReconnectEvent, Reconnecting,
    Request, State, Verdict,
};

use crate::common::run;

/// A server that echoes messages on one connection after the other.
async fn echo_server() -> String {
    let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_address());
    async_std::task::spawn(async move {
        while let Some(accepting) = listener.next().await {
            let Ok(socket) = async { accepting?.await?.accept(None).await }.await else {
                continue;
            };
            while let Some(message) = socket.next_message().await {
                let Ok(message) = message else { continue };
                let _ = socket.send(message);
            }
        }
    });
    url
}

async fn echo<S: WebSocket>(socket: S) -> Message {
    socket.send_text("hello").unwrap();
    socket.next_message().await.unwrap().unwrap()
}

#[test]
fn a_pointer_to_a_socket_is_a_socket() {
    run(async {
        let url = echo_server().await;
        let connect = || Socket::connect(&url);
        assert_eq!(echo(&connect().await.unwrap()).await, "hello".into());
        assert_eq!(
            echo(Box::new(connect().await.unwrap())).await,
            "hello".into()
        );
        let boxed: Box<dyn WebSocket> = Box::new(connect().await.unwrap());
        assert_eq!(echo(boxed).await, "hello".into());
        let shared = Arc::new(connect().await.unwrap());
        assert_eq!(echo(shared.clone()).await, "hello".into());
        shared.close_and_wait(CloseCode::NORMAL).await.unwrap();
        assert_eq!(shared.state(), State::Unconnected);
    });
}

#[test]
fn messages_of_a_box_are_messages() {
    run(async {
        let boxed: Box<dyn WebSocket> =
            Box::new(Socket::connect(echo_server().await).await.unwrap());
        let mut messages = Messages::new(boxed);
        messages.send("a".into()).await.unwrap();
        assert_eq!(messages.next().await.unwrap().unwrap(), "a".into());
    });
}

#[test]
fn after_a_split_the_socket_is_still_within_reach() {
    run(async {
        let socket = Arc::new(Socket::connect(echo_server().await).await.unwrap());
        let (mut sink, mut stream) = Messages::new(socket.clone()).split();
        socket.ping("?".into()).unwrap();
        sink.send("a".into()).await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), "a".into());
        socket.close_with((4000, "done")).unwrap();
        assert!(stream.next().await.is_none());
        assert_eq!(socket.closed(), Some(Close::new(4000, "done")));
    });
}

#[test]
fn what_is_shared_reconnects() {
    run(async {
        let shared = Arc::new(Socket::new());
        let socket = Reconnecting::new(shared.clone(), Reconnect::to(echo_server().await));
        socket.send("a".into()).unwrap();
        loop {
            match socket.next_event().await.unwrap() {
                ReconnectEvent::Socket(Event::Message(message)) => {
                    assert_eq!(message, "a".into());
                    break;
                }
                _ => assert!(!socket.is_terminated()),
            }
        }
        assert_eq!(shared.state(), State::Connected);
        socket.close(Close::default()).unwrap();
        while socket.next_event().await.is_some() {}
        assert!(socket.is_terminated());
    });
}

/// Whatever the socket is, its futures can move to another thread.
#[allow(clippy::manual_async_fn)] // `Send` for every such socket is what is shown.
fn in_a_task<S: WebSocket + 'static>(socket: Arc<S>) -> impl Future<Output = Message> + Send {
    async move {
        socket.send_text("hello").unwrap();
        socket.flush().await.unwrap();
        loop {
            if let Event::Message(message) = socket.next_event().await.unwrap() {
                return message;
            }
        }
    }
}

#[test]
fn futures_of_any_socket_can_be_spawned() {
    run(async {
        let url = echo_server().await;
        let socket = Arc::new(Socket::connect(&url).await.unwrap());
        let task = async_std::task::spawn(in_a_task(socket));
        assert_eq!(task.await, "hello".into());

        let boxed: Box<dyn WebSocket> = Box::new(Socket::connect(&url).await.unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let task = runtime.spawn(in_a_task(Arc::new(boxed)));
        assert_eq!(runtime.block_on(task).unwrap(), "hello".into());
    });
}

#[test]
fn select_takes_what_waits_for_a_socket() {
    run(async {
        let mut socket = Socket::connect(echo_server().await).await.unwrap();
        socket.send_text("a").unwrap();
        let mut never = pending::<()>().fuse();
        let mut flushed = socket.flush();
        futures::select! {
            result = flushed => result.unwrap(),
            () = never => {}
        }
        assert!(flushed.is_terminated());
        let message = loop {
            futures::select! {
                event = socket.next_event() => {
                    if let Some(Event::Message(message)) = event {
                        break message;
                    }
                }
                () = never => {}
            }
        };
        assert_eq!(message, "a".into());
        socket.close_with(CloseCode::NORMAL).unwrap();
        let mut told = Vec::new();
        {
            let mut events = socket.events();
            loop {
                futures::select! {
                    event = events.select_next_some() => told.push(event),
                    () = never => {}
                    complete => break,
                    default => async_std::task::yield_now().await,
                }
                if events.is_terminated() {
                    break;
                }
            }
        }
        assert!(matches!(told.last(), Some(Event::Disconnected)));
        // The socket itself is a stream that a new connection begins anew.
        assert!(socket.is_terminated());
        socket.open(echo_server().await.into()).unwrap();
        assert!(!socket.is_terminated());
        let first = futures::select! {
            event = socket.select_next_some() => event,
            () = never => unreachable!("it never comes"),
        };
        assert!(matches!(first, Event::StateChanged(State::Connecting)));
    });
}

#[test]
fn close_and_wait_tells_what_went_wrong() {
    run(async {
        let url = echo_server().await;
        let socket = Socket::connect(&url).await.unwrap();
        let closed = socket.close_and_wait((CloseCode::GOING_AWAY, "bye")).await;
        assert_eq!(closed.unwrap(), Some(Close::new(1001, "bye")));
        // Without a connection there is nothing to wait for.
        assert!(socket.close_and_wait(CloseCode::NORMAL).await.is_ok());

        let socket = Socket::connect(&url).await.unwrap();
        let refused = socket.close_and_wait(CloseCode::NO_STATUS).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(socket.state(), State::Connected);
        // A future that is not polled closes nothing.
        drop(socket.close_and_wait(CloseCode::NORMAL));
        assert_eq!(socket.state(), State::Connected);
    });
}

#[test]
fn an_attempt_fails_with_the_applications_own_error() {
    run(async {
        let asking = Reconnect::asking(|_| ready(Err::<Request, _>(Error::other("no token"))))
            .delays(Duration::ZERO, Duration::ZERO)
            .decide(|_| Verdict::GiveUp);
        let socket = Reconnecting::new(Socket::new(), asking);
        while let Some(event) = socket.next_event().await {
            if let ReconnectEvent::Failed { error, .. } = event {
                let error = error.unwrap();
                assert_eq!(error.kind(), ErrorKind::Other);
                assert_eq!(error.to_string(), "no token");
                return;
            }
        }
        panic!("the attempt did not fail");
    });
}

#[test]
fn sockets_of_a_listener_have_its_options() {
    run(async {
        let options = Options::new().build().unwrap();
        let mut listener = Listener::bind_with("127.0.0.1:0", options.clone())
            .await
            .unwrap();
        let client = Socket::connect(format!("ws://{}/", listener.local_address()));
        let server = async { listener.next().await.unwrap()?.await?.accept(None).await };
        let (client, server) = futures::try_join!(client, server).unwrap();
        assert!(std::ptr::eq(server.options().get_tls(), options.get_tls()));
        drop(client);
    });
}

#[test]
fn a_socket_does_not_show_its_query() {
    run(async {
        let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/?token=hunter2", listener.local_address());
        let client = Socket::connect(url);
        let server = async {
            let incoming = listener.next().await.unwrap()?.await?;
            let shown = format!("{incoming:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
            incoming.accept(None).await
        };
        let (client, server) = futures::try_join!(client, server).unwrap();
        for socket in [client, server] {
            let shown = format!("{socket:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(socket.request_url().ends_with("/?token=hunter2"));
        }
    });
}

#[test]
fn what_is_known_is_shared_and_stays_as_it_was() {
    run(async {
        let socket = Socket::connect(echo_server().await).await.unwrap();
        let (first, second) = (socket.info(), socket.info());
        assert!(std::ptr::eq(first.headers(), second.headers()));
        let url = first.request_url().to_owned();
        socket.open("ws://127.0.0.1:1/elsewhere".into()).unwrap();
        assert_eq!(first.request_url(), url);
        assert_eq!(socket.info().resource_name(), "/elsewhere");
    });
}

/// Either side of `select` may be a socket's future as it is.
#[test]
fn a_wait_can_be_given_up_and_begun_again() {
    run(async {
        let socket = Socket::connect(echo_server().await).await.unwrap();
        let Either::Right(_) = select(socket.next_message(), ready(())).await else {
            panic!("nothing was sent");
        };
        assert_eq!(echo(&socket).await, "hello".into());
    });
}
