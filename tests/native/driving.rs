//! One driver, whatever is waited for: turns, time limits, wakers, and the application's own code.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use async_std::task;
use futures::future::{join, join_all};
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, SinkExt};
use qwebsocket::{
    Close, Compression, ErrorKind, Event, Messages, Options, Socket, State, Timeouts, WebSocket,
    WebSocketExt,
};

use crate::common::{message, run, to_end, word};
use crate::duplex::{End, stream};
use crate::server::{HELLO, REQUEST};
use crate::wakes::Wakes;

/// A server's socket whose client is this test.
pub(crate) async fn served(mut client: End, server: End, options: Options) -> (End, Socket) {
    client
        .write_all(format!("{REQUEST}\r\n").as_bytes())
        .await
        .unwrap();
    let accepting = Socket::accept(server, options).unwrap();
    let socket = accepting.await.unwrap().accept(None).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).await.unwrap();
        answer.extend(byte);
    }
    (client, socket)
}

pub(crate) async fn serve(room: usize, options: Options) -> (End, Socket) {
    let (client, server) = stream(room);
    served(client, server, options).await
}

/// A client and a server over a stream that holds so many bytes in each direction.
pub(crate) async fn pair(room: usize, client: Options, server: Options) -> (Socket, Socket) {
    let (left, right) = stream(room);
    let accepting = Socket::accept(right, server).unwrap();
    let server = async { accepting.await.unwrap().accept(None).await.unwrap() };
    let client = Socket::connect_over(left, "ws://in.memory/", client);
    let (client, server) = join(client, server).await;
    (client.unwrap(), server)
}

fn closing_within(limit: Duration) -> Options {
    Options::new().timeouts(Timeouts::new().close(limit))
}

/// Polls for events until nothing is returned: how many were, and whether the task is to be polled
/// again at once.
fn turn(socket: &Socket) -> (usize, bool) {
    let wakes = Arc::<Wakes>::default();
    let waker = Waker::from(wakes.clone());
    let mut cx = Context::from_waker(&waker);
    let mut events = 0;
    while let Poll::Ready(event) = socket.poll_event(&mut cx) {
        event.expect("it goes on");
        events += 1;
        assert!(events < 100_000, "a flood has the task for itself");
    }
    (events, wakes.count() > 0)
}

#[test]
fn a_flood_of_messages_leaves_others_their_turn() {
    run(async {
        let (mut client, socket) = serve(64 << 20, Options::new()).await;
        client.write_all(&HELLO.repeat(200_000)).await.unwrap();
        let (events, is_woken) = turn(&socket);
        assert!((1..=1000).contains(&events), "{events}");
        assert!(is_woken);
        let mut messages = events;
        while messages < 200_000 {
            messages += turn(&socket).0;
        }
    });
}

#[test]
fn a_flood_of_pings_leaves_others_their_turn() {
    run(async {
        let (mut client, socket) = serve(64 << 20, Options::new()).await;
        client
            .write_all(&b"\x89\x80\0\0\0\0".repeat(350_000))
            .await
            .unwrap();
        let (events, is_woken) = turn(&socket);
        assert!(events <= 1000, "{events}");
        assert!(is_woken);
    });
}

