use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Wake;
use std::time::Duration;

use super::backoff::SplitMix64;
use super::core::Core;
use super::ending::Verdict;
use super::fake::Fake;
use super::outbox::WhenFull;
use super::*;
use crate::close::CloseCode;
use crate::error::ErrorKind;
use crate::event::Event;
use crate::platform::Hint;
use crate::request::Request;

const S: Duration = Duration::from_secs(1);

/// A core on a fake socket and a clock of its own.
struct Rig {
    core: Core<Message>,
    socket: Fake,
    now: Duration,
}

impl Rig {
    fn new(policy: Reconnect) -> Rig {
        Rig {
            core: Core::new(policy.seed(1).0),
            socket: Fake::default(),
            now: 1000 * S,
        }
    }

    fn next(&mut self) -> Poll<Option<ReconnectEvent>> {
        let mut cx = Context::from_waker(Waker::noop());
        let told = self.core.poll(&self.socket, self.now, &mut cx);
        told.map(|told| told.map(ReconnectEvent::from))
    }

    /// All events up to now, in short.
    fn told(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            match self.next() {
                Poll::Ready(Some(event)) => all.extend(word(&event)),
                Poll::Ready(None) => {
                    all.push("end".into());
                    return all;
                }
                Poll::Pending => return all,
            }
        }
    }

    fn sleep(&mut self) {
        self.now = self.core.due().expect("it waits");
    }

    /// The network of an attempt that is under way.
    fn connect(&mut self) {
        self.socket.get().connect();
        assert_eq!(self.told(), ["Connected"]);
    }

    fn fail(&mut self, kind: ErrorKind) {
        self.socket.get().fail(kind.into());
    }

    fn send(&mut self, text: &str) -> Result<u64, Error> {
        self.core.send(text.into(), &self.socket)
    }

    fn wire(&self) -> Vec<String> {
        let network = self.socket.get();
        let texts = network.wire.iter().filter_map(Message::as_text);
        texts.map(str::to_owned).collect()
    }
}

fn word(event: &ReconnectEvent) -> Option<String> {
    Some(match event {
        ReconnectEvent::Connecting { attempt } => format!("connecting {attempt}"),
        ReconnectEvent::Socket(Event::Connected) => "Connected".into(),
        ReconnectEvent::Socket(_) => return None,
        ReconnectEvent::Failed { error } => format!("failed {}", kind(error)),
        ReconnectEvent::Ended { error, unknown, .. } => {
            format!("ended {}, unknown {unknown:?}", kind(error))
        }
        ReconnectEvent::Waiting { attempt, .. } => format!("waiting {attempt}"),
        ReconnectEvent::Offline => "offline".into(),
        ReconnectEvent::Dropped { number, .. } => format!("dropped {number}"),
        ReconnectEvent::GivenUp { attempts } => format!("given up {attempts}"),
    })
}

fn kind(error: &Option<Error>) -> String {
    error
        .as_ref()
        .map_or("well".into(), |error| format!("{:?}", error.kind()))
}

fn policy() -> Reconnect {
    Reconnect::to("ws://a/")
}

#[test]
fn attempts_follow_until_one_succeeds() {
    let mut rig = Rig::new(policy());
    assert_eq!(rig.told(), ["connecting 1"]);
    for attempt in 2..6 {
        rig.fail(ErrorKind::ConnectionRefused);
        let waiting = format!("waiting {attempt}");
        assert_eq!(rig.told(), ["failed ConnectionRefused", &waiting]);
        assert!(rig.told().is_empty());
        rig.sleep();
        assert_eq!(rig.told(), [format!("connecting {attempt}")]);
    }
    rig.connect();
    rig.now += 60 * S;
    rig.fail(ErrorKind::RemoteClosed);
    let told = ["ended RemoteClosed, unknown 0..0", "waiting 1"];
    assert_eq!(rig.told(), told);
    assert_eq!(rig.socket.get().requests.len(), 5);
}

#[test]
fn a_short_connection_is_a_failure() {
    let mut rig = Rig::new(policy().uptime(5 * S).attempts(2));
    rig.told();
    rig.connect();
    rig.now += 4 * S;
    rig.fail(ErrorKind::RemoteClosed);
    assert_eq!(rig.told()[1], "waiting 2");
    rig.sleep();
    rig.told();
    rig.connect();
    rig.fail(ErrorKind::RemoteClosed);
    assert_eq!(rig.told()[1..], ["given up 2", "end"]);
    assert_eq!(rig.send("a").unwrap_err().kind(), ErrorKind::WrongState);
    rig.core.reconnect_now();
    assert_eq!(rig.told(), ["connecting 1"]);
}

