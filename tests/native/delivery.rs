//! One message that is written to many connections, and whom that wakes.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::future::join;
use futures::{AsyncRead, AsyncWrite, FutureExt, StreamExt};
use qwebsocket::{
    Event, Listener, Message, Negotiated, Options, Role, Socket, State, Subscription, Topics,
    WebSocket, WebSocketExt,
};

use crate::common::{message, run};
use crate::wakes::Wakes;

type Room = Topics<Arc<Socket>>;

const TOPIC: &str = "a";

/// A stream that keeps what is written, as far as it takes it.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Calls>>);

#[derive(Default)]
struct Calls {
    reads: usize,
    writes: Vec<Vec<u8>>,
    /// Nothing is taken for now.
    is_full: bool,
    is_broken: bool,
    waits: Option<Waker>,
    /// Called by each write.
    calls: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Kept {
    fn change<T>(&self, change: impl FnOnce(&mut Calls) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn writes(&self) -> Vec<Vec<u8>> {
        self.change(|calls| calls.writes.clone())
    }

    fn make_room(&self) {
        let waits = self.change(|calls| {
            calls.is_full = false;
            calls.waits.take()
        });
        waits.expect("somebody waits for room").wake();
    }
}

impl AsyncRead for Kept {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.change(|calls| calls.reads += 1);
        Poll::Pending
    }
}

impl AsyncWrite for Kept {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(call) = self.change(|calls| calls.calls.clone()) {
            call();
        }
        self.change(|calls| {
            if calls.is_broken {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            if calls.is_full {
                calls.waits = Some(cx.waker().clone());
                return Poll::Pending;
            }
            calls.writes.push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A server's connection, and a task that waits for its events.
struct Listening {
    socket: Arc<Socket>,
    woken: Arc<Wakes>,
    kept: Kept,
    subscription: Subscription<Arc<Socket>>,
}

impl Listening {
    fn new(room: &Room) -> Listening {
        let kept = Kept::default();
        let negotiated = Negotiated::new(Role::Server);
        let socket = Socket::upgraded(kept.clone(), negotiated, Options::new()).unwrap();
        let socket = Arc::new(socket);
        let listening = Listening {
            subscription: room.subscribe(TOPIC, socket.clone()),
            woken: Arc::default(),
            socket,
            kept,
        };
        assert!(listening.events().is_empty());
        listening
    }

    /// The events up to the one that it waits for now.
    fn events(&self) -> Vec<Event> {
        events(&self.socket, &self.woken)
    }

    fn is_woken(&self) -> bool {
        self.woken.count() > 0
    }
}

fn events(socket: &Socket, woken: &Arc<Wakes>) -> Vec<Event> {
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    let mut events = Vec::new();
    while let Poll::Ready(Some(event)) = socket.poll_event(&mut cx) {
        events.push(event);
    }
    events
}

/// A text of a server as one frame (RFC 6455 §5.2).
fn frame(text: &str) -> Vec<u8> {
    [&[0x81, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

#[test]
fn each_delivery_is_one_write_and_wakes_no_task() {
    let room = Room::new();
    let all: Vec<_> = (0..50).map(|_| Listening::new(&room)).collect();
    let reads = || {
        all.iter()
            .map(|one| one.kept.change(|calls| calls.reads))
            .sum::<usize>()
    };
    let reads_before = reads();
    for text in ["one", "two"] {
        let delivered = run(room.deliver(TOPIC, text));
        assert_eq!(delivered.queued, all.len());
    }
    assert_eq!(reads(), reads_before);
    for one in &all {
        assert_eq!(one.kept.writes(), [frame("one"), frame("two")]);
        assert!(!one.is_woken());
        let left = (one.socket.bytes_to_write(), one.socket.messages_written());
        assert_eq!(left, (0, 2));
        // It is told once the task asks.
        let events = one.events();
        let [Event::BytesWritten(bytes)] = events[..] else {
            panic!("{events:?}");
        };
        assert_eq!(bytes, 2 * frame("one").len());
    }
}

#[test]
fn what_is_published_wakes_the_tasks_and_leaves_together() {
    let room = Room::new();
    let one = Listening::new(&room);
    for text in ["one", "two"] {
        assert_eq!(room.publish(TOPIC, text).queued, 1);
    }
    assert!(one.is_woken());
    assert!(one.kept.writes().is_empty());
    one.events();
    assert_eq!(one.kept.writes(), [[frame("one"), frame("two")].concat()]);
}

#[test]
fn what_a_stream_does_not_take_is_left_to_the_task() {
    let room = Room::new();
    let one = Listening::new(&room);
    one.kept.change(|calls| calls.is_full = true);
    assert_eq!(run(room.deliver(TOPIC, "one")).queued, 1);
    assert!(one.is_woken());
    assert!(one.events().is_empty());
    // In front of it one waits, so no write is tried.
    one.kept.change(|calls| calls.is_broken = true);
    assert_eq!(run(room.deliver(TOPIC, "two")).queued, 1);
    one.kept.change(|calls| calls.is_broken = false);
    one.socket.send_text("three").unwrap();
    one.kept.make_room();
    one.events();
    let all = ["one", "two", "three"].map(frame).concat();
    assert_eq!(one.kept.writes().concat(), all);
    // From here on it is written at once again.
    run(room.deliver(TOPIC, "four"));
    assert_eq!(one.kept.writes().last().unwrap(), &frame("four"));
}

#[test]
fn a_stream_that_breaks_is_told_to_the_task() {
    let room = Room::new();
    let one = Listening::new(&room);
    one.kept.change(|calls| calls.is_broken = true);
    run(room.deliver(TOPIC, "one"));
    assert!(one.is_woken());
    run(async {
        while let Some(event) = one.socket.next_event().await {
            if let Event::Error(_) = event {
                return;
            }
        }
        panic!("no error was told");
    });
    assert_eq!(run(room.deliver(TOPIC, "two")).failed, 1);
}

#[test]
fn others_get_their_turn_during_a_large_delivery() {
    const MANY: usize = 1000;
    let room = Room::new();
    let all: Vec<_> = (0..MANY).map(|_| Listening::new(&room)).collect();
    let written = || {
        all.iter()
            .filter(|one| !one.kept.writes().is_empty())
            .count()
    };
    let woken = Arc::<Wakes>::default();
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    let mut delivery = room.deliver(TOPIC, "x".repeat(100));
    for turn in 1..MANY {
        let before = written();
        let polled = delivery.poll_unpin(&mut cx);
        assert!(written() - before <= 128, "as many events are a turn");
        match polled {
            Poll::Ready(delivered) => {
                assert!(turn > 1);
                assert_eq!((written(), delivered.queued), (MANY, MANY));
                return;
            }
            Poll::Pending => assert_eq!(woken.count(), turn),
        }
    }
    panic!("it goes on for ever");
}

#[test]
fn a_delivery_that_is_dropped_queues_for_the_rest() {
    let room = Room::new();
    let all: Vec<_> = (0..300).map(|_| Listening::new(&room)).collect();
    let mut delivery = room.deliver(TOPIC, "hello");
    assert!((&mut delivery).now_or_never().is_none());
    drop(delivery);
    // Not even begun.
    drop(room.deliver(TOPIC, "again"));
    for one in &all {
        assert!(one.is_woken());
        one.events();
        let sent = [frame("hello"), frame("again")].concat();
        assert_eq!(one.kept.writes().concat(), sent);
    }
}

#[test]
fn a_delivery_is_for_the_others_who_have_stayed() {
    let room = Room::new();
    let mut all: Vec<_> = (0..300).map(|_| Listening::new(&room)).collect();
    let sender = all.remove(0);
    let gone = all.pop().unwrap();
    let mut delivery = sender.subscription.deliver("hello");
    assert!((&mut delivery).now_or_never().is_none());
    drop(gone.subscription);
    let late = Listening::new(&room);
    assert_eq!(run(delivery).queued, all.len());
    for one in &all {
        assert_eq!(one.kept.writes(), [frame("hello")]);
    }
    for kept in [&sender.kept, &gone.kept, &late.kept] {
        assert!(kept.writes().is_empty());
    }
}

#[test]
fn a_write_may_call_topics_and_sockets() {
    let room = Room::new();
    let all: Vec<_> = (0..3).map(|_| Listening::new(&room)).collect();
    let calls = Arc::<AtomicUsize>::default();
    for one in &all {
        let (room, socket, calls) = (room.clone(), one.socket.clone(), calls.clone());
        let call = move || {
            calls.fetch_add(1, Ordering::SeqCst);
            assert_eq!(room.subscribers(TOPIC), 3);
            assert_eq!(socket.state(), State::Connected);
        };
        one.kept.change(|calls| calls.calls = Some(Arc::new(call)));
    }
    run(room.deliver(TOPIC, "hello"));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    for one in &all {
        // Else it is held by itself.
        one.kept.change(|calls| calls.calls = None);
    }
}

/// Over TCP nobody polls the server's socket but to wait.
#[test]
fn a_delivery_arrives_from_a_socket_that_is_not_polled() {
    run(async {
        let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_address());
        let accept = async { listener.next().await.unwrap()?.await?.accept(None).await };
        let (client, server) = join(Socket::connect(url), accept).await;
        let (client, server) = (client.unwrap(), Arc::new(server.unwrap()));
        let woken = Arc::default();
        events(&server, &woken);
        let room = Room::new();
        let _subscription = room.subscribe(TOPIC, server.clone());
        let large = "x".repeat(20_000);
        for text in ["one", "two", &large] {
            assert_eq!(room.deliver(TOPIC, text).await.queued, 1);
            assert_eq!(message(&client).await, Message::from(text));
        }
        assert_eq!(woken.count(), 0);
        let written = events(&server, &woken);
        // RFC 6455 §5.2: the last has four bytes in front.
        let bytes = 2 * frame("one").len() + 4 + large.len();
        assert!(
            matches!(written[..], [Event::BytesWritten(told)] if told == bytes),
            "{written:?}"
        );
    });
}