#[test]
fn a_flood_of_fragments_and_a_deflate_bomb_leave_others_their_turn() {
    let calls = |pieces: Vec<u8>, options: Options| {
        run(async {
            let (left, right) = stream(64 << 20);
            let mut client = left;
            let request = format!("{REQUEST}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
            client.write_all(request.as_bytes()).await.unwrap();
            let accepting = Socket::accept(right, options).unwrap();
            let socket = accepting.await.unwrap().accept(None).await.unwrap();
            client.write_all(&pieces).await.unwrap();
            let wakes = Arc::<Wakes>::default();
            let waker = Waker::from(wakes.clone());
            let mut cx = Context::from_waker(&waker);
            let mut calls = 0;
            // Until it has nothing more to do.
            loop {
                let before = wakes.count();
                match socket.poll_event(&mut cx) {
                    Poll::Ready(_) => {}
                    Poll::Pending if wakes.count() > before => calls += 1,
                    Poll::Pending => return calls,
                }
            }
        })
    };
    let fragments = b"\x01\x80\0\0\0\0".to_vec();
    let fragments = [fragments, b"\x00\x80\0\0\0\0".repeat(1_000_000)].concat();
    assert!(calls(fragments, Options::new()) > 3);

    // 64 MiB of zeros, deflated.
    let mut deflated = Vec::new();
    let mut deflater = flate2_zeros(64 << 20);
    deflated.append(&mut deflater);
    let mut bomb = vec![0xC2, 0xFF];
    bomb.extend((deflated.len() as u64).to_be_bytes());
    bomb.extend([0; 4]);
    bomb.extend(&deflated);
    let options = Options::new().compression(Compression::new());
    assert!(calls(bomb, options) > 30);
}

/// So many zeros as a raw deflate stream that ends on a byte, by stored knowledge of its form: a
/// block of fixed codes with one zero, then lengths of 258 at distance 1 (RFC 1951 §3.2.6).
fn flate2_zeros(length: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let push = |bits: &mut Vec<bool>, value: u32, count: u32| {
        bits.extend((0..count).map(|bit| value >> bit & 1 == 1));
    };
    // Codes are packed from their most significant bit.
    let code = |bits: &mut Vec<bool>, value: u32, count: u32| {
        bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    };
    push(&mut bits, 0b010, 3);
    code(&mut bits, 0x30, 8);
    for _ in 0..length / 258 {
        // Length 258 is code 285, of the eight-bit ones; distance 1 is code 0.
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    // The end of the block, and an empty stored one, whose length stays away (RFC 7692 §7.2.1).
    code(&mut bits, 0, 7);
    push(&mut bits, 0, 3);
    bits.chunks(8)
        .map(|byte| {
            byte.iter()
                .rev()
                .fold(0, |out, bit| out << 1 | u8::from(*bit))
        })
        .collect()
}

#[test]
fn many_tasks_that_flush_all_come_back() {
    run(async {
        let (mut client, socket) = serve(1000, Options::new()).await;
        let socket = Arc::new(socket);
        let drain = task::spawn(async move {
            let mut bytes = vec![0; 700];
            while client.read(&mut bytes).await.is_ok_and(|read| read > 0) {
                task::yield_now().await;
            }
        });
        let tasks = (0..32).map(|n| {
            let socket = socket.clone();
            task::spawn(async move {
                socket.send(vec![n; 5000].into()).unwrap();
                socket.flush().await.unwrap();
            })
        });
        join_all(tasks).await;
        assert_eq!(socket.bytes_to_write(), 0);
        drop(socket);
        drain.await;
    });
}

#[test]
fn a_flush_keeps_the_time_limit_of_closing() {
    run(async {
        let (_client, socket) = serve(1000, closing_within(Duration::from_millis(200))).await;
        socket.send(vec![7; 100_000].into()).unwrap();
        socket.close(Close::default()).unwrap();
        let error = socket.flush().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(socket.state(), State::Unconnected);
        let words = to_end(&socket).await;
        assert!(words.contains(&"Error(TimedOut)".into()), "{words:?}");
        assert_eq!(socket.last_error().unwrap().kind(), ErrorKind::TimedOut);
    });
}

#[test]
fn closing_a_sink_ends_within_the_limit() {
    run(async {
        let (_client, socket) = serve(1000, closing_within(Duration::from_millis(200))).await;
        let mut messages = Messages::new(socket);
        messages.feed(vec![7; 100_000].into()).await.unwrap();
        let error = messages.close().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    });
}

#[test]
fn what_has_arrived_is_read_before_a_limit_is_judged() {
    run(async {
        let (mut client, socket) = serve(1 << 20, closing_within(Duration::from_millis(300))).await;
        socket.close(Close::default()).unwrap();
        // The close frame goes out; then nobody drives until long after the limit.
        socket.flush().await.unwrap();
        let answer = [HELLO, HELLO, b"\x88\x82\0\0\0\0\x03\xE8"].concat();
        client.write_all(&answer).await.unwrap();
        task::sleep(Duration::from_millis(600)).await;
        let words = to_end(&socket).await;
        let hello = "Text(\"Hello\")";
        assert_eq!(words.iter().filter(|word| *word == hello).count(), 2);
        assert_eq!(socket.peer_close().unwrap().code().get(), 1000);
        assert!(socket.last_error().is_none());
    });
}

#[test]
fn who_only_flushes_reads_what_has_arrived_before_a_limit_is_judged() {
    run(async {
        let limit = closing_within(Duration::from_millis(300));
        let (mut client, socket) = serve(1000, limit).await;
        socket.send(vec![7; 5000].into()).unwrap();
        socket.close(Close::default()).unwrap();
        // It has heard enough, and reads nothing of what was queued.
        client.write_all(b"\x88\x82\0\0\0\0\x0F\xA1").await.unwrap();
        let flushed = socket.flush().await;
        assert!(flushed.is_err());
        assert_eq!(socket.peer_close().unwrap().code().get(), 4001);
    });
}

#[test]
fn a_long_queue_drains_behind_close_for_as_long_as_the_peer_takes_it() {
    run(async {
        let limit = Duration::from_millis(400);
        let (mut client, socket) = serve(10_000, closing_within(limit)).await;
        const LENGTH: usize = 200_000;
        socket.send(vec![7; LENGTH].into()).unwrap();
        socket.close(Close::new(4000, "done")).unwrap();
        let began = Instant::now();
        let slow = async {
            let mut seen = Vec::new();
            let mut piece = vec![0; 10_000];
            while !seen.ends_with(b"done") {
                task::sleep(Duration::from_millis(60)).await;
                let read = client.read(&mut piece).await.unwrap();
                assert!(read > 0, "{} of {LENGTH} bytes came", seen.len());
                seen.extend_from_slice(&piece[..read]);
            }
            client.write_all(b"\x88\x82\0\0\0\0\x0F\xA0").await.unwrap();
            seen.len()
        };
        let (length, words) = join(slow, to_end(&socket)).await;
        assert!(length > LENGTH);
        assert!(began.elapsed() > limit * 2);
        assert!(
            !words.iter().any(|word| word.starts_with("Error")),
            "{words:?}"
        );
        assert_eq!(socket.peer_close().unwrap().code().get(), 4000);
    });
}

#[test]
fn what_is_thrown_away_behind_close_is_told() {
    run(async {
        let (_client, socket) = serve(1000, closing_within(Duration::from_millis(200))).await;
        let socket = Arc::new(socket);
        socket.send(vec![7; 100_000].into()).unwrap();
        socket.close(Close::default()).unwrap();
        let flush = task::spawn({
            let socket = socket.clone();
            async move { socket.flush().await }
        });
        let words = to_end(&socket).await;
        let end = [
            "Error(TimedOut)",
            "Unconnected",
            "ReadFinished",
            "Disconnected",
        ];
        assert!(words.ends_with(&end.map(String::from)), "{words:?}");
        assert_eq!(flush.await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(socket.messages_written(), 0);
        assert!(socket.peer_close().is_none());
    });
}

#[test]
fn the_queue_in_front_of_an_echo_is_told_when_it_is_thrown_away() {
    run(async {
        let (mut client, socket) = serve(1000, closing_within(Duration::from_millis(200))).await;
        socket.send(vec![7; 100_000].into()).unwrap();
        client.write_all(b"\x88\x82\0\0\0\0\x03\xE8").await.unwrap();
        let words = to_end(&socket).await;
        assert!(words.contains(&"Error(TimedOut)".into()), "{words:?}");
        assert_eq!(
            socket.flush().await.unwrap_err().kind(),
            ErrorKind::TimedOut
        );
    });
}

#[test]
fn a_peer_that_answers_nothing_ends_a_close_without_an_error() {
    run(async {
        let (_client, socket) = serve(1 << 20, closing_within(Duration::from_millis(100))).await;
        socket.send("all of it leaves".into()).unwrap();
        socket.close(Close::default()).unwrap();
        let words = to_end(&socket).await;
        assert!(
            !words.iter().any(|word| word.starts_with("Error")),
            "{words:?}"
        );
        assert!(socket.peer_close().is_none());
        assert!(socket.flush().await.is_ok());
    });
}

#[test]
fn a_peer_that_goes_on_sending_gets_no_more_time() {
    run(async {
        let (mut client, socket) = serve(1 << 20, closing_within(Duration::from_millis(200))).await;
        socket.close(Close::default()).unwrap();
        let flood = async {
            // Large ones: it is bytes that count.
            let pings = [b"\x89\xFD\0\0\0\0".as_slice(), &[7; 125]]
                .concat()
                .repeat(50);
            while client.write_all(&pings).await.is_ok() && !client.is_closed() {
                client.discard();
                task::yield_now().await;
            }
        };
        let mut flood = pin!(flood.fuse());
        let mut end = pin!(to_end(&socket).fuse());
        futures::select! {
            _ = end => {}
            () = flood => { end.await; }
        }
        assert_eq!(socket.state(), State::Unconnected);
    });
}

#[test]
fn pings_are_answered_until_the_peers_close_frame() {
    run(async {
        let (mut client, socket) = serve(1000, Options::new()).await;
        socket.send(vec![7; 50_000].into()).unwrap();
        socket.close(Close::new(1000, "")).unwrap();
        client.write_all(b"\x89\x81\0\0\0\0p").await.unwrap();
        let reads = async {
            let mut seen = Vec::new();
            let mut piece = [0; 999];
            let has = |seen: &[u8], frame: &[u8]| seen.windows(frame.len()).any(|w| w == frame);
            while !(has(&seen, b"\x88\x02\x03\xE8") && has(&seen, b"\x8A\x01p")) {
                let read = client.read(&mut piece).await.unwrap();
                seen.extend_from_slice(&piece[..read]);
            }
            client.write_all(b"\x88\x82\0\0\0\0\x03\xE8").await.unwrap();
        };
        join(reads, to_end(&socket)).await;
        assert_eq!(socket.peer_close().unwrap().code().get(), 1000);
    });
}

#[test]
fn two_that_flush_before_they_read_get_on_where_they_read_meanwhile() {
    run(async {
        let options = || Options::new().read_while_flushing(1 << 20);
        let (client, server) = pair(10_000, options(), options()).await;
        for socket in [&client, &server] {
            socket.send(vec![7; 300_000].into()).unwrap();
        }
        let flush_then_read = async |socket: &Socket| {
            socket.flush().await.unwrap();
            message(socket).await.len()
        };
        let lengths = join(flush_then_read(&client), flush_then_read(&server)).await;
        assert_eq!(lengths, (300_000, 300_000));
    });
}

#[test]
fn who_looks_leaves_the_task_that_waits_in_its_place() {
    run(async {
        let (mut client, socket) = serve(1 << 20, Options::new()).await;
        let socket = Arc::new(socket);
        let waiting = task::spawn({
            let socket = socket.clone();
            async move { socket.next_event().await.and_then(|event| word(&event)) }
        });
        task::sleep(Duration::from_millis(50)).await;
        assert!(socket.try_next().is_none());
        client.write_all(HELLO).await.unwrap();
        assert_eq!(waiting.await.unwrap(), "Text(\"Hello\")");
    });
}

#[test]
fn who_looks_with_a_waker_is_woken() {
    run(async {
        let (mut client, socket) = serve(1 << 20, Options::new()).await;
        let wakes = Arc::<Wakes>::default();
        let waker = Waker::from(wakes.clone());
        for round in 1..=5 {
            assert!(socket.try_next_with(&waker).is_none());
            client.write_all(HELLO).await.unwrap();
            assert_eq!(wakes.count(), round);
            assert!(matches!(
                socket.try_next_with(&waker),
                Some(Event::Message(_))
            ));
        }
    });
}

/// Two on different threads, one of which flushes while the other waits for events: nobody is
/// forgotten, however their calls fall together.
#[test]
fn threads_that_contend_for_a_socket_all_come_back() {
    for seed in 0..20 {
        run(async {
            let (client, server) = pair(3000, Options::new(), Options::new()).await;
            let (client, server) = (Arc::new(client), Arc::new(server));
            let echo = task::spawn(async move {
                while let Some(event) = server.next_event().await {
                    if let Event::Message(message) = event {
                        server.send(message).unwrap();
                    }
                }
            });
            let senders = (0..4).map(|n| {
                let client = client.clone();
                task::spawn(async move {
                    for round in 0..30 {
                        client.send(vec![n; 100 + seed * round].into()).unwrap();
                        client.flush().await.unwrap();
                    }
                })
            });
            let senders = join_all(senders);
            let receiver = async {
                let mut messages = 0;
                while messages < 4 * 30 {
                    if let Some(Event::Message(_)) = client.next_event().await {
                        messages += 1;
                    }
                }
            };
            join(senders, receiver).await;
            client.close(Close::default()).unwrap();
            while client.next_event().await.is_some() {}
            echo.await;
        });
    }
}

#[test]
fn a_flush_that_is_given_up_leaves_the_others_waiting() {
    run(async {
        let (mut client, socket) = serve(1000, Options::new()).await;
        socket.send(vec![7; 3000].into()).unwrap();
        let mut first = Box::pin(socket.flush());
        let mut second = Box::pin(socket.flush());
        poll_fn(|cx| {
            assert!(first.as_mut().poll(cx).is_pending());
            assert!(second.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(first);
        let reads = async {
            let mut bytes = vec![0; 3000];
            client.read_exact(&mut bytes).await.unwrap();
        };
        let (flushed, ()) = join(second, reads).await;
        flushed.unwrap();
    });
}
