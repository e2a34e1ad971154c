//! Whatever is compiled in, the place where a future is polled decides what it uses, and where
//! nothing works an error says what to do.

use std::time::Duration;

use futures::future::join;
use futures::{FutureExt, StreamExt};
use qwebsocket::{
    Close, ErrorKind, Event, KeepAlive, Listener, Options, Reconnect, ReconnectEvent, Reconnecting,
    Socket, State, Timeouts, WebSocket, WebSocketExt,
};
use support::{Script, Server};
use tokio_util::compat::TokioAsyncReadCompatExt;

use crate::common::{PLACES, Place, assert_says_what_to_do, tokio_thread, tokio_threads};

const MS: Duration = Duration::from_millis(1);

/// The next message of a connection that lives.
async fn message(socket: &Socket) -> String {
    loop {
        match socket.next_event().await.expect("it lives") {
            Event::Message(message) => return message.as_text().unwrap().to_owned(),
            Event::Error(error) => panic!("{error}"),
            _ => {}
        }
    }
}

#[test]
fn a_client_works_wherever_a_runtime_does() {
    let server = Server::start();
    for place in PLACES {
        // A name, so that it is looked up.
        let url = format!("ws://localhost:{}/run/{place:?}", server.address().port());
        place.run(async {
            let socket = match Socket::connect(&*url).await {
                Ok(socket) => socket,
                Err(error) => {
                    assert!(!place.has_runtime(), "{place:?}: {error}");
                    return assert_says_what_to_do(&error);
                }
            };
            assert!(place.has_runtime(), "{place:?}");
            for text in ["a".to_owned(), "b".repeat(1 << 20)] {
                // More buffers than one, so that a write takes all of them.
                socket.send("first".into()).unwrap();
                socket.send((&*text).into()).unwrap();
                socket.flush().await.unwrap();
                assert_eq!(message(&socket).await, "first");
                assert_eq!(message(&socket).await, text);
            }
            socket.close(Close::new(1000, "")).unwrap();
            while socket.next_event().await.is_some() {}
            assert_eq!(socket.close_code().unwrap().get(), 1000, "{place:?}");
        });
    }
}

#[test]
fn a_server_works_wherever_a_runtime_does() {
    for place in PLACES {
        place.run(async {
            let mut listener = match Listener::bind("127.0.0.1:0").await {
                Ok(listener) => listener,
                Err(error) => {
                    assert!(!place.has_runtime(), "{place:?}: {error}");
                    return assert_says_what_to_do(&error);
                }
            };
            let url = format!("ws://{}/", listener.local_address());
            let serve = async {
                let accepting = listener.next().await.unwrap().unwrap();
                let socket = accepting.await.unwrap().accept(None).await.unwrap();
                socket.send("hello".into()).unwrap();
                socket.close(Close::new(1000, "")).unwrap();
                while socket.next_event().await.is_some() {}
            };
            let client = async {
                let socket = Socket::connect(&*url).await.unwrap();
                assert_eq!(message(&socket).await, "hello");
                while socket.next_event().await.is_some() {}
            };
            join(serve, client).await;
        });
    }
}

#[test]
fn time_limits_are_kept_or_refused() {
    for place in PLACES {
        place.run(async {
            let (ours, _theirs) = tokio::io::duplex(1024);
            let timeouts = Timeouts::new().handshake(Some(20 * MS));
            let options = Options::new().timeouts(timeouts);
            let accepting = Socket::accept(ours.compat(), options).unwrap();
            let error = accepting.await.unwrap_err();
            match place.has_runtime() {
                true => assert_eq!(error.kind(), ErrorKind::TimedOut, "{place:?}"),
                false => assert_says_what_to_do(&error),
            }
        });
    }
}

#[test]
fn without_a_limit_a_stream_of_ones_own_needs_no_runtime() {
    let none = || Options::new().timeouts(Timeouts::new().handshake(None).close(None));
    for place in PLACES {
        place.run(async {
            let (ours, theirs) = tokio::io::duplex(1024);
            let serve = async {
                let accepting = Socket::accept(theirs.compat(), none()).unwrap();
                let socket = accepting.await.unwrap().accept(None).await.unwrap();
                assert_eq!(message(&socket).await, "hello");
                socket.close(Close::new(1000, "")).unwrap();
                while socket.next_event().await.is_some() {}
            };
            let client = async {
                let request = "ws://example.test/";
                let socket = Socket::connect_over(ours.compat(), request, none())
                    .await
                    .unwrap();
                socket.send("hello".into()).unwrap();
                while socket.next_event().await.is_some() {}
                assert_eq!(socket.close_code().unwrap().get(), 1000);
            };
            join(serve, client).await;
        });
    }
}

