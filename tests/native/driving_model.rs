//! A seeded scheduler over the driver: whoever waits for a socket is woken, in whatever order the
//! tasks of both ends get their turns.
//!
//! The stream between them is in memory and no time limit is set, so that nothing comes from
//! outside: when nobody is woken and somebody still waits, a wake-up was lost. A failure names its
//! seed.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::{AsyncRead, AsyncWrite, FutureExt};
use qwebsocket::{
    Close, Compression, Event, Message, Options, Socket, State, Timeouts, WebSocket, WebSocketExt,
};

use crate::common::run;
use crate::duplex::{End, stream};

const SEEDS: u64 = 1500;
const SENDERS: u8 = 3;
const MESSAGES: u8 = 4;

/// Numbers that follow from a seed (Marsaglia's xorshift).
#[derive(Clone)]
struct Chance(Arc<AtomicU64>);

impl Chance {
    fn new(seed: u64) -> Chance {
        let state = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Chance(Arc::new(AtomicU64::new(state)))
    }

    fn below(&self, bound: usize) -> usize {
        let mut x = self.0.load(Ordering::Relaxed);
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.store(x, Ordering::Relaxed);
        (x >> 16) as usize % bound
    }

    fn is_one_in(&self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

/// A stream that reads and writes less than it could, and at times wakes instead.
struct Fickle {
    end: End,
    chance: Chance,
}

impl Fickle {
    fn is_busy(&self, cx: &Context<'_>) -> bool {
        let is_busy = self.chance.is_one_in(4);
        if is_busy {
            cx.waker().wake_by_ref();
        }
        is_busy
    }

    fn part(&self, length: usize) -> usize {
        match self.chance.below(3) {
            0 => length,
            _ => 1 + self.chance.below(length),
        }
    }
}

impl Drop for Fickle {
    fn drop(&mut self) {
        self.end.hang_up();
    }
}

impl AsyncRead for Fickle {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_busy(cx) {
            return Poll::Pending;
        }
        let length = self.part(out.len());
        Pin::new(&mut self.end).poll_read(cx, &mut out[..length])
    }
}

impl AsyncWrite for Fickle {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_busy(cx) {
            return Poll::Pending;
        }
        let length = self.part(bytes.len());
        Pin::new(&mut self.end).poll_write(cx, &bytes[..length])
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_busy(cx) {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_busy(cx) {
            return Poll::Pending;
        }
        Pin::new(&mut self.end).poll_close(cx)
    }
}

/// Of one task; each poll may have a new one.
struct Flag(Arc<AtomicBool>);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Task {
    name: &'static str,
    future: Pin<Box<dyn Future<Output = ()>>>,
    is_woken: Arc<AtomicBool>,
    waker: Waker,
}

impl Task {
    fn new(name: &'static str, future: impl Future<Output = ()> + 'static) -> Task {
        let is_woken = Arc::new(AtomicBool::new(true));
        Task {
            name,
            future: Box::pin(future),
            waker: Arc::new(Flag(is_woken.clone())).into(),
            is_woken,
        }
    }

    fn poll(&mut self, chance: &Chance) -> Poll<()> {
        if chance.is_one_in(4) {
            self.waker = Arc::new(Flag(self.is_woken.clone())).into();
        }
        self.is_woken.store(false, Ordering::SeqCst);
        self.future
            .as_mut()
            .poll(&mut Context::from_waker(&self.waker))
    }
}

/// Polls the tasks that are woken, in an order of chance, until all have ended.
fn schedule(mut tasks: Vec<Task>, chance: &Chance, seed: u64) {
    while !tasks.is_empty() {
        let woken: Vec<_> = (0..tasks.len())
            .filter(|index| tasks[*index].is_woken.load(Ordering::SeqCst))
            .collect();
        let names: Vec<_> = tasks.iter().map(|task| task.name).collect();
        assert!(!woken.is_empty(), "seed {seed}: nobody wakes {names:?}");
        let index = woken[chance.below(woken.len())];
        if tasks[index].poll(chance).is_ready() {
            drop(tasks.swap_remove(index));
        }
    }
}

/// Lets others have their turn.
async fn pass() {
    let mut has_passed = false;
    poll_fn(|cx| {
        if has_passed {
            return Poll::Ready(());
        }
        has_passed = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future so many times at the most, and drops it.
async fn give_up<F: Future + Unpin>(mut future: F, polls: usize) -> Option<F::Output> {
    for _ in 0..polls {
        if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.poll_unpin(cx))).await {
            return Some(output);
        }
        pass().await;
    }
    None
}

/// How the connection ends once all messages are back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    ClientCloses,
    ServerCloses,
    ServerAborts,
}

/// One connection: the client's tasks send and flush, look, and give up.
struct Scene {
    client: Socket,
    server: Socket,
    chance: Chance,
    /// Whether the server echoes, and the client's messages count when they are back. Without that
    /// nobody waits for events of the client while it sends.
    echoes: bool,
    ending: Ending,
    arrived: RefCell<Vec<[u8; 2]>>,
    sending: Cell<u8>,
    sent: RefCell<Option<Waker>>,
}

impl Scene {
    async fn send_and_flush(self: Rc<Self>, sender: u8) {
        for number in 0..MESSAGES {
            let mut message = vec![sender, number];
            message.resize(2 + self.chance.below(3000), 7);
            self.client.send(message.into()).unwrap();
            if self.chance.is_one_in(3) {
                pass().await;
            }
            if self.chance.is_one_in(3) {
                give_up(self.client.flush(), self.chance.below(4)).await;
            }
            let flushed = self.client.flush().await;
            // An abort discards pings.
            assert!(self.ending == Ending::ServerAborts || flushed.is_ok());
        }
        self.sending.update(|sending| sending - 1);
        if let Some(waker) = self.sent.take() {
            waker.wake();
        }
    }

