//! A link that connects again.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::host::Host;
use super::link::{Link, number, request, time};
use crate::reconnect::backoff::SplitMix64;
use crate::reconnect::driver::Driver;
use crate::reconnect::event::Told;
use crate::reconnect::line::{Line, Payload};
use crate::reconnect::policy::{Ask, Asking, Policy};
use crate::{
    Close, Ending, Error, ErrorKind, Event, Info, ReconnectEvent, Request, State, Verdict, WhenFull,
};

/// A message of the shell's, with its length.
#[derive(Clone)]
pub struct Parcel {
    payload: JsValue,
    length: usize,
}

impl Payload for Parcel {
    fn len(&self) -> usize {
        self.length
    }
}

/// What connects a link again.
pub(super) struct Again {
    driver: RefCell<Driver<Parcel>>,
    answer: Answer,
    /// What the last event carries.
    carried: RefCell<JsValue>,
    numbers: Cell<(f64, f64)>,
}

/// The request that was asked for, once it is there.
type Answer = Rc<Cell<Option<Result<Request, Error>>>>;

#[wasm_bindgen]
impl Link {
    /// Connects from now on, and again and again; `number` is that of the first message. Times in milliseconds; see [`Reconnect`].
    ///
    /// [`Reconnect`]: crate::Reconnect
    #[allow(clippy::too_many_arguments)] // Numbers cross by themselves, objects do not.
    pub fn again(
        &mut self,
        first: f64,
        maximum: f64,
        attempts: f64,
        uptime: f64,
        seed: Option<f64>,
        queue: f64,
        drops_oldest: bool,
        number: f64,
    ) {
        let answer = Answer::default();
        let asks = Asks {
            host: self.host.clone(),
            answer: answer.clone(),
        };
        let mut policy = Policy::new(Box::new(asks));
        let backoff = &mut policy.backoff;
        backoff.first = time(first).unwrap_or(Duration::MAX);
        backoff.maximum = time(maximum).unwrap_or(Duration::MAX);
        backoff.attempts = attempts.is_finite().then_some(attempts as u32);
        backoff.uptime = time(uptime).unwrap_or(Duration::MAX);
        if let Some(seed) = seed {
            backoff.random = SplitMix64(seed as u64);
        }
        policy.outbox.bound = queue as usize;
        policy.outbox.begin_at(number as u64);
        if drops_oldest {
            policy.outbox.when_full = WhenFull::DropOldest;
        }
        let host = self.host.clone();
        policy.greeting = Some(Box::new(move |_| parcels(&host.greet())));
        let host = self.host.clone();
        policy.decide = Box::new(move |ending| decide(&host, ending));
        self.again = Some(Again {
            driver: RefCell::new(Driver::new(policy)),
            answer,
            carried: RefCell::default(),
            numbers: Cell::default(),
        });
    }

    /// The request that was asked for last; as [`open`](Link::open).
    pub fn answer(&self, url: &str, subprotocols: &str, headers: &str, origin: Option<String>) {
        self.answered(Ok(request(url, subprotocols, headers, origin)));
    }

    /// There is none: by an error, or since the runtime lacks something.
    pub fn refuse(&self, is_hopeless: bool, why: &str) {
        let kind = match is_hopeless {
            true => ErrorKind::InvalidInput,
            false => ErrorKind::Connection,
        };
        self.answered(Err(Error::new(kind, why.to_owned())));
    }

    /// As [`Reconnecting::send`](crate::Reconnecting::send).
    pub fn push(&self, payload: JsValue, length: f64) -> Result<f64, JsValue> {
        let length = length as usize;
        let number = self.with(|driver| driver.core.send(Parcel { payload, length }, self))?;
        number
            .map(|number| number as f64)
            .map_err(|error| self.thrown(&error))
    }

    /// The methods of [`Reconnecting`](crate::Reconnecting) that take and give numbers only, as one,
    /// since each export weighs: `acknowledge`, `unwritten`, `reconnect_now`, `set_online`.
    pub fn command(&self, which: u32, number: f64) -> Result<f64, JsValue> {
        self.with(|driver| {
            let core = &mut driver.core;
            match which {
                0 => core.acknowledge(number as u64),
                1 => return core.unwritten() as f64,
                2 => core.reconnect_now(),
                _ => core.set_online(number > 0.0),
            }
            0.0
        })
    }

    /// As [`Reconnecting::take_unsent`](crate::Reconnecting::take_unsent), in turn.
    pub fn take_unsent(&self) -> Result<Array, JsValue> {
        let unsent = self.with(|driver| driver.core.take_unsent())?;
        let flat = Array::new();
        for (number, parcel) in unsent {
            flat.push(&JsValue::from(number as f64));
            flat.push(&parcel.payload);
        }
        Ok(flat)
    }

