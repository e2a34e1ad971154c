mod calling_out;
mod crowd;
mod fairness;
mod hints;

use std::sync::atomic::Ordering::SeqCst;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::backoff::SplitMix64;
use super::ending::Verdict;
use super::event::ReconnectEvent;
use super::outbox::WhenFull;
use super::policy::Reconnect;
use super::rig::{Count, Rig, S};
use crate::close::{Close, CloseCode};
use crate::error::ErrorKind;
use crate::event::{Event, State};
use crate::request::Request;
use crate::socket::WebSocket;

fn policy() -> Reconnect {
    Reconnect::to("ws://a/")
}

#[test]
fn attempts_follow_until_one_succeeds() {
    let rig = Rig::new(policy());
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
    rig.pass(60 * S);
    rig.fail(ErrorKind::RemoteClosed);
    let told = ["ended RemoteClosed, unknown 0..0", "waiting 1"];
    assert_eq!(rig.told(), told);
    assert_eq!(rig.requests().len(), 5);
}

#[test]
fn a_short_connection_is_a_failure() {
    let rig = Rig::new(policy().uptime(5 * S).attempts(2));
    rig.told();
    rig.connect();
    rig.pass(4 * S);
    rig.fail(ErrorKind::RemoteClosed);
    assert_eq!(rig.told()[1], "waiting 2");
    rig.sleep();
    rig.told();
    rig.connect();
    rig.fail(ErrorKind::RemoteClosed);
    assert_eq!(rig.told()[1..], ["given up 2", "end"]);
    assert_eq!(rig.send("a").unwrap_err().kind(), ErrorKind::WrongState);
    rig.with(|core| core.reconnect_now());
    assert_eq!(rig.told(), ["connecting 1"]);
}

#[test]
fn the_application_decides() {
    let delay = 7 * S;
    let policy = policy().delays(Duration::ZERO, 60 * S);
    let rig = Rig::new(policy.decide(move |ending| match ending.error() {
        Some(error) if error.kind() == ErrorKind::Tls => Verdict::RetryAfter(delay),
        _ => Verdict::GiveUp,
    }));
    rig.told();
    rig.fail(ErrorKind::Tls);
    rig.told();
    assert_eq!(rig.due(), Some(rig.now() + delay));
    rig.sleep();
    rig.told();
    rig.fail(ErrorKind::TimedOut);
    assert_eq!(rig.told(), ["failed TimedOut", "given up 2", "end"]);
}

#[test]
fn a_peer_that_is_done_is_left_alone() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    rig.socket.close_by_peer(Close::default());
    assert_eq!(
        rig.told(),
        ["ended well, unknown 0..0", "given up 1", "end"]
    );
}

