//! How the server's side ends a connection of TCP (RFC 6455 §7.1.1).

use std::pin::pin;
use std::time::Duration;

use async_std::net::{Shutdown, TcpStream};
use async_std::task;
use futures::future::{Either, join, select};
use futures::{AsyncReadExt, AsyncWriteExt};
use qwebsocket::{Close, Limits, Listener, Options, Socket, State, Timeouts, WebSocket};

use crate::common::{GOOD_END, run, to_end};
use crate::server::HELLO;
use crate::server_listener::raw;

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
    open_with(Options::new().timeouts(Timeouts::new().close(close_limit))).await
}

async fn open_with(options: Options) -> (TcpStream, Socket) {
    let mut listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
    raw(&mut listener).await
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
fn a_client_that_writes_before_it_reads_hears_why_it_is_refused() {
    run(async {
        let limits = Limits::new().incoming_message(1 << 20);
        let options = Options::new().limits(limits).write_queue(None);
        let (mut client, server) = open_with(options.timeouts(Timeouts::new().close(None))).await;
        // More than the system buffers, in both directions.
        for _ in 0..4096 {
            server.send(vec![7; 16_000].into()).unwrap();
        }
        let seen = async {
            let too_large = b"\x82\xFF\0\0\0\0\x04\0\0\0\0\0\0\0";
            client.write_all(too_large).await.unwrap();
            client.write_all(&vec![0; 64 << 20]).await.unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            rest(&mut client).await
        };
        let (seen, told) = join(seen, to_end(&server)).await;
        let reason = b"message over the limit";
        let close = [&[0x88, 2 + reason.len() as u8, 0x03, 0xF1], &reason[..]].concat();
        assert!(seen.ends_with(&close), "{:?}", &seen[seen.len() - 50..]);
        assert_eq!(told[0], "Error(TooLarge)");
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
