//! What a listener lets in: addresses, limits, origins, and what it answers.

use std::net::{Ipv4Addr, TcpListener};
use std::pin::pin;
use std::time::Duration;

use async_std::net::TcpStream;
use async_std::task;
use futures::future::{Either, join, join_all, select};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use qwebsocket::{
    Accepting, Close, Error, ErrorKind, Incoming, Limits, Listener, ListenerOptions, Options,
    Request, Socket, WebSocket,
};

use crate::common::{again_within, fail, is_again, message, run, to_end};
use crate::server::REQUEST;

pub(crate) async fn listen(options: impl Into<ListenerOptions>) -> (Listener, String) {
    let listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
    let url = format!("ws://{}/", listener.local_address());
    (listener, url)
}

pub(crate) async fn accept(listener: &mut Listener) -> Socket {
    incoming(listener).await.accept(None).await.unwrap()
}

/// A client of TCP that has the opening handshake behind it, and our end.
pub(crate) async fn raw(listener: &mut Listener) -> (TcpStream, Socket) {
    let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
    let request = format!("{REQUEST}\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let server = accept(listener).await;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).await.unwrap();
        answer.extend(byte);
    }
    (client, server)
}

async fn echo(accepting: Accepting) -> Result<(), Error> {
    let socket = accepting.await?.accept(None).await?;
    to_end(&socket).await;
    Ok(())
}

/// Serves each client in a task of its own, for ever.
fn serve(mut listener: Listener) {
    task::spawn(async move {
        while let Some(accepting) = listener.next().await {
            task::spawn(echo(accepting.unwrap()));
        }
    });
}

#[test]
fn it_listens_at_an_address_a_name_and_what_listens_already() {
    run(async {
        let given = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = given.local_addr().unwrap().port();
        let bound = Listener::bind(given).await.unwrap();
        assert_eq!(bound.local_address().port(), port);
        let address = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        for listener in [
            bound,
            Listener::bind(address).await.unwrap(),
            Listener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(),
            Listener::bind("localhost:0").await.unwrap(),
            Listener::bind(String::from("127.0.0.1:0")).await.unwrap(),
        ] {
            let url = format!("ws://{}/", listener.local_address());
            serve(listener);
            Socket::connect(url).await.unwrap();
        }
    });
}

#[test]
fn a_name_has_to_resolve_and_a_listener_has_room() {
    run(async {
        let error = Listener::bind("nobody.invalid:0").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HostNotFound);
        for bad in ["localhost:", "localhost:65536", ":0", "::1:0", "[::1:0"] {
            let error = Listener::bind(bad).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
        }
        for bad in [
            ListenerOptions::new().connections(0),
            ListenerOptions::new().handshakes(0),
            ListenerOptions::new().origins(["https://a/"]),
        ] {
            let error = Listener::bind_with("127.0.0.1:0", bad).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    });
}

#[cfg(unix)]
#[test]
fn a_thousand_clients_are_connected_before_one_is_accepted() {
    const CLIENTS: usize = 1000;
    if !is_again() {
        let me = "server_listener::a_thousand_clients_are_connected_before_one_is_accepted";
        return again_within("-n 4096", me, &[]);
    }
    run(async {
        let (mut listener, _) = listen(ListenerOptions::new()).await;
        let address = listener.local_address();
        let connect = |_| std::net::TcpStream::connect_timeout(&address, Duration::from_secs(10));
        let clients: Result<Vec<_>, _> = (0..CLIENTS).map(connect).collect();
        let clients = clients.expect("the backlog holds them all");
        for _ in &clients {
            drop(listener.next().await.unwrap().unwrap());
        }
    });
}

#[cfg(unix)]
#[test]
fn a_thousand_clients_at_once() {
    const CLIENTS: usize = 1000;
    if !is_again() {
        let me = "server_listener::a_thousand_clients_at_once";
        return again_within("-n 4096", me, &[]);
    }
    run(async {
        let (listener, url) = listen(ListenerOptions::new()).await;
        serve(listener);
        let clients = (0..CLIENTS).map(|_| task::spawn(Socket::connect(url.clone())));
        for client in join_all(clients.collect::<Vec<_>>()).await {
            assert!(client.unwrap().is_valid());
        }
    });
}

