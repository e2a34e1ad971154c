//! What the platform's hints move.

use super::*;
use crate::platform::Hint;

/// An attempt that is under way fails; when the next one is due, from now on.
fn failed(rig: &Rig) -> Duration {
    rig.fail(ErrorKind::TimedOut);
    rig.told();
    rig.due().expect("it waits") - rig.now()
}

fn waits_long() -> Reconnect {
    policy().delays(40 * S, 50 * S)
}

#[test]
fn hints_move_the_next_attempt() {
    let rig = Rig::new(waits_long());
    rig.told();
    rig.hint(Hint::Offline);
    assert_eq!(failed(&rig), 50 * S);
    for hint in [Hint::Resumed, Hint::Online] {
        rig.hint(hint);
        assert_eq!(rig.told().len(), 1, "{hint:?}");
        rig.pass(3 * S);
        failed(&rig);
    }
    assert!(rig.due() < Some(rig.now() + 50 * S));
    rig.hint(Hint::Offline);
    rig.told();
    assert_eq!(rig.due(), Some(rig.now() + 50 * S));
    // A connection proves it wrong.
    rig.sleep();
    rig.told();
    rig.connect();
    assert!(failed(&rig) < 50 * S);
}

/// A page that comes back hears of its connection's end behind `pageshow`.
#[test]
fn a_hint_that_comes_before_its_loss_counts() {
    for hint in [Hint::Resumed, Hint::Online] {
        let rig = Rig::new(waits_long());
        rig.told();
        rig.connect();
        rig.pass(60 * S);
        rig.hint(hint);
        rig.told();
        rig.pass(S / 10);
        rig.fail(ErrorKind::RemoteClosed);
        assert_eq!(rig.told()[2..], ["connecting 1"], "{hint:?}");
        // It is for one loss.
        rig.connect();
        assert!(failed(&rig) > S, "{hint:?}");
    }
    // A connection that lived on was not meant.
    let rig = Rig::new(waits_long());
    rig.told();
    rig.connect();
    rig.hint(Hint::Resumed);
    rig.pass(3 * S);
    assert!(failed(&rig) > S);
}

#[test]
fn hints_start_one_attempt_a_second_at_most() {
    let rig = Rig::new(waits_long());
    rig.told();
    failed(&rig);
    let begin = rig.now();
    let mut attempts = 0;
    while rig.now() < begin + 10 * S {
        rig.hint(Hint::Online);
        rig.hint(Hint::Resumed);
        while let Some(word) = rig.told().pop() {
            if word.starts_with("connecting") {
                attempts += 1;
                rig.fail(ErrorKind::ConnectionRefused);
            }
        }
        rig.pass(S / 50);
    }
    // Neither more, nor none at all.
    assert!((9..=11).contains(&attempts), "{attempts}");
}

#[test]
fn nothing_of_the_platforms_ends_a_retry_after() {
    let rig = Rig::new(policy().decide(|_| Verdict::RetryAfter(100 * S)));
    rig.told();
    rig.hint(Hint::Resumed);
    let delay = failed(&rig);
    assert!(delay >= 100 * S);
    let due = rig.due();
    for hint in [Hint::Online, Hint::Resumed, Hint::Offline, Hint::Online] {
        rig.pass(2 * S);
        rig.hint(hint);
        assert!(rig.told().is_empty(), "{hint:?}");
        assert!(rig.due() >= due, "{hint:?}");
    }
    // To be wanted again is no reason either, unlike the application's own word.
    rig.with(|core| core.set_online(false));
    rig.with(|core| core.set_online(true));
    assert_eq!(rig.told(), ["offline"]);
    assert_eq!(rig.due(), due);
    rig.with(|core| core.reconnect_now());
    assert_eq!(rig.told(), ["connecting 2"]);
}
