//! A link that connects again.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

use super::host::{self, Parcel, checked, fail};
use super::link::{Link, link};
use super::numbers::{ms, number, time};
use crate::backend::web::now;
use crate::reconnect::Hint;
use crate::reconnect::backoff::SplitMix64;
use crate::reconnect::core::Core;
use crate::reconnect::event::Told;
use crate::reconnect::line::Line;
use crate::reconnect::policy::{Ask, Asking, Policy};
use crate::{Close, Ending, Error, Event, Info, ReconnectEvent, Request, State, Verdict, WhenFull};

/// What connects a link again.
pub(super) struct Again {
    core: RefCell<Core<Parcel>>,
    greetings: Rc<RefCell<Vec<Parcel>>>,
    /// What the last event carries.
    numbers: Cell<(f64, f64)>,
    error: RefCell<Option<Error>>,
    dropped: RefCell<Option<Parcel>>,
}

/// Connects from now on, and again and again; `number` is that of the first message. Times in
/// milliseconds; a seed that is no number is none. See [`Reconnect`](crate::Reconnect).
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)] // Numbers cross by themselves, objects do not.
pub fn again(
    id: i32,
    first: f64,
    maximum: f64,
    attempts: f64,
    uptime: f64,
    seed: f64,
    queue: f64,
    drops_oldest: bool,
    number: f64,
) {
    let link = link(id);
    let mut policy = Policy::new(Box::new(Asks(Rc::downgrade(&link))));
    let backoff = &mut policy.backoff;
    backoff.first = time(first).unwrap_or(Duration::MAX);
    backoff.maximum = time(maximum).unwrap_or(Duration::MAX);
    backoff.attempts = attempts.is_finite().then_some(attempts as u32);
    backoff.uptime = time(uptime).unwrap_or(Duration::MAX);
    if seed.is_finite() {
        backoff.random = SplitMix64(seed as u64);
    }
    policy.outbox.bound = queue as usize;
    policy.outbox.begin_at(number as u64);
    if drops_oldest {
        policy.outbox.when_full = WhenFull::DropOldest;
    }
    let greetings = Rc::<RefCell<Vec<Parcel>>>::default();
    policy.greeting = Some(Box::new({
        let greetings = greetings.clone();
        move |_| {
            host::greet(id);
            greetings.take()
        }
    }));
    policy.decide = Box::new(move |ending| decide(id, ending));
    let again = Again {
        core: RefCell::new(Core::new(policy)),
        greetings,
        numbers: Cell::default(),
        error: RefCell::default(),
        dropped: RefCell::default(),
    };
    // Called once.
    let _ = link.again.set(again);
}

/// A message that goes out first.
#[wasm_bindgen]
pub fn greeting(id: i32, parcel: f64, length: f64) {
    if let Some(again) = link(id).again.get() {
        again.greetings.borrow_mut().push(made(parcel, length));
    }
}

/// As [`Reconnecting::send`](crate::Reconnecting::send).
#[wasm_bindgen]
pub fn push(id: i32, parcel: f64, length: f64) -> f64 {
    let link = link(id);
    let parcel = made(parcel, length);
    let pushed = link.with(|core| core.send(parcel, &*link)).flatten();
    checked(pushed.map(|number| number as f64))
}

/// The methods of [`Reconnecting`](crate::Reconnecting) that take and give numbers only, as one,
/// since each export weighs: `acknowledge`, `unwritten`, `reconnect_now`, `set_online`, and what
/// the platform tells: that the network is there, that it is not, that the page is in front again.
#[wasm_bindgen]
pub fn command(id: i32, which: u32, number: f64) -> f64 {
    let result = link(id).with(|core| {
        match which {
            0 => core.acknowledge(number as u64),
            1 => return core.unwritten() as f64,
            2 => core.reconnect_now(),
            3 => core.set_online(number > 0.0),
            4 => core.take_hint(Hint::Online, now()),
            5 => core.take_hint(Hint::Offline, now()),
            _ => core.take_hint(Hint::Resumed, now()),
        }
        0.0
    });
    checked(result)
}

/// As [`Reconnecting::take_unsent`](crate::Reconnecting::take_unsent), by [`host::unsent`].
#[wasm_bindgen]
pub fn take_unsent(id: i32) -> f64 {
    let taken = link(id).with(|core| core.take_unsent());
    checked(taken.map(|unsent| {
        for (number, parcel) in unsent {
            host::unsent(number as f64, parcel.number);
        }
        0.0
    }))
}

/// [Tells](fail) the error that the last event carries.
#[wasm_bindgen]
pub fn carried(id: i32) {
    let link = link(id);
    if let Some(again) = link.again.get()
        && let Some(error) = again.error.take()
    {
        fail(&error);
    }
}