    async fn look(self: Rc<Self>) {
        for _ in 0..self.chance.below(10) {
            match self.chance.below(3) {
                0 => drop(self.client.try_flush()),
                1 => drop(self.client.ping("are you there?".into())),
                _ => self.hear_client(self.client.try_next_event()),
            }
            pass().await;
        }
    }

    async fn receive(self: Rc<Self>) {
        poll_fn(|cx| {
            if self.echoes || self.sending.get() == 0 {
                return Poll::Ready(());
            }
            self.sent.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
        loop {
            if self.chance.is_one_in(3) {
                let polls = self.chance.below(3);
                let event = give_up(self.client.next_event(), polls).await;
                self.hear_client(event.flatten());
            }
            match self.client.next_event().await {
                None => return,
                event => self.hear_client(event),
            }
        }
    }

    async fn serve(self: Rc<Self>) {
        while let Some(event) = self.server.next_event().await {
            let Event::Message(message) = event else {
                continue;
            };
            if !self.echoes {
                self.hear(message);
                continue;
            }
            self.server.send(message).unwrap();
            if self.chance.is_one_in(2) {
                // Not to its end: the client may be writing, too.
                give_up(self.server.flush(), self.chance.below(3)).await;
            }
        }
    }

    fn hear_client(&self, event: Option<Event>) {
        if let Some(Event::Message(message)) = event {
            self.hear(message);
        }
    }

    fn hear(&self, message: Message) {
        let bytes = message.into_bytes();
        let mut arrived = self.arrived.borrow_mut();
        arrived.push([bytes[0], bytes[1]]);
        if arrived.len() < usize::from(SENDERS * MESSAGES) {
            return;
        }
        match self.ending {
            Ending::ClientCloses => self.client.close(Close::default()).unwrap(),
            Ending::ServerCloses => self.server.close(Close::default()).unwrap(),
            Ending::ServerAborts => self.server.abort(),
        }
    }

    /// Each message once, and those of a sender in their order.
    fn check(&self, seed: u64) {
        let mut arrived = self.arrived.borrow_mut();
        for sender in 0..SENDERS {
            let numbers = arrived.iter().filter(|[from, _]| *from == sender);
            assert!(numbers.is_sorted(), "seed {seed}: {arrived:?}");
        }
        arrived.sort_unstable();
        arrived.dedup();
        assert_eq!(
            arrived.len(),
            usize::from(SENDERS * MESSAGES),
            "seed {seed}"
        );
        let states = (self.client.state(), self.server.state());
        assert_eq!(
            states,
            (State::Unconnected, State::Unconnected),
            "seed {seed}"
        );
    }
}

/// Client and server over a fickle stream, which holds so many bytes in each direction.
fn connect(chance: &Chance, seed: u64) -> (Socket, Socket) {
    let (left, right) = stream(1 + chance.below(4000));
    let fickle = |end| Fickle {
        end,
        chance: chance.clone(),
    };
    let mut options = Options::new().timeouts(
        Timeouts::new()
            .handshake(None)
            .tls(None)
            .connect(None)
            .close(None),
    );
    if chance.is_one_in(3) {
        options = options.compression(Compression::new());
    }
    let ends = Rc::new(RefCell::new((None, None)));
    let accepting = Socket::accept(fickle(right), options.clone()).unwrap();
    let client = Socket::connect_over(fickle(left), "ws://in.memory/", options);
    let (ours, theirs) = (ends.clone(), ends.clone());
    let tasks = vec![
        Task::new("connect", async move {
            ours.borrow_mut().0 = Some(client.await.unwrap());
        }),
        Task::new("accept", async move {
            let incoming = accepting.await.unwrap();
            theirs.borrow_mut().1 = Some(incoming.accept(None).await.unwrap());
        }),
    ];
    schedule(tasks, chance, seed);
    let (client, server) = ends.take();
    (client.unwrap(), server.unwrap())
}

fn play(seed: u64) {
    let chance = Chance::new(seed);
    let (client, server) = connect(&chance, seed);
    let endings = [
        Ending::ClientCloses,
        Ending::ServerCloses,
        Ending::ServerAborts,
    ];
    let scene = Rc::new(Scene {
        client,
        server,
        echoes: chance.is_one_in(2),
        ending: endings[chance.below(3)],
        chance: chance.clone(),
        arrived: RefCell::default(),
        sending: Cell::new(SENDERS),
        sent: RefCell::default(),
    });
    let mut tasks = vec![
        Task::new("receive", scene.clone().receive()),
        Task::new("serve", scene.clone().serve()),
        Task::new("look", scene.clone().look()),
    ];
    for sender in 0..SENDERS {
        tasks.push(Task::new("send", scene.clone().send_and_flush(sender)));
    }
    schedule(tasks, &chance, seed);
    scene.check(seed);
}

#[test]
fn no_wake_up_is_lost() {
    run(async {
        for seed in 0..SEEDS {
            play(seed);
        }
    });
}