#[test]
fn the_application_decides() {
    let delay = 7 * S;
    let policy = policy().delays(Duration::ZERO, 60 * S);
    let mut rig = Rig::new(policy.decide(move |ending| match ending.error() {
        Some(error) if error.kind() == ErrorKind::Tls => Verdict::RetryAfter(delay),
        _ => Verdict::GiveUp,
    }));
    rig.told();
    rig.fail(ErrorKind::Tls);
    rig.told();
    assert_eq!(rig.core.due(), Some(rig.now + delay));
    rig.sleep();
    rig.told();
    rig.fail(ErrorKind::TimedOut);
    assert_eq!(rig.told(), ["failed TimedOut", "given up 2", "end"]);
}

#[test]
fn a_peer_that_is_done_is_left_alone() {
    let mut rig = Rig::new(policy());
    rig.told();
    rig.connect();
    rig.socket.close(Close::default()).unwrap();
    assert_eq!(
        rig.told(),
        ["ended well, unknown 0..0", "given up 1", "end"]
    );
}

#[test]
fn each_attempt_asks_for_its_request() {
    let mut rig = Rig::new(Reconnect::asking(|attempt| async move {
        match attempt {
            1 => Err(ErrorKind::Connection.into()),
            2 => Ok(Request::new("ws://a/2")),
            _ => Ok(Request::new("no URL")),
        }
    }));
    assert_eq!(
        rig.told(),
        ["connecting 1", "failed Connection", "waiting 2"]
    );
    rig.sleep();
    assert_eq!(rig.told(), ["connecting 2"]);
    assert_eq!(rig.socket.get().requests, [Request::new("ws://a/2")]);
    rig.fail(ErrorKind::TimedOut);
    rig.told();
    rig.sleep();
    let told = ["connecting 3", "failed InvalidInput", "given up 3", "end"];
    assert_eq!(rig.told(), told);
}

#[test]
fn greetings_go_out_first_on_each_connection() {
    let mut rig = Rig::new(policy().greeting(|_| vec!["hello".into()]));
    rig.send("a").unwrap();
    for _ in 0..2 {
        rig.told();
        // Not before the greeting is made.
        rig.socket.get().connect();
        rig.send("b").unwrap();
        assert_eq!(rig.told(), ["Connected"]);
        rig.socket.get().write(2);
        rig.fail(ErrorKind::RemoteClosed);
        rig.told();
        rig.core.reconnect_now();
    }
    assert_eq!(rig.wire(), ["hello", "a", "hello", "b"]);
}

#[test]
fn a_full_socket_leaves_messages_in_our_queue() {
    let mut rig = Rig::new(policy().queue(0));
    rig.socket.get().bound = Some(1);
    rig.told();
    rig.connect();
    rig.send("a").unwrap();
    rig.send("b").unwrap();
    assert_eq!(rig.send("c").unwrap_err().kind(), ErrorKind::QueueFull);
    assert_eq!(rig.core.unwritten(), 2);
    rig.socket.get().write(1);
    assert!(rig.told().is_empty());
    assert_eq!(rig.core.unwritten(), 1);
    rig.send("c").unwrap();
}

#[test]
fn what_makes_room_is_told() {
    let mut rig = Rig::new(policy().queue(1).when_full(WhenFull::DropOldest));
    for text in ["a", "b", "c"] {
        rig.send(text).unwrap();
    }
    assert_eq!(rig.told(), ["dropped 0", "dropped 1", "connecting 1"]);
    assert_eq!(rig.core.take_unsent(), [(2, "c".into())]);
}

#[test]
fn closing_ends_it() {
    let mut rig = Rig::new(policy());
    rig.told();
    rig.connect();
    rig.send("a").unwrap();
    rig.core.close(Close::default(), &rig.socket).unwrap();
    assert!(rig.send("b").is_err());
    assert_eq!(rig.told(), ["ended well, unknown 0..1", "end"]);

    // While waiting, and while connecting.
    for connecting in [false, true] {
        let mut rig = Rig::new(policy());
        rig.send("a").unwrap();
        if connecting {
            rig.told();
        }
        let refused = rig.core.close(CloseCode::NO_STATUS.into(), &rig.socket);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
        rig.core.close(Close::default(), &rig.socket).unwrap();
        assert_eq!(rig.told(), ["end"]);
        assert_eq!(rig.core.take_unsent(), [(0, "a".into())]);
    }
}

#[test]
fn offline_makes_no_attempts() {
    let mut rig = Rig::new(policy());
    rig.core.set_online(false);
    assert_eq!(rig.told(), ["offline"]);
    assert_eq!(rig.core.due(), None);
    rig.core.reconnect_now();
    assert!(rig.told().is_empty());
    rig.core.set_online(true);
    assert_eq!(rig.told(), ["connecting 1"]);
    rig.core.set_online(false);
    rig.connect();
    rig.fail(ErrorKind::RemoteClosed);
    assert_eq!(rig.told()[1..], ["offline"]);
}