    /// What the last event carries: an error, or a message.
    #[wasm_bindgen(getter)]
    pub fn carried(&self) -> JsValue {
        match &self.again {
            Some(again) => again.carried.take(),
            None => JsValue::UNDEFINED,
        }
    }

    /// What the last event carries besides.
    #[wasm_bindgen(getter)]
    pub fn first(&self) -> f64 {
        self.again
            .as_ref()
            .map_or(0.0, |again| again.numbers.get().0)
    }

    /// See [`first`](Self::first).
    #[wasm_bindgen(getter)]
    pub fn second(&self) -> f64 {
        self.again
            .as_ref()
            .map_or(0.0, |again| again.numbers.get().1)
    }
}

impl Link {
    pub(super) fn with<R>(
        &self,
        then: impl FnOnce(&mut Driver<Parcel>) -> R,
    ) -> Result<R, JsValue> {
        let again = self.again.as_ref();
        let driver = again.and_then(|again| again.driver.try_borrow_mut().ok());
        match driver {
            Some(mut driver) => Ok(then(&mut driver)),
            None => Err(self.thrown(&Error::wrong_state(
                "called from within `greeting` or `decide`",
            ))),
        }
    }

    fn answered(&self, answer: Result<Request, Error>) {
        if let Some(again) = &self.again {
            again.answer.set(Some(answer));
        }
    }

    /// What is told, as [`Link::next`] says it.
    pub(super) fn told(&self, again: &Again, told: Told<Parcel>) -> f64 {
        let mut carried = JsValue::UNDEFINED;
        let mut numbers = (0.0, 0.0);
        let what = match told {
            Told::Event(ReconnectEvent::Socket(event)) => return number(&event),
            Told::Event(ReconnectEvent::Connecting { attempt }) => {
                numbers.0 = attempt.into();
                10
            }
            Told::Event(ReconnectEvent::Failed { error }) => {
                carried = error.map_or(carried, |error| self.thrown(&error));
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
                numbers.0 = number as f64;
                carried = parcel.payload;
                15
            }
            Told::Event(ReconnectEvent::GivenUp { attempts }) => {
                numbers.0 = attempts.into();
                16
            }
            // Of messages that are not the shell's.
            Told::Event(ReconnectEvent::Dropped { .. }) => 0,
        };
        again.carried.replace(carried);
        again.numbers.set(numbers);
        what.into()
    }

    pub(super) fn poll_again(&self, again: &Again, cx: &mut Context<'_>) -> Poll<Option<f64>> {
        // Not borrowed: what follows is told, when the function that called us is done.
        let Ok(mut driver) = again.driver.try_borrow_mut() else {
            return Poll::Pending;
        };
        let told = driver.poll_event(self, cx);
        drop(driver);
        told.map(|told| told.map(|told| self.told(again, told)))
    }
}

impl Line for Link {
    type Message = Parcel;

    fn open(&self, request: Request) -> Result<(), Error> {
        self.connect(&request)
    }

    fn send(&self, message: Parcel) -> Result<usize, Error> {
        let written = self.write(&message.payload, message.length)?;
        // What the runtime does not take now it may take later.
        written.map_err(|_| Error::wrong_state("the runtime did not take the message"))
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        self.begin_close(close)
    }

    fn abort(&self) {
        self.shared.update(|core| core.abort());
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut stale = None;
        self.shared.update(|core| core.poll_event(cx, &mut stale))
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
struct Asks {
    host: Rc<Host>,
    answer: Answer,
}

impl Ask for Asks {
    fn ask(&mut self, attempt: u32) -> Asking {
        self.answer.take();
        self.host.ask(attempt);
        Box::pin(Answering(self.answer.clone()))
    }
}

/// The shell pumps when it has answered.
struct Answering(Answer);

impl Future for Answering {
    type Output = Result<Request, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        }
    }
}

/// Payloads and their lengths in turn.
fn parcels(flat: &Array) -> Vec<Parcel> {
    (0..flat.length() / 2)
        .map(|index| Parcel {
            payload: flat.get(2 * index),
            length: flat.get(2 * index + 1).as_f64().unwrap_or_default() as usize,
        })
        .collect()
}

/// The shell's verdict: milliseconds to wait, negative to give up, not a number to leave it to us.
fn decide(host: &Host, ending: &Ending) -> Verdict {
    let error = ending.error().map(|error| host.thrown(error));
    let close = ending.close();
    let verdict = host.decide(
        ending.was_connected(),
        error,
        close.map(|close| close.code().get()),
        close.map(|close| close.reason().to_owned()),
    );
    match verdict {
        _ if verdict.is_nan() => ending.verdict(),
        _ if verdict < 0.0 => Verdict::GiveUp,
        0.0 => Verdict::Retry,
        _ => time(verdict).map_or(Verdict::GiveUp, Verdict::RetryAfter),
    }
}
