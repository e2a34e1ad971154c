//! What the library has for tests of applications, where there is no runtime.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use futures::join;
use qwebsocket::testing::{self, VirtualTime};
use qwebsocket::{CloseCode, ErrorKind, KeepAlive, Options, WebSocket, WebSocketExt};

use crate::common::{GOOD_END, message, to_end};

/// The executor of `futures` is no runtime.
#[test]
fn both_ends_talk_without_a_runtime() {
    let (client, server) = testing::pair(Options::new(), Options::new()).unwrap();
    let ask = async {
        client.send_text("hello").unwrap();
        assert_eq!(message(&client).await, "got it".into());
        client.close_with(CloseCode::NORMAL).unwrap();
        to_end(&client).await
    };
    let answer = async {
        assert_eq!(message(&server).await, "hello".into());
        server.send_text("got it").unwrap();
        to_end(&server).await
    };
    let (of_client, of_server) = block_on(async { join!(ask, answer) });
    assert_eq!(of_client, GOOD_END);
    assert_eq!(of_server, GOOD_END);
}

/// What does not fit waits for the reader.
#[test]
fn a_pair_has_backpressure() {
    const LENGTH: usize = 1 << 20;
    let (client, server) = testing::pair(Options::new(), Options::new()).unwrap();
    client.send(vec![1; LENGTH].into()).unwrap();
    client.try_flush().unwrap();
    let left = client.bytes_to_write();
    assert!((1..LENGTH).contains(&left), "{left}");
    let arrived = block_on(async { join!(message(&server), client.flush()) }).0;
    assert!(arrived == vec![1; LENGTH].into());
    assert_eq!(client.bytes_to_write(), 0);
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whoever waits is woken when the time has come, and not before.
#[test]
fn time_passes_when_a_test_says_so() {
    const MINUTE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);
    let time = VirtualTime::start().unwrap();
    let keep_alive = KeepAlive::ping(MINUTE).limit(MINUTE);
    let options = Options::new().keep_alive(keep_alive);
    let (_client, server) = testing::pair(Options::new(), options).unwrap();
    let flag = Arc::new(Flag::default());
    let waker = Waker::from(flag.clone());
    let mut end = pin!(to_end(&server));
    // The ping, and the answer that does not come.
    for _ in 0..2 {
        let cx = &mut Context::from_waker(&waker);
        assert!(end.as_mut().poll(cx).is_pending());
        flag.0.store(false, Ordering::Relaxed);
        time.advance(MINUTE - SECOND);
        assert!(!flag.0.load(Ordering::Relaxed));
        time.advance(SECOND);
        assert!(flag.0.load(Ordering::Relaxed));
    }
    let cx = &mut Context::from_waker(&waker);
    assert!(matches!(end.as_mut().poll(cx), Poll::Ready(_)));
    assert_eq!(server.last_error().unwrap().kind(), ErrorKind::TimedOut);
}

/// It is one for each thread, and over when it is dropped.
#[test]
fn virtual_time_is_a_threads_own() {
    let time = VirtualTime::start().unwrap();
    assert!(VirtualTime::start().is_none());
    let elsewhere = thread::spawn(|| VirtualTime::start().is_some());
    assert!(elsewhere.join().unwrap());
    drop(time);
    assert!(VirtualTime::start().is_some());
}
