//! What the application gives is called with nothing locked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Wake, Waker};

use super::*;

/// A rig whose closures can call it.
type Slot = Arc<OnceLock<Rig>>;

fn rig(make: impl FnOnce(Slot) -> Reconnect) -> Rig {
    let slot = Slot::default();
    let rig = Rig::new(make(slot.clone()));
    assert!(slot.set(rig.clone()).is_ok());
    rig
}

/// Everything that can be called, but for what ends it.
fn use_all(slot: &Slot) {
    let rig = slot.get().expect("it is set");
    rig.send("from within").unwrap();
    assert!(rig.try_next().is_none());
    assert!(rig.next().is_pending());
    assert!(rig.poll_flush(Waker::noop()).is_ready());
    rig.with(|core| {
        core.acknowledge(0);
        core.set_online(true);
        core.reconnect_now();
    });
    assert!(rig.with(|core| core.unwritten()) > 0);
}

#[test]
fn closures_may_call_the_socket() {
    let rig = rig(|slot| {
        let (asking, greeting) = (slot.clone(), slot.clone());
        Reconnect::asking(move |_| {
            use_all(&asking);
            let slot = asking.clone();
            async move {
                use_all(&slot);
                Ok(Request::new("ws://a/"))
            }
        })
        .greeting(move |_| {
            use_all(&greeting);
            vec!["hello".into()]
        })
        .decide(move |_| {
            use_all(&slot);
            Verdict::Retry
        })
    });
    assert_eq!(rig.told(), ["connecting 1"]);
    rig.connect();
    rig.socket.write(usize::MAX);
    assert_eq!(
        rig.wire(),
        ["hello", "from within", "from within", "from within"]
    );
    rig.fail(ErrorKind::RemoteClosed);
    // `decide` wanted it now.
    let told = rig.told();
    assert_eq!(told[1..], ["waiting 2", "connecting 2"], "{told:?}");
}

#[test]
fn closures_may_end_it() {
    for closes in [true, false] {
        let end = move |slot: &Slot| match slot.get().expect("it is set") {
            rig if closes => rig.close(Close::default()).unwrap(),
            rig => rig.abort(),
        };
        let from_asking = rig(|slot| {
            Reconnect::asking(move |_| {
                end(&slot);
                async { Ok(Request::new("ws://a/")) }
            })
        });
        assert_eq!(from_asking.told(), ["connecting 1", "end"]);
        assert_eq!(from_asking.socket.state(), State::Unconnected);

        let from_greeting = rig(|slot| {
            policy().greeting(move |_| {
                end(&slot);
                vec![]
            })
        });
        from_greeting.told();
        from_greeting.socket.connect();
        let told = from_greeting.told();
        assert_eq!(told, ["Connected", "ended well, unknown 0..0", "end"]);

        let from_decide = rig(|slot| {
            policy().decide(move |_| {
                end(&slot);
                Verdict::Retry
            })
        });
        from_decide.told();
        from_decide.fail(ErrorKind::TimedOut);
        assert_eq!(from_decide.told(), ["failed TimedOut", "end"]);
    }
}

/// Polls at once, inside the call that wakes it, as some schedulers do.
struct Eager {
    rig: Rig,
    polls: AtomicUsize,
}

impl Wake for Eager {
    fn wake(self: Arc<Self>) {
        // An own wake-up may follow the poll; it need not be polled without end.
        if self.polls.fetch_add(1, SeqCst) < 100 {
            let _ = self.rig.poll(&self.clone().into());
        }
    }
}

#[test]
fn a_waker_that_polls_at_once_does_not_lock_itself_out() {
    let rig = Rig::new(policy().queue(1).when_full(WhenFull::DropOldest));
    let eager = Arc::new(Eager {
        rig: rig.clone(),
        polls: AtomicUsize::new(0),
    });
    let waker = Waker::from(eager.clone());
    while rig.poll(&waker).is_ready() {}
    let wakes = |what: &str| {
        let polls = eager.polls.swap(0, SeqCst);
        assert!((1..100).contains(&polls), "{what}: {polls}");
        while rig.poll(&waker).is_ready() {}
        eager.polls.store(0, SeqCst);
    };
    rig.send("a").unwrap();
    rig.send("b").unwrap();
    wakes("a message that is dropped");
    rig.fail(ErrorKind::TimedOut);
    while rig.poll(&waker).is_ready() {}
    rig.with(|core| core.reconnect_now());
    wakes("an attempt");
    rig.socket.connect();
    while rig.poll(&waker).is_ready() {}
    rig.socket.write(usize::MAX);
    while rig.poll(&waker).is_ready() {}
    rig.send("c").unwrap();
    wakes("the socket, which is given a message");
    rig.close(Close::default()).unwrap();
    wakes("a close");
    assert!(matches!(rig.poll(&waker), Poll::Ready(None)));
}

/// The socket was given a message by another task, and woke the one that drives it: that is polled
/// again when the socket is free.
#[test]
fn a_wake_up_that_finds_the_socket_busy_comes_again() {
    let rig = Rig::new(policy());
    rig.told();
    rig.connect();
    let eager = Arc::new(Eager {
        rig: rig.clone(),
        polls: AtomicUsize::new(0),
    });
    let waker = Waker::from(eager.clone());
    while rig
        .socket
        .poll_event(&mut Context::from_waker(&waker))
        .is_ready()
    {}
    rig.send("a").unwrap();
    // In the middle of the call, and behind it.
    assert_eq!(eager.polls.load(SeqCst), 2);
}

/// What panics when it is called for the first time.
fn panics_once() -> impl FnMut() + Send + 'static {
    let mut is_first = true;
    move || assert!(!std::mem::take(&mut is_first), "the first call")
}

#[test]
fn a_panic_leaves_it_usable() {
    let rig = Rig::new(
        Reconnect::asking({
            let (mut ask, mut polled) = (panics_once(), Some(panics_once()));
            move |_| {
                ask();
                let polled = polled.take();
                async move {
                    if let Some(mut polled) = polled {
                        polled();
                    }
                    Ok(Request::new("ws://a/"))
                }
            }
        })
        .greeting({
            let mut greet = panics_once();
            move |_| {
                greet();
                vec!["hello".into()]
            }
        })
        .decide({
            let mut decide = panics_once();
            move |_| {
                decide();
                Verdict::Retry
            }
        }),
    );
    let panics = || assert!(catch_unwind(AssertUnwindSafe(|| rig.told())).is_err());
    // The closure, then the future; both are begun again.
    panics();
    panics();
    assert!(rig.told().is_empty());
    assert_eq!(rig.requests().len(), 1);
    rig.socket.connect();
    panics();
    rig.send("a").unwrap();
    assert!(
        rig.socket.bytes_to_write() == 0,
        "no message goes before the greeting"
    );
    assert_eq!(rig.told(), ["Connected"]);
    rig.socket.write(usize::MAX);
    assert_eq!(rig.wire(), ["hello", "a"]);
    rig.fail(ErrorKind::RemoteClosed);
    assert!(catch_unwind(AssertUnwindSafe(|| rig.told())).is_err());
    assert_eq!(
        rig.told(),
        ["ended RemoteClosed, unknown 0..1", "waiting 2"]
    );
    rig.abort();
    assert_eq!(rig.told(), ["end"]);
}