#[test]
fn accepting_pauses_while_there_are_as_many_connections_as_may_be() {
    run(async {
        let (listener, url) = listen(ListenerOptions::new().connections(2)).await;
        serve(listener);
        let one = Socket::connect(&*url).await.unwrap();
        let _two = Socket::connect(&*url).await.unwrap();
        let third = pin!(Socket::connect(&*url));
        let third = match select(third, pin!(task::sleep(Duration::from_millis(200)))).await {
            Either::Left(_) => panic!("it was let in"),
            Either::Right((_, third)) => third,
        };
        one.close(Close::default()).unwrap();
        let (_, third) = join(to_end(&one), third).await;
        third.unwrap();
    });
}

#[test]
fn a_refused_a_lost_and_a_dropped_connection_make_room() {
    run(async {
        let (mut listener, url) = listen(ListenerOptions::new().connections(1)).await;
        let address = listener.local_address();
        // Dropped while it is read.
        let client = TcpStream::connect(address).await.unwrap();
        drop(listener.next().await.unwrap().unwrap());
        drop(client);
        // Lost while it is read.
        drop(TcpStream::connect(address).await.unwrap());
        let error = listener.next().await.unwrap().unwrap().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RemoteClosed);
        // Refused, by the application and by the rules.
        let refuse = async {
            let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
            incoming.refuse(404).await.unwrap();
        };
        join(fail(&Socket::new(), &*url), refuse).await;
        // Aborted, and lost as a socket.
        for is_ours in [true, false] {
            let serve = async { accept(&mut listener).await };
            let (client, socket) = join(Socket::connect(&*url), serve).await;
            let client = client.unwrap();
            if is_ours {
                socket.abort();
            } else {
                client.abort();
                to_end(&socket).await;
            }
            // The sockets are kept.
            let serve = async { incoming(&mut listener).await.refuse(404).await.unwrap() };
            join(fail(&Socket::new(), &*url), serve).await;
            drop((client, socket));
        }
    });
}

async fn incoming(listener: &mut Listener) -> Incoming {
    listener.next().await.unwrap().unwrap().await.unwrap()
}

#[test]
fn who_sends_nothing_keeps_nobody_out() {
    run(async {
        for options in [
            ListenerOptions::new().handshakes(8),
            ListenerOptions::new().handshakes(None).connections(8),
        ] {
            let (mut listener, url) = listen(options).await;
            let address = listener.local_address();
            let silent = (0..12).map(|_| TcpStream::connect(address));
            let silent = join_all(silent).await;
            let ends = task::spawn(async move {
                let mut accepted = Vec::new();
                for _ in 0..13 {
                    let accepting = listener.next().await.unwrap().unwrap();
                    accepted.push(task::spawn(echo(accepting)));
                }
                (listener, accepted)
            });
            let honest = Socket::connect(&*url).await.unwrap();
            let (_listener, accepted) = ends.await;
            // The oldest gave way, and their connections are gone.
            for (mut client, task) in silent.into_iter().zip(accepted).take(5) {
                let error = task.await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::TimedOut);
                let client = client.as_mut().unwrap();
                assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
            }
            assert!(honest.is_valid());
        }
    });
}