#[test]
fn hints_move_the_next_attempt() {
    let mut rig = Rig::new(policy().delays(S, 50 * S));
    rig.told();
    rig.core.take_hint(Hint::Offline, rig.now);
    rig.fail(ErrorKind::TimedOut);
    rig.told();
    assert_eq!(rig.core.due(), Some(rig.now + 50 * S));
    for hint in [Hint::Resumed, Hint::Online] {
        rig.core.take_hint(hint, rig.now);
        assert_eq!(rig.told().len(), 1, "{hint:?}");
        rig.fail(ErrorKind::TimedOut);
        rig.told();
    }
    assert!(rig.core.due() < Some(rig.now + 50 * S));
    rig.core.take_hint(Hint::Offline, rig.now);
    assert_eq!(rig.core.due(), Some(rig.now + 50 * S));
    // A connection proves it wrong.
    rig.sleep();
    rig.told();
    rig.connect();
    rig.fail(ErrorKind::RemoteClosed);
    rig.told();
    assert!(rig.core.due() < Some(rig.now + 50 * S));
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn commands_wake_the_task() {
    let count = Arc::<Count>::default();
    let waker = Waker::from(count.clone());
    let wakes = &count.0;
    let mut rig = Rig::new(policy());
    rig.core.set_online(false);
    let polls = |rig: &mut Rig| {
        let mut cx = Context::from_waker(&waker);
        while rig.core.poll(&rig.socket, rig.now, &mut cx).is_ready() {}
    };
    polls(&mut rig);
    rig.core.set_online(true);
    assert_eq!(wakes.swap(0, SeqCst), 1);
    polls(&mut rig);
    rig.fail(ErrorKind::TimedOut);
    polls(&mut rig);
    rig.core.reconnect_now();
    assert_eq!(wakes.swap(0, SeqCst), 1);
    polls(&mut rig);
    rig.core.abort(&rig.socket);
    assert_eq!(wakes.swap(0, SeqCst), 1);
}

/// Whatever happens in whatever order: nothing that was accepted is lost or doubled, all keeps its
/// order, and what may not have arrived is told.
#[test]
fn no_message_is_lost_or_doubled() {
    for seed in 0..300 {
        let mut random = SplitMix64(seed);
        let mut below = move |bound: u64| random.next() % bound;
        let when_full = match below(2) {
            0 => WhenFull::Refuse,
            _ => WhenFull::DropOldest,
        };
        let mut rig = Rig::new(policy().queue(400).when_full(when_full));
        rig.socket.get().bound = (below(2) == 0).then_some(3);
        let (mut accepted, mut dropped, mut unknown) = (0, Vec::new(), Vec::new());
        let mut acknowledged = 0;
        for _ in 0..400 {
            let state = rig.socket.state();
            match below(10) {
                0..=3 => match rig.send(&accepted.to_string()) {
                    Ok(number) => {
                        assert_eq!(number, accepted);
                        accepted += 1;
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::QueueFull),
                },
                4 | 5 => rig.socket.get().write(below(3) as usize),
                6 if state == State::Connecting => rig.socket.get().connect(),
                7 if state != State::Unconnected => rig.fail(ErrorKind::RemoteClosed),
                8 => rig.core.reconnect_now(),
                9 => {
                    // The peer has this one, and all before it.
                    let last = rig.wire().last().map(|text| text.parse().unwrap());
                    if let Some(last) = last.filter(|_| state == State::Connected) {
                        rig.core.acknowledge(last);
                        acknowledged = last + 1;
                    }
                }
                _ => {}
            }
            for _ in 0..below(8) {
                match rig.next() {
                    Poll::Ready(Some(ReconnectEvent::Dropped { number, .. })) => {
                        dropped.push(number);
                    }
                    Poll::Ready(Some(ReconnectEvent::Ended { unknown: more, .. })) => {
                        assert!(more.is_empty() || more.start >= acknowledged);
                        unknown.extend(more);
                    }
                    _ => {}
                }
            }
        }
        rig.core.abort(&rig.socket);
        while let Poll::Ready(Some(event)) = rig.next() {
            match event {
                ReconnectEvent::Dropped { number, .. } => dropped.push(number),
                ReconnectEvent::Ended { unknown: more, .. } => unknown.extend(more),
                _ => {}
            }
        }
        let written: Vec<u64> = rig
            .wire()
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        assert!(written.is_sorted_by(|a, b| a < b), "doubled: {written:?}");
        let unsent: Vec<u64> = rig.core.take_unsent().into_iter().map(|(n, _)| n).collect();
        let mut all = [written.clone(), unsent, dropped.clone()].concat();
        all.sort_unstable();
        assert!(
            all.into_iter().eq(0..accepted),
            "lost or doubled, seed {seed}"
        );
        unknown.retain(|number| !dropped.contains(number));
        assert!(
            unknown.is_sorted_by(|a, b| a < b),
            "told twice: {unknown:?}"
        );
        assert!(unknown.iter().all(|number| written.contains(number)));
        for number in written {
            assert!(
                number < acknowledged || unknown.contains(&number),
                "seed {seed}"
            );
        }
    }
}
