//! There is one clock, that of the runtime, which a test may have stopped.

#![cfg(feature = "tokio")]

use std::future::Future;
use std::time::{Duration, Instant};

use futures::future::{join, select};
use qwebsocket::{
    ErrorKind, Event, KeepAlive, Options, Reconnect, ReconnectEvent, Reconnecting, Socket,
    Timeouts, WebSocketExt,
};
use support::refused_port;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::runtime::Builder;
use tokio::time;
use tokio_util::compat::TokioAsyncReadCompatExt;

const S: Duration = Duration::from_secs(1);

/// tokio's timers end on whole milliseconds.
const TICK: Duration = Duration::from_millis(2);

/// Runs with a clock that stands while there is something to do, and then shows when the next timer
/// ends.
fn paused<T>(test: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    let result = runtime.block_on(test);
    assert!(start.elapsed() < 20 * S, "real time has passed");
    result
}

/// A server's socket, and the stream of its client.
async fn open(options: Options) -> (Socket, DuplexStream) {
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let client = async {
        theirs.write_all(REQUEST).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(theirs.read_u8().await.unwrap());
        }
    };
    let server = async {
        let accepting = Socket::accept(ours.compat(), options).unwrap();
        accepting.await.unwrap().accept(None).await.unwrap()
    };
    let (socket, ()) = join(server, client).await;
    (socket, theirs)
}

#[track_caller]
fn assert_near(elapsed: Duration, expected: Duration) {
    let is_near = elapsed >= expected && elapsed < expected + TICK;
    assert!(is_near, "{elapsed:?} instead of {expected:?}");
}

#[test]
fn a_keep_alive_asks_once_an_interval_of_paused_time() {
    paused(async {
        let options = Options::new().keep_alive(KeepAlive::ping(30 * S));
        let (socket, mut client) = open(options).await;
        let answer = async {
            for _ in 0..20 {
                let asked = time::Instant::now();
                let mut ping = [0; 10];
                client.read_exact(&mut ping).await.unwrap();
                assert_near(asked.elapsed(), 30 * S);
                assert_eq!(ping[..2], [0x89, 8]);
                let pong = [&[0x8A, 0x88, 0, 0, 0, 0], &ping[2..]].concat();
                client.write_all(&pong).await.unwrap();
            }
        };
        let events = async {
            while let Some(event) = socket.next_event().await {
                assert!(!matches!(event, Event::Error(_)), "{event:?}");
            }
        };
        select(Box::pin(answer), Box::pin(events)).await;
    });
}

#[test]
fn a_silent_peer_is_given_up_in_paused_time() {
    paused(async {
        let options = Options::new().keep_alive(KeepAlive::ping(30 * S).limit(10 * S));
        let (socket, _client) = open(options).await;
        let start = time::Instant::now();
        loop {
            if let Some(Event::Error(error)) = socket.next_event().await {
                assert_eq!(error.kind(), ErrorKind::TimedOut);
                break assert_near(start.elapsed(), 40 * S);
            }
        }
    });
}

#[test]
fn a_time_limit_is_one_of_paused_time() {
    paused(async {
        let (ours, _theirs) = tokio::io::duplex(64);
        let options = Options::new().timeouts(Timeouts::new().handshake(3600 * S));
        let start = time::Instant::now();
        let error = Socket::accept(ours.compat(), options)
            .unwrap()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_near(start.elapsed(), 3600 * S);
    });
}

#[test]
fn reconnecting_waits_in_paused_time() {
    paused(async {
        let refused = refused_port().unwrap();
        let policy = Reconnect::to(&*format!("ws://{}/", refused.address()));
        let socket = Reconnecting::new(Socket::new(), policy.delays(60 * S, 60 * S).attempts(5));
        let mut waits = 0;
        let mut began = None;
        while let Some(event) = socket.next_event().await {
            match event {
                ReconnectEvent::Waiting { delay, .. } => {
                    waits += 1;
                    began = Some((time::Instant::now(), delay));
                }
                ReconnectEvent::Connecting { .. } => {
                    if let Some((began, delay)) = began {
                        assert_near(began.elapsed(), delay);
                    }
                }
                _ => {}
            }
        }
        assert_eq!(waits, 4);
    });
}
