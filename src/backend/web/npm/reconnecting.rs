//! A socket that connects again.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use super::host::{self, MessageRef, fail};
use super::numbers::{number, time};
use super::socket::ShellSocket;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::info::Info;
use crate::platform::{Hint, now};
use crate::reconnect::clock::Clock;
use crate::reconnect::core::Core;
use crate::reconnect::driver::Driver;
use crate::reconnect::ending::{Ending, Verdict};
use crate::reconnect::event::Notice;
use crate::reconnect::event::ReconnectEvent;
use crate::reconnect::link::Link;
use crate::reconnect::policy::{Ask, Asking, Policy};
use crate::request::Request;

/// The driver of a socket that reconnects.
pub(crate) struct Reconnection {
    driver: Driver<MessageRef, HostClock>,
    greetings: Rc<RefCell<Vec<MessageRef>>>,
    /// The values of the last event.
    numbers: Cell<(f64, f64)>,
    error: RefCell<Option<Error>>,
    dropped: RefCell<Option<MessageRef>>,
}

impl Reconnection {
    /// Connects this socket, whose greetings are asked for by [`host::greet`].
    pub(crate) fn new(
        socket: &Rc<ShellSocket>,
        set_up: impl FnOnce(&mut Policy<MessageRef>),
    ) -> Reconnection {
        let id = socket.id;
        let mut policy = Policy::new(Box::new(Asks(Rc::downgrade(socket))));
        set_up(&mut policy);
        let greetings = Rc::<RefCell<Vec<MessageRef>>>::default();
        policy.greeting = Some(Box::new({
            let greetings = greetings.clone();
            move |_| {
                host::greet(id);
                greetings.take()
            }
        }));
        policy.decide = Box::new(move |ending| decide(id, ending));
        Reconnection {
            driver: Driver::new(policy, HostClock(id)),
            greetings,
            numbers: Cell::default(),
            error: RefCell::default(),
            dropped: RefCell::default(),
        }
    }

    /// Adds a message that goes out first.
    pub(crate) fn greet(&self, parcel: MessageRef) {
        self.greetings.borrow_mut().push(parcel);
    }

    /// The error that the last event carries.
    pub(crate) fn take_error(&self) -> Option<Error> {
        self.error.take()
    }

    /// The numbers that the last event carries.
    pub(crate) fn numbers(&self) -> (f64, f64) {
        self.numbers.get()
    }

    pub(crate) fn with<R>(&self, then: impl FnOnce(&mut Core<MessageRef>) -> R) -> R {
        self.driver.with(then)
    }

    pub(crate) fn send(&self, parcel: MessageRef, socket: &ShellSocket) -> Result<u64, Error> {
        self.driver.send(parcel, socket)
    }

    pub(crate) fn close(&self, close: Close, socket: &ShellSocket) -> Result<(), Error> {
        self.driver.close(close, socket)
    }

    pub(crate) fn abort(&self, socket: &ShellSocket) {
        self.driver.abort(socket);
    }

    /// Encodes a notice as [`next`](super::exports::next) does.
    fn told(&self, told: Notice<MessageRef>) -> f64 {
        let mut carried = None;
        let mut dropped = None;
        let mut numbers = (0.0, 0.0);
        let what = match told {
            Notice::Event(ReconnectEvent::Socket(event)) => return number(&event),
            Notice::Event(ReconnectEvent::Connecting { attempt }) => {
                numbers.0 = attempt.into();
                10
            }
            Notice::Event(ReconnectEvent::Failed { error }) => {
                carried = error;
                11
            }
            Notice::Event(ReconnectEvent::Waiting { attempt, delay }) => {
                numbers = (attempt.into(), delay.as_millis() as f64);
                12
            }
            Notice::Event(ReconnectEvent::Offline) => 13,
            Notice::Event(ReconnectEvent::Ended { unknown, .. }) => {
                numbers = (unknown.start as f64, unknown.end as f64);
                14
            }
            Notice::Dropped(number, parcel) => {
                numbers = (number as f64, parcel.number);
                dropped = Some(parcel);
                15
            }
            Notice::Event(ReconnectEvent::GivenUp { attempts }) => {
                numbers.0 = attempts.into();
                16
            }
            // Of messages that are not the shell's.
            Notice::Event(ReconnectEvent::Dropped { .. }) => 0,
        };
        self.error.replace(carried);
        self.dropped.replace(dropped);
        self.numbers.set(numbers);
        what.into()
    }
}

