//! How the server's side ends a connection of TCP (RFC 6455 §7.1.1).

use std::pin::pin;
use std::time::Duration;

use async_std::net::{Shutdown, TcpStream};
use async_std::task;
use futures::future::{Either, join, select};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use qwebsocket::{Close, Listener, Options, Socket, State, Timeouts, WebSocket};

use crate::common::{GOOD_END, run, to_end};
use crate::server::{HELLO, REQUEST};

/// A client's close frame with the code 1000, and the server's.
const CLOSE: &[u8] = b"\x88\x82\0\0\0\0\x03\xE8";
const ECHO: &[u8] = b"\x88\x02\x03\xE8";

const LOST: [&str; 4] = [
    "Error(RemoteClosed)",
    "Unconnected",
    "ReadFinished",
    "Disconnected",
];

/// A client of TCP that has the opening handshake behind it, and our end of the connection.
async fn open(close_limit: Option<Duration>) -> (TcpStream, Socket) {
    let options = Options::new().timeouts(Timeouts::new().close(close_limit));
    let mut listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
    let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
    let request = format!("{REQUEST}\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let accepting = listener.next().await.unwrap().unwrap();
    let server = accepting.await.unwrap().accept(None).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).await.unwrap();
        answer.extend(byte);
    }
    (client, server)
}

/// What arrives up to the end of the server's direction; a reset fails.
async fn rest(client: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    bytes
}

#[test]
fn the_server_ends_its_direction_first_and_waits_for_the_client() {
    run(async {
        for server_begins in [true, false] {
            let (mut client, server) = open(None).await;
            if server_begins {
                server.close(Close::new(1000, "")).unwrap();
            }
            let seen = async {
                client.write_all(CLOSE).await.unwrap();
                rest(&mut client).await
            };
            let told = pin!(to_end(&server));
            let (seen, told) = match select(pin!(seen), told).await {
                Either::Left((seen, told)) => (seen, told),
                Either::Right((told, _)) => panic!("it did not wait: {told:?}"),
            };
            assert_eq!(seen, ECHO);
            assert_eq!(server.state(), State::Closing);
            drop(client);
            assert_eq!(told.await, GOOD_END);
        }
    });
}

#[test]
fn a_client_that_never_ends_is_left() {
    run(async {
        for server_begins in [true, false] {
            let (mut client, server) = open(Some(Duration::from_millis(200))).await;
            if server_begins {
                server.close(Close::new(1000, "")).unwrap();
            }
            client.write_all(CLOSE).await.unwrap();
            assert_eq!(to_end(&server).await, GOOD_END);
            assert_eq!(rest(&mut client).await, ECHO);
            // Nobody holds the other end any more.
            while client.write_all(HELLO).await.is_ok() {
                task::sleep(Duration::from_millis(10)).await;
            }
        }
    });
}

#[test]
fn what_is_behind_the_close_frame_is_ignored_and_resets_nothing() {
    run(async {
        let (mut client, server) = open(None).await;
        let behind = HELLO.repeat(100_000);
        let seen = async {
            client.write_all(&[CLOSE, &behind].concat()).await.unwrap();
            let seen = rest(&mut client).await;
            client.write_all(&behind).await.unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            seen
        };
        let (seen, told) = join(seen, to_end(&server)).await;
        assert_eq!(seen, ECHO);
        assert_eq!(told, GOOD_END);
        assert_eq!(server.close_code().unwrap().get(), 1000);
    });
}

#[test]
fn a_client_may_end_its_direction_behind_its_close_frame() {
    run(async {
        let (mut client, server) = open(None).await;
        client.write_all(&[HELLO, CLOSE].concat()).await.unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let (seen, told) = join(rest(&mut client), to_end(&server)).await;
        assert_eq!(seen, ECHO);
        assert_eq!(told[0], "Text(\"Hello\")");
        assert_eq!(told[1..], GOOD_END);
    });
}

#[test]
fn a_client_that_ends_its_direction_without_a_close_frame_is_lost() {
    run(async {
        let (mut client, server) = open(None).await;
        client.write_all(HELLO).await.unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let told = to_end(&server).await;
        assert_eq!(told[0], "Text(\"Hello\")");
        assert_eq!(told[1..], LOST);
        assert_eq!(server.close_code().unwrap().get(), 1006);
        assert_eq!(rest(&mut client).await, b"");

        let (mut client, server) = open(None).await;
        server.close(Close::new(1000, "")).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let told = to_end(&server).await;
        assert_eq!(told[..2], GOOD_END[..2]);
        assert_eq!(told[2..], LOST);
        assert_eq!(rest(&mut client).await, ECHO);
    });
}