/// The first number that the last event carries.
#[wasm_bindgen]
pub fn first(id: i32) -> f64 {
    link(id)
        .again
        .get()
        .map_or(0.0, |again| again.numbers.get().0)
}

/// The second one.
#[wasm_bindgen]
pub fn second(id: i32) -> f64 {
    link(id)
        .again
        .get()
        .map_or(0.0, |again| again.numbers.get().1)
}

impl Again {
    pub(super) fn with<R>(&self, then: impl FnOnce(&mut Core<Parcel>) -> R) -> Result<R, Error> {
        match self.core.try_borrow_mut() {
            Ok(mut core) => Ok(then(&mut core)),
            Err(_) => Err(Error::wrong_state(
                "called from within `greeting` or `decide`",
            )),
        }
    }

    /// What is told, as [`next`](super::link::next) says it.
    fn told(&self, told: Told<Parcel>) -> f64 {
        let mut carried = None;
        let mut dropped = None;
        let mut numbers = (0.0, 0.0);
        let what = match told {
            Told::Event(ReconnectEvent::Socket(event)) => return number(&event),
            Told::Event(ReconnectEvent::Connecting { attempt }) => {
                numbers.0 = attempt.into();
                10
            }
            Told::Event(ReconnectEvent::Failed { error }) => {
                carried = error;
                11
            }
            Told::Event(ReconnectEvent::Waiting { attempt, delay }) => {
                numbers = (attempt.into(), delay.as_millis() as f64);
                12
            }
            Told::Event(ReconnectEvent::Offline) => 13,
            Told::Event(ReconnectEvent::Ended { unknown, .. }) => {
                numbers = (unknown.start as f64, unknown.end as f64);
                14
            }
            Told::Dropped(number, parcel) => {
                numbers = (number as f64, parcel.number);
                dropped = Some(parcel);
                15
            }
            Told::Event(ReconnectEvent::GivenUp { attempts }) => {
                numbers.0 = attempts.into();
                16
            }
            // Of messages that are not the shell's.
            Told::Event(ReconnectEvent::Dropped { .. }) => 0,
        };
        self.error.replace(carried);
        self.dropped.replace(dropped);
        self.numbers.set(numbers);
        what.into()
    }
}

impl Link {
    fn with<R>(&self, then: impl FnOnce(&mut Core<Parcel>) -> R) -> Result<R, Error> {
        match self.again.get() {
            Some(again) => again.with(then),
            None => Err(Error::wrong_state("it does not connect again")),
        }
    }

    pub(super) fn poll_again(&self, again: &Again, cx: &mut Context<'_>) -> Poll<Option<f64>> {
        // Not borrowed: what follows is told, when the function that called us is done.
        let Ok(mut core) = again.core.try_borrow_mut() else {
            return Poll::Pending;
        };
        let now = now();
        let told = core.poll(self, now, cx);
        let due = core.due();
        drop(core);
        match told {
            Poll::Ready(told) => Poll::Ready(told.map(|told| again.told(told))),
            Poll::Pending => {
                if let Some(due) = due {
                    host::wait(self.id, ms(due.saturating_sub(now)));
                }
                Poll::Pending
            }
        }
    }
}

impl Line for Link {
    type Message = Parcel;

    fn open(&self, request: Request) -> Result<(), Error> {
        self.connect(&request)
    }

    fn send(&self, message: &Parcel) -> Result<usize, Error> {
        let written = self.write(message.number, message.length)?;
        // What the runtime does not take now it may take later.
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
}

/// Asks the shell for requests.
struct Asks(Weak<Link>);

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
struct Answering(Weak<Link>);

impl Future for Answering {
    type Output = Result<Request, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.upgrade().and_then(|link| link.answer.take()) {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        }
    }
}

fn made(number: f64, length: f64) -> Parcel {
    Parcel {
        number,
        length: length as usize,
    }
}

/// The shell's verdict: milliseconds to wait, negative to give up, not a number to leave it to us.
fn decide(id: i32, ending: &Ending) -> Verdict {
    if let Some(error) = ending.error() {
        fail(error);
    }
    let close = ending.close();
    let verdict = host::decide(
        id,
        ending.was_connected(),
        close.map_or(0, |close| close.code().get()),
        close.map_or("", |close| close.reason()),
    );
    match verdict {
        _ if verdict.is_nan() => ending.verdict(),
        _ if verdict < 0.0 => Verdict::GiveUp,
        0.0 => Verdict::Retry,
        _ => time(verdict).map_or(Verdict::GiveUp, Verdict::RetryAfter),
    }
}