impl Reconnection {
    pub(crate) fn poll(&self, socket: &ShellSocket, cx: &mut Context<'_>) -> Poll<Option<f64>> {
        let told = self.driver.poll(socket, cx);
        told.map(|told| told.map(|told| self.told(told)))
    }
}

/// The page's time, and the shell's timer.
struct HostClock(i32);

impl Clock for HostClock {
    fn now(&mut self) -> Duration {
        now()
    }

    /// They come as [commands](super::exports::command).
    fn poll_hint(&mut self, _: &mut Context<'_>) -> Poll<Hint> {
        Poll::Pending
    }

    /// The shell pumps when it is over.
    fn poll_until(
        &mut self,
        due: Option<Duration>,
        now: Duration,
        _: &mut Context<'_>,
    ) -> Poll<()> {
        if let Some(due) = due {
            host::wait(self.0, ms(due.saturating_sub(now)));
        }
        Poll::Pending
    }
}

impl Link for ShellSocket {
    type Message = MessageRef;

    fn open(&self, request: Request) -> Result<(), Error> {
        self.connect(&request)
    }

    fn send(&self, message: &MessageRef) -> Result<usize, Error> {
        let written = self.write(message.number, message.length)?;
        // The runtime may take later what it does not take now.
        written.ok_or_else(|| Error::wrong_state("the runtime did not take the message"))
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        self.begin_close(close)
    }

    fn abort(&self) {
        self.shared.update(|core| core.abort());
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll(cx)
    }

    fn messages_written(&self) -> u64 {
        self.shared.update(|core| core.messages_written())
    }

    fn state(&self) -> State {
        self.shared.get().session.state()
    }

    /// The shell knows it.
    fn info(&self) -> Info {
        Info::default()
    }

    fn last_error(&self) -> Option<Error> {
        self.shared.get().session.error().cloned()
    }

    fn closed(&self) -> Option<Close> {
        self.shared.get().session.closed().cloned()
    }

    fn peer_close(&self) -> Option<Close> {
        self.shared.get().session.peer_close().cloned()
    }
}

/// Asks the shell for requests.
struct Asks(Weak<ShellSocket>);

impl Ask for Asks {
    fn ask(&mut self, attempt: u32) -> Asking {
        if let Some(link) = self.0.upgrade() {
            link.answer.take();
            host::ask(link.id, attempt.into());
        }
        Box::pin(Answering(self.0.clone()))
    }
}

/// The shell pumps when it has answered.
struct Answering(Weak<ShellSocket>);

impl Future for Answering {
    type Output = Result<Request, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.upgrade().and_then(|link| link.answer.take()) {
            Some(answer) => Poll::Ready(*answer),
            None => Poll::Pending,
        }
    }
}

/// Rounded up, so that it is over when the time is.
fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).ceil()
}

/// The shell's verdict: milliseconds to wait, negative to give up, not a number to leave it to us.
fn decide(id: i32, ending: &Ending) -> Verdict {
    if let Some(error) = ending.error() {
        fail(error);
    }
    let verdict = host::decide(id, ending.was_connected());
    match verdict {
        _ if verdict.is_nan() => ending.verdict(),
        _ if verdict < 0.0 => Verdict::GiveUp,
        0.0 => Verdict::Retry,
        _ => time(verdict).map_or(Verdict::GiveUp, Verdict::RetryAfter),
    }
}
