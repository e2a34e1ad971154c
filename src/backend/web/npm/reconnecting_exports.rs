//! Further functions for the shell, whose sockets reconnect.

#![allow(unreachable_pub)]

use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

use super::exports::{Entry, entry};
use super::host::{self, MessageRef, checked, fail};
use super::numbers::{request, time};
use super::reconnecting::Reconnection;
use crate::error::Error;
use crate::platform::{Hint, now};
use crate::reconnect::backoff::SplitMix64;
use crate::reconnect::core::Core;
use crate::reconnect::outbox::WhenFull;

/// The request that was asked for last; as [`open`].
#[wasm_bindgen]
pub fn answer(id: i32, lines: &str, subprotocols: u32, has_origin: bool) {
    let request = request(lines, subprotocols, has_origin);
    entry(id).socket.answer.set(Some(Box::new(Ok(request))));
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
    let entry = entry(id);
    let again = Reconnection::new(&entry.socket, |policy| {
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
    });
    // Called once.
    let _ = entry.again.set(Box::new(again));
}

/// A message that goes out first.
#[wasm_bindgen]
pub fn greeting(id: i32, parcel: f64, length: f64) {
    if let Some(again) = entry(id).again.get() {
        again.greet(made(parcel, length));
    }
}

/// As [`Reconnecting::send`](crate::Reconnecting::send).
#[wasm_bindgen]
pub fn push(id: i32, parcel: f64, length: f64) -> f64 {
    let entry = entry(id);
    let parcel = made(parcel, length);
    let pushed = match entry.again.get() {
        Some(again) => again.send(parcel, &entry.socket),
        None => Err(Error::wrong_state("it does not connect again")),
    };
    checked(pushed.map(|number| number as f64))
}

/// The methods of [`Reconnecting`](crate::Reconnecting) that take and give numbers only, as one,
/// since each export weighs: `acknowledge`, `unwritten`, `reconnect_now`, `set_online`, and what
/// the platform tells: that the network is there, that it is not, that the page is in front again.
#[wasm_bindgen]
pub fn command(id: i32, which: u32, number: f64) -> f64 {
    let result = with(&entry(id), |core| {
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
    let taken = with(&entry(id), |core| core.take_unsent());
    checked(taken.map(|unsent| {
        for (number, parcel) in unsent {
            host::unsent(number as f64, parcel.number);
        }
        0.0
    }))
}

/// [Reports](fail) the error that the last event carries.
#[wasm_bindgen]
pub fn carried(id: i32) {
    if let Some(error) = entry(id).again.get().and_then(|again| again.take_error()) {
        fail(&error);
    }
}

/// The first number that the last event carries.
#[wasm_bindgen]
pub fn first(id: i32) -> f64 {
    entry(id).again.get().map_or(0.0, |again| again.numbers().0)
}

/// The second one.
#[wasm_bindgen]
pub fn second(id: i32) -> f64 {
    entry(id).again.get().map_or(0.0, |again| again.numbers().1)
}

fn with<R>(entry: &Entry, then: impl FnOnce(&mut Core<MessageRef>) -> R) -> Result<R, Error> {
    match entry.again.get() {
        Some(again) => Ok(again.with(then)),
        None => Err(Error::wrong_state("it does not connect again")),
    }
}

fn made(number: f64, length: f64) -> MessageRef {
    MessageRef {
        number,
        length: length as usize,
    }
}