#[test]
fn reconnecting_gives_up_where_there_is_no_runtime() {
    for place in PLACES.into_iter().filter(|place| !place.has_runtime()) {
        place.run(async {
            let policy = Reconnect::to("ws://127.0.0.1:9/");
            let socket = Reconnecting::new(Socket::new(), policy);
            while let Some(event) = socket.next_event().await {
                assert!(
                    !matches!(event, ReconnectEvent::Waiting { .. }),
                    "{event:?}"
                );
            }
            assert_says_what_to_do(&socket.last_error().unwrap());
        });
    }
}

/// A peer that answers the handshake and nothing else, and options that find that out.
fn silent(server: &Server, id: &str) -> (String, Options) {
    let url = Script::new()
        .accept()
        .drain(20_000)
        .url(&server.base(), id, "");
    let keep_alive = KeepAlive::ping(50 * MS).limit(200 * MS);
    (url, Options::new().keep_alive(keep_alive))
}

#[test]
fn a_socket_goes_on_outside_the_runtime_that_made_it() {
    if !Place::TokioThreads.has_runtime() {
        return;
    }
    let server = Server::start();
    let runtime = tokio_threads();
    let connect = |id: &str| {
        let (url, options) = silent(&server, id);
        let connect = Socket::connect_with(&*url, options);
        runtime.block_on(connect).unwrap()
    };
    let kind_of_error = |event| match event {
        Some(Event::Error(error)) => Some(error.kind()),
        _ => None,
    };

    let wait = |socket: Socket| {
        // The first timer is made inside.
        let told = runtime.block_on(async { socket.next_event().now_or_never() });
        assert!(told.is_none(), "{told:?}");
        Place::Plain.run(async {
            while let Some(event) = socket.next_event().await {
                if let Some(kind) = kind_of_error(Some(event)) {
                    return Some(kind);
                }
            }
            None
        })
    };
    if Place::Plain.has_runtime() {
        assert_eq!(wait(connect("elsewhere")), Some(ErrorKind::TimedOut));
    }
    let entered = runtime.enter();
    assert_eq!(wait(connect("entered")), Some(ErrorKind::TimedOut));
    drop(entered);

    // Where no timer can be made, whoever polls sees the time.
    let socket = connect("without-a-timer");
    let error = loop {
        if let Some(kind) = kind_of_error(socket.try_next()) {
            break kind;
        }
    };
    assert_eq!(error, ErrorKind::TimedOut);
}

#[test]
fn a_listener_goes_on_outside_the_runtime_that_made_it() {
    if !Place::TokioThreads.has_runtime() {
        return;
    }
    let runtime = tokio_threads();
    let mut listener = runtime.block_on(Listener::bind("127.0.0.1:0")).unwrap();
    let url = format!("ws://{}/", listener.local_address());
    let client = runtime.spawn(async move { Socket::connect(&*url).await.unwrap() });
    let accepting = Place::Plain.run(listener.next()).unwrap();
    let serve = async { accepting.unwrap().await.unwrap().accept(None).await };
    let socket = runtime.block_on(serve).unwrap();
    assert_eq!(socket.state(), State::Connected);
    runtime.block_on(client).unwrap();
}

#[test]
fn the_end_of_its_runtime_ends_a_socket_without_a_panic() {
    if !Place::TokioThreads.has_runtime() {
        return;
    }
    let server = Server::start();
    for (number, place) in PLACES.into_iter().enumerate() {
        let runtime = tokio_thread();
        let (url, options) = silent(&server, &format!("ended-{number}"));
        let (socket, mut listener) = runtime.block_on(async {
            let socket = Socket::connect_with(&*url, options).await.unwrap();
            assert!(socket.next_event().now_or_never().is_none());
            (socket, Listener::bind("127.0.0.1:0").await.unwrap())
        });
        drop(runtime);
        place.run(async {
            socket.send("into the void".into()).unwrap();
            while socket.next_event().await.is_some() {}
            assert!(socket.last_error().is_some(), "{place:?}");
            for _ in 0..3 {
                let accepted = listener.next().now_or_never();
                assert!(!matches!(accepted, Some(Some(Ok(_)))), "{place:?}");
            }
        });
    }
}