#[test]
fn each_attempt_asks_for_its_request() {
    let rig = Rig::new(Reconnect::asking(|attempt| async move {
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
    assert_eq!(rig.requests().last(), Some(&Request::new("ws://a/2")));
    rig.fail(ErrorKind::TimedOut);
    rig.told();
    rig.sleep();
    let told = ["connecting 3", "failed InvalidInput", "given up 3", "end"];
    assert_eq!(rig.told(), told);
}

#[test]
fn greetings_go_out_first_on_each_connection() {
    let rig = Rig::new(policy().greeting(|_| vec!["hello".into()]));
    rig.send("a").unwrap();
    for _ in 0..2 {
        rig.told();
        // Not before the greeting is made.
        rig.socket.connect();
        rig.send("b").unwrap();
        assert_eq!(rig.told(), ["Connected"]);
        rig.socket.write(2);
        rig.fail(ErrorKind::RemoteClosed);
        rig.told();
        rig.with(|core| core.reconnect_now());
    }
    assert_eq!(rig.wire(), ["hello", "a", "hello", "b"]);
}

#[test]
fn a_full_socket_leaves_messages_in_our_queue() {
    let rig = Rig::new(policy().queue(2 * 33));
    rig.bound(1);
    rig.told();
    rig.connect();
    rig.send("a").unwrap();
    rig.send("b").unwrap();
    assert_eq!(rig.send("c").unwrap_err().kind(), ErrorKind::QueueFull);
    assert_eq!(rig.with(|core| core.unwritten()), 2);
    rig.socket.write(1);
    assert!(rig.told().is_empty());
    assert_eq!(rig.with(|core| core.unwritten()), 1);
    rig.send("c").unwrap();
}

/// As long as the peer does not read, no more than the queue's bound is accepted.
#[test]
fn a_stalled_connection_is_bounded() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    let text = "x".repeat(1000);
    let accepted = (0..100_000).take_while(|_| rig.send(&text).is_ok()).count();
    assert_eq!(accepted, (1 << 20) / 1032);
    // What the socket encodes is a small part of it.
    assert!(rig.socket.bytes_to_write() <= 128 * 1024);
    // It goes on as the peer reads, up to the last one.
    while rig.with(|core| core.unwritten()) > 0 {
        rig.socket.write(10);
        rig.told();
    }
    assert_eq!(rig.wire().len(), accepted);
    rig.send(&text).unwrap();
}

#[test]
fn a_close_hands_over_all_that_was_accepted() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    let text = "x".repeat(1000);
    for _ in 0..1000 {
        rig.send(&text).unwrap();
    }
    rig.close(Close::default()).unwrap();
    rig.told();
    assert_eq!(rig.wire().len(), 1000);
}

#[test]
fn what_makes_room_is_told() {
    let rig = Rig::new(policy().queue(1).when_full(WhenFull::DropOldest));
    for text in ["a", "b", "c"] {
        rig.send(text).unwrap();
    }
    assert_eq!(rig.told(), ["dropped 0", "dropped 1", "connecting 1"]);
    assert_eq!(rig.with(|core| core.take_unsent()), [(2, "c".into())]);
}

#[test]
fn closing_ends_it() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    rig.send("a").unwrap();
    rig.close(Close::default()).unwrap();
    assert!(rig.send("b").is_err());
    assert_eq!(rig.told(), ["ended well, unknown 1..1", "end"]);

    // While waiting, and while connecting.
    for connecting in [false, true] {
        let rig = Rig::new(policy());
        rig.send("a").unwrap();
        if connecting {
            rig.told();
        }
        let refused = rig.close(CloseCode::NO_STATUS.into());
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
        rig.close(Close::default()).unwrap();
        assert_eq!(rig.told(), ["end"]);
        assert_eq!(rig.with(|core| core.take_unsent()), [(0, "a".into())]);
    }
}

/// The peer's own close frame tells whether a close was clean, and whether all has arrived.
#[test]
fn an_answered_close_leaves_nothing_unknown() {
    let ended = |answer: Option<Close>| {
        let rig = Rig::new(policy());
        rig.told();
        rig.connect();
        rig.send("a").unwrap();
        rig.socket.set_silent(true);
        rig.close(Close::default()).unwrap();
        assert!(rig.told().is_empty());
        match answer {
            Some(answer) => rig.socket.close_by_peer(answer),
            None => rig.socket.lose(),
        }
        loop {
            if let Poll::Ready(Some(ReconnectEvent::Ended {
                close,
                peer_close,
                unknown,
                ..
            })) = rig.next()
            {
                assert_eq!(close, Some(Close::default()));
                return (peer_close, unknown);
            }
        }
    };
    for answer in [Close::default(), Close::new(CloseCode::NORMAL, "done")] {
        assert_eq!(ended(Some(answer.clone())), (Some(answer), 1..1));
    }
    // The peer's own, which was on its way already.
    for crossing in [Close::new(1012, "restart"), CloseCode::NO_STATUS.into()] {
        assert_eq!(ended(Some(crossing.clone())), (Some(crossing), 0..1));
    }
    assert_eq!(ended(None), (None, 0..1));
}