/// The answer to a request with these lines besides.
async fn answer(options: ListenerOptions, lines: &str) -> (String, Result<(), ErrorKind>) {
    let (mut listener, _) = listen(options).await;
    let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
    let request = format!("{REQUEST}{lines}\r\n");
    let server = async {
        let incoming = listener.next().await.unwrap().unwrap().await;
        incoming
            .map_err(|error| error.kind())?
            .accept(None)
            .await
            .unwrap()
            .abort();
        Ok(())
    };
    let client = async {
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    join(client, server).await
}

#[test]
fn a_foreign_origin_is_refused_before_it_is_seen() {
    run(async {
        let options =
            || ListenerOptions::new().origins(["https://example.com", "http://localhost:8000"]);
        for (lines, is_allowed) in [
            ("Origin: https://example.com\r\n", true),
            ("Origin: http://localhost:8000\r\n", true),
            ("", true),
            ("Origin: https://evil.example\r\n", false),
            ("Origin: null\r\n", false),
            ("Origin:\r\n", false),
            (
                "Origin: https://example.com\r\nOrigin: https://evil.example\r\n",
                false,
            ),
        ] {
            let (answer, told) = answer(options(), lines).await;
            let status = if is_allowed {
                "HTTP/1.1 101 "
            } else {
                "HTTP/1.1 403 "
            };
            assert!(answer.starts_with(status), "{lines}{answer}");
            assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
            let expected = if is_allowed {
                Ok(())
            } else {
                Err(ErrorKind::Handshake)
            };
            assert_eq!(told, expected, "{lines}");
        }
        let (answer, _) = answer(ListenerOptions::new(), "Origin: https://evil.example\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    });
}

#[test]
fn an_answer_has_the_lines_of_the_application() {
    run(async {
        let (mut listener, url) = listen(ListenerOptions::new()).await;
        let server = async {
            let incoming = incoming(&mut listener).await;
            let incoming = incoming
                .header("Set-Cookie", "a=1")
                .header("Set-Cookie", "b=2");
            incoming.accept(None).await.unwrap()
        };
        let (client, _server) = join(Socket::connect(&*url), server).await;
        let info = client.unwrap().info();
        let cookies: Vec<_> = info.headers().get_all("set-cookie").collect();
        assert_eq!(cookies, ["a=1", "b=2"]);

        let server = async {
            let incoming = incoming(&mut listener).await;
            incoming
                .header("Retry-After", "7")
                .refuse(503)
                .await
                .unwrap();
        };
        let (error, ()) = join(fail(&Socket::new(), &*url), server).await;
        let response = error.response().unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers().get("retry-after"), Some("7"));
    });
}

#[test]
fn a_line_of_the_application_breaks_no_answer() {
    run(async {
        let (mut listener, url) = listen(ListenerOptions::new()).await;
        for (name, value) in [
            ("X", "a\r\nSec-WebSocket-Protocol: b"),
            ("X", "a\nb"),
            ("a b", "c"),
            ("", "c"),
            ("Connection", "close"),
            ("upgrade", "h2c"),
            ("Sec-WebSocket-Accept", "x"),
            ("Content-Length", "5"),
            ("transfer-encoding", "chunked"),
        ] {
            for accepts in [true, false] {
                let server = async {
                    let incoming = incoming(&mut listener).await.header(name, value);
                    match accepts {
                        true => incoming.accept(None).await.map(drop).unwrap_err(),
                        false => incoming.refuse(404).await.unwrap_err(),
                    }
                };
                let (theirs, ours) = join(fail(&Socket::new(), &*url), server).await;
                assert_eq!(ours.kind(), ErrorKind::InvalidInput, "{name}: {value}");
                assert_eq!(theirs.response().unwrap().status(), 403);
            }
        }
    });
}

#[test]
fn what_is_left_open_is_bounded_for_the_server_alone() {
    const BOUND: usize = 16 << 20;
    run(async {
        let asked = Options::new().limits(Limits::new().incoming_message(100_000_000));
        for (options, incoming) in [
            (Options::new(), BOUND),
            (asked.write_queue(None), 100_000_000),
        ] {
            let (mut listener, url) = listen(options).await;
            let server = async { accept(&mut listener).await };
            let request = Request::new(&url);
            let (client, server) = join(Socket::connect(request), server).await;
            let client = client.unwrap();
            let limits = |socket: &Socket| socket.options().get_limits();
            assert_eq!(limits(&server).get_incoming_message(), incoming);
            let qt = Limits::MAX_INCOMING_MESSAGE;
            assert_eq!(limits(&client).get_incoming_message(), qt);
            // What is changed later leaves open no more.
            server
                .set_limits(Limits::new().outgoing_frame(1000))
                .unwrap();
            assert_eq!(limits(&server).get_incoming_message(), BOUND);

            let piece = qwebsocket::Bytes::from(vec![7; 1 << 20]);
            let fills = |socket: &Socket| {
                let sent = (0..64).map(|_| socket.send(piece.clone().into()));
                sent.collect::<Result<Vec<_>, _>>()
                    .map_err(|error| error.kind())
            };
            let is_bounded = incoming == BOUND;
            assert_eq!(fills(&server) == Err(ErrorKind::QueueFull), is_bounded);
            assert!(!is_bounded || server.bytes_to_write() <= BOUND);
            assert!(fills(&client).is_ok());
        }
    });
}

#[test]
fn a_message_of_16_mib_is_the_largest_by_default() {
    run(async {
        for (length, passes) in [(16 << 20, true), ((16 << 20) + 1, false)] {
            let (mut listener, url) = listen(ListenerOptions::new()).await;
            let server = async { incoming(&mut listener).await.accept(None).await.unwrap() };
            let (client, server) = join(Socket::connect(&*url), server).await;
            let client = client.unwrap();
            client.send(vec![7; length].into()).unwrap();
            let sending = task::spawn(async move { to_end(&client).await });
            if passes {
                assert_eq!(message(&server).await.len(), length);
                server.abort();
            } else {
                assert_eq!(to_end(&server).await[0], "Error(TooLarge)");
                assert_eq!(server.close_code().unwrap().get(), 1009);
            }
            sending.await;
        }
    });
}
