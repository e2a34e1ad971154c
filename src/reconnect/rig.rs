//! A rig for the tests: a socket, a clock, and short words for events.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::clock::Clock;
use super::core::Core;
use super::driver::Driver;
use super::event::ReconnectEvent;
use super::policy::Reconnect;
use crate::close::Close;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::message::Message;
use crate::options::Options;
use crate::platform::Hint;
use crate::request::Request;
use crate::session::scripted::{Call, ScriptedSocket};

pub(super) const S: Duration = Duration::from_secs(1);

/// A driver on a scripted socket and with a clock of its own. A clone is the same.
#[derive(Clone)]
pub(super) struct Rig {
    driver: Arc<Driver<Message, FakeClock>>,
    pub(super) socket: ScriptedSocket,
    time: Arc<Mutex<Time>>,
}

struct Time {
    now: Duration,
    due: Option<Duration>,
}

pub(super) struct FakeClock(Arc<Mutex<Time>>);

impl Clock for FakeClock {
    fn now(&mut self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn poll_hint(&mut self, _: &mut Context<'_>) -> Poll<Hint> {
        Poll::Pending
    }

    fn poll_until(&mut self, due: Option<Duration>, _: Duration, _: &mut Context<'_>) -> Poll<()> {
        self.0.lock().unwrap().due = due;
        Poll::Pending
    }
}

impl Rig {
    pub(super) fn new(policy: Reconnect) -> Rig {
        Rig::with_seed(policy, 1)
    }

    pub(super) fn with_seed(policy: Reconnect, seed: u64) -> Rig {
        let now = 1000 * S;
        let time = Arc::new(Mutex::new(Time { now, due: None }));
        Rig {
            driver: Arc::new(Driver::new(policy.seed(seed).0, FakeClock(time.clone()))),
            socket: ScriptedSocket::new(),
            time,
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.time.lock().unwrap().now
    }

    pub(super) fn pass(&self, time: Duration) {
        self.time.lock().unwrap().now += time;
    }

    /// When it wants to be polled again in any case.
    pub(super) fn due(&self) -> Option<Duration> {
        self.time.lock().unwrap().due
    }

    pub(super) fn poll(&self, waker: &Waker) -> Poll<Option<ReconnectEvent>> {
        self.time.lock().unwrap().due = None;
        let told = self
            .driver
            .poll(&self.socket, &mut Context::from_waker(waker));
        told.map(|told| told.map(ReconnectEvent::from))
    }

    pub(super) fn next(&self) -> Poll<Option<ReconnectEvent>> {
        self.poll(Waker::noop())
    }

    pub(super) fn try_next(&self) -> Option<ReconnectEvent> {
        self.driver.try_next(&self.socket).map(ReconnectEvent::from)
    }

    pub(super) fn poll_flush(&self, waker: &Waker) -> Poll<Result<(), Error>> {
        let mut cx = Context::from_waker(waker);
        self.driver.poll_flush(&self.socket, &mut cx)
    }

    pub(super) fn with<R>(&self, then: impl FnOnce(&mut Core<Message>) -> R) -> R {
        self.driver.with(then)
    }

    pub(super) fn close(&self, close: Close) -> Result<(), Error> {
        self.driver.close(close, &self.socket)
    }

    pub(super) fn abort(&self) {
        self.driver.abort(&self.socket);
    }

    pub(super) fn hint(&self, hint: Hint) {
        let now = self.now();
        self.with(|core| core.take_hint(hint, now));
    }

    /// All events up to now, in short.
    pub(super) fn told(&self) -> Vec<String> {
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

    pub(super) fn sleep(&self) {
        let mut time = self.time.lock().unwrap();
        time.now = time.now.max(time.due.expect("it waits"));
    }

    /// The network of an attempt that is under way.
    pub(super) fn connect(&self) {
        self.socket.connect();
        assert_eq!(self.told(), ["Connected"]);
    }

    pub(super) fn fail(&self, kind: ErrorKind) {
        self.socket.fail(kind);
    }

    /// The socket takes no more than so many bytes at a time.
    pub(super) fn bound(&self, bytes: usize) {
        self.socket.set_options(Options::new().write_queue(bytes));
    }

    /// The requests since the last time.
    pub(super) fn requests(&self) -> Vec<Request> {
        let calls = self.socket.take_calls().into_iter();
        let requests = calls.filter_map(|call| match call {
            Call::Open(request) => Some(request),
            _ => None,
        });
        requests.collect()
    }

    pub(super) fn send(&self, text: &str) -> Result<u64, Error> {
        self.driver.send(text.into(), &self.socket)
    }

    pub(super) fn wire(&self) -> Vec<String> {
        let written = self.socket.written();
        let texts = written.iter().filter_map(Message::as_text);
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

/// Counts how often it is woken.
#[derive(Default)]
pub(super) struct Count(pub(super) AtomicUsize);

impl Count {
    pub(super) fn waker() -> (Arc<Count>, Waker) {
        let count = Arc::<Count>::default();
        (count.clone(), count.into())
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}