/// A close of the peer's own does not say that it has read everything.
#[test]
fn what_a_peer_that_closes_was_sent_is_unknown() {
    let close = Close::new(1012, "restart");
    let expected = close.clone();
    let rig = Rig::new(policy().decide(move |ending| {
        assert_eq!(ending.peer_close(), Some(&expected));
        Verdict::Retry
    }));
    rig.told();
    rig.connect();
    rig.send("a").unwrap();
    rig.socket.write(1);
    rig.socket.close_by_peer(close);
    // Too late to be answered.
    rig.close(Close::default()).unwrap();
    assert_eq!(rig.told(), ["ended well, unknown 0..1", "end"]);
}

/// Answers that do not change are not asked for for ever.
#[test]
fn a_server_that_answers_200_for_ever_is_given_up() {
    let rig = Rig::new(policy());
    for attempt in 1..10 {
        assert_eq!(rig.told(), [format!("connecting {attempt}")]);
        rig.fail(ErrorKind::Handshake);
        rig.told();
        rig.sleep();
    }
    rig.told();
    rig.fail(ErrorKind::Handshake);
    assert_eq!(rig.told(), ["failed Handshake", "given up 10", "end"]);
    // In a row: something else in between begins anew.
    rig.with(|core| core.reconnect_now());
    for attempt in 1..20 {
        assert_eq!(rig.told(), [format!("connecting {attempt}")]);
        rig.fail(match attempt {
            9 => ErrorKind::ConnectionRefused,
            _ => ErrorKind::Handshake,
        });
        let told = rig.told();
        assert_eq!(told.last().unwrap() == "end", attempt == 19);
        if attempt < 19 {
            rig.sleep();
        }
    }
}

#[test]
fn offline_makes_no_attempts() {
    let rig = Rig::new(policy());
    rig.with(|core| core.set_online(false));
    assert_eq!(rig.told(), ["offline"]);
    assert_eq!(rig.due(), None);
    rig.with(|core| core.reconnect_now());
    assert!(rig.told().is_empty());
    rig.with(|core| core.set_online(true));
    assert_eq!(rig.told(), ["connecting 1"]);
    rig.with(|core| core.set_online(false));
    rig.connect();
    rig.fail(ErrorKind::RemoteClosed);
    assert_eq!(rig.told()[1..], ["offline"]);
}

#[test]
fn commands_wake_the_task() {
    let (count, waker) = Count::waker();
    let wakes = &count.0;
    let rig = Rig::new(policy());
    rig.with(|core| core.set_online(false));
    let polls = |rig: &Rig| while rig.poll(&waker).is_ready() {};
    polls(&rig);
    rig.with(|core| core.set_online(true));
    assert_eq!(wakes.swap(0, SeqCst), 1);
    polls(&rig);
    rig.fail(ErrorKind::TimedOut);
    assert_eq!(wakes.swap(0, SeqCst), 1, "by the socket");
    polls(&rig);
    rig.with(|core| core.reconnect_now());
    assert_eq!(wakes.swap(0, SeqCst), 1);
    polls(&rig);
    rig.abort();
    assert_eq!(wakes.swap(0, SeqCst), 2, "by the socket, too");
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
        let rig = Rig::new(policy().queue(400).when_full(when_full));
        if below(2) == 0 {
            rig.bound(3);
        }
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
                4 | 5 => rig.socket.write(below(3) as usize),
                6 if state == State::Connecting => rig.socket.connect(),
                7 if state != State::Unconnected => rig.fail(ErrorKind::RemoteClosed),
                8 => rig.with(|core| core.reconnect_now()),
                9 => {
                    // The peer has this one, and all before it.
                    let last = rig.wire().last().map(|text| text.parse().unwrap());
                    if let Some(last) = last.filter(|_| state == State::Connected) {
                        rig.with(|core| core.acknowledge(last));
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
        rig.abort();
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
        let unsent: Vec<u64> = rig
            .with(|core| core.take_unsent())
            .into_iter()
            .map(|(n, _)| n)
            .collect();
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
