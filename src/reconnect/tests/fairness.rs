//! Who waits is woken, and nobody is starved.

use super::*;

#[test]
fn a_flood_of_events_lets_others_run() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    let (count, waker) = Count::waker();
    for _ in 0..1000 {
        rig.socket.tell(Event::BytesWritten(1));
    }
    let (mut ready, mut longest, mut pending) = (0, 0, 0);
    let mut in_a_row = 0;
    while ready < 1000 {
        match rig.poll(&waker) {
            Poll::Ready(_) => {
                ready += 1;
                in_a_row += 1;
            }
            // Nothing but its own wake-up would bring it back.
            Poll::Pending => {
                pending += 1;
                in_a_row = 0;
            }
        }
        longest = longest.max(in_a_row);
        assert_eq!(count.0.load(SeqCst), pending);
    }
    assert!(longest <= 128, "{longest} events in a row");
}

/// A frame loop takes all there is.
#[test]
fn try_next_has_no_budget() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    for _ in 0..1000 {
        rig.socket.tell(Event::BytesWritten(1));
    }
    assert_eq!(std::iter::from_fn(|| rig.try_next()).count(), 1000);
}

#[test]
fn try_next_leaves_the_task_that_waits_alone() {
    let rig = Rig::new(policy());
    rig.told();
    rig.fail(ErrorKind::TimedOut);
    let (count, waker) = Count::waker();
    while rig.poll(&waker).is_ready() {}
    assert!(rig.try_next().is_none());
    rig.with(|core| core.reconnect_now());
    assert_eq!(count.0.load(SeqCst), 1);
}

/// A flush is for what was accepted, not only for what fitted into the socket by then.
#[test]
fn a_flush_waits_for_all_that_was_accepted() {
    let rig = Rig::new(policy());
    rig.told();
    assert!(rig.poll_flush(Waker::noop()).is_ready());
    rig.connect();
    rig.bound(3);
    rig.socket.set_stalled(true);
    for _ in 0..100 {
        rig.send("a").unwrap();
    }
    assert!(rig.poll_flush(Waker::noop()).is_pending());
    rig.socket.set_stalled(false);
    assert!(matches!(rig.poll_flush(Waker::noop()), Poll::Ready(Ok(()))));
    assert_eq!(rig.wire().len(), 100);
    assert_eq!(rig.socket.bytes_to_write(), 0);
}

/// A machine that was suspended has one attempt to make, and then the usual delays.
#[test]
fn a_clock_that_jumps_makes_one_attempt() {
    let rig = Rig::new(policy());
    rig.told();
    rig.fail(ErrorKind::TimedOut);
    rig.told();
    rig.pass(86_400 * S);
    assert_eq!(rig.told(), ["connecting 2"]);
    rig.fail(ErrorKind::TimedOut);
    assert_eq!(rig.told()[1..], ["waiting 3"]);
    assert!(rig.due() >= Some(rig.now()));
}

/// A message that finds the socket busy is handed over by whoever is at it.
#[test]
fn many_threads_send_flush_and_poll() {
    const SENDERS: u64 = 4;
    const EACH: u64 = 2000;
    let rig = Rig::new(policy().queue(usize::MAX));
    rig.told();
    rig.connect();
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    rig.send("a").unwrap();
                    while rig.poll_flush(Waker::noop()).is_pending() {
                        std::thread::yield_now();
                    }
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..EACH {
                let _ = rig.next();
            }
        });
    });
    assert_eq!(rig.wire().len() as u64, SENDERS * EACH);
    assert!(rig.told().is_empty());
    assert_eq!(rig.with(|core| core.unwritten()), 0);
}
