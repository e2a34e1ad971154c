//! Functions for the shell, exported from the wasm, not from the crate.

#![allow(unreachable_pub)]

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

use super::host::{self, HostOptions, checked, fail};
use super::numbers::{self, bound, number, request, state_number, time};
use super::reconnecting::Reconnection;
use super::socket::ShellSocket;
use crate::backend::web::message_data::Unfit;
use crate::close::Close;
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::keep_alive::KeepAlive;
use crate::message::Message;
use crate::platform::{now, share_bytes, share_text};

/// A socket of the shell's, and what connects it again.
pub(super) struct Entry {
    pub(super) socket: Rc<ShellSocket>,
    pub(super) again: OnceCell<Box<Reconnection>>,
}

thread_local! {
    static ENTRIES: RefCell<Slots> = const { RefCell::new(Slots::new()) };
}

/// The shell names a socket until it has [freed](free) it.
pub(super) fn entry(id: i32) -> Rc<Entry> {
    ENTRIES
        .with_borrow(|entries| entries.places.get(index(id)).cloned().flatten())
        .expect("a socket that is there")
}

fn socket(id: i32) -> Rc<ShellSocket> {
    entry(id).socket.clone()
}

/// Entries by their numbers. Those that are free are known, since a page may have thousands.
struct Slots {
    places: Vec<Option<Rc<Entry>>>,
    free: Vec<i32>,
}

impl Slots {
    const fn new() -> Slots {
        Slots {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    fn add(&mut self, make: impl FnOnce(i32) -> Rc<Entry>) -> i32 {
        let id = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() as i32
        });
        self.places[index(id)] = Some(make(id));
        id
    }

    fn take(&mut self, id: i32) -> Option<Rc<Entry>> {
        let entry = self.places.get_mut(index(id))?.take()?;
        self.free.push(id);
        Some(entry)
    }
}

fn index(id: i32) -> usize {
    (id - 1) as usize
}

/// Makes a socket: its number, at least 1. Bounds in bytes and times in milliseconds, where
/// `f64::INFINITY` is none.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)] // Numbers cross by themselves, objects do not.
pub fn make(
    incoming_message: f64,
    receive_queue: f64,
    write_queue: f64,
    open: f64,
    close: f64,
    features: f64,
    interval: f64,
    limit: f64,
) -> i32 {
    // The shell knows what it asks with, and has asked for an answer when it comes.
    let keep_alive = time(interval).map(|interval| {
        let probe = Message::Binary(Default::default());
        let keep_alive = KeepAlive::probe(interval, probe, |_| false);
        Box::new(keep_alive.limit(time(limit).unwrap_or(Duration::MAX)))
    });
    let options = HostOptions {
        open_limit: open,
        close_limit: close,
        incoming_message: incoming_message as usize,
        receive_queue: bound(receive_queue),
        write_queue: bound(write_queue),
        keep_alive,
    };
    ENTRIES.with_borrow_mut(|entries| {
        entries.add(|id| {
            Rc::new(Entry {
                socket: Rc::new(ShellSocket::new(
                    id,
                    options,
                    Features::from_bits(features as u64),
                )),
                again: OnceCell::new(),
            })
        })
    })
}

/// Forgets a socket.
#[wasm_bindgen]
pub fn free(id: i32) {
    let entry = ENTRIES.with_borrow_mut(|entries| entries.take(id));
    drop(entry);
}

/// As [`WebSocket::open`](crate::WebSocket::open). In `lines` are the URL, so many subprotocols,
/// the origin if it has one, and names and values of headers.
#[wasm_bindgen]
pub fn open(id: i32, lines: &str, subprotocols: u32, has_origin: bool) -> f64 {
    let opened = socket(id).connect(&request(lines, subprotocols, has_origin));
    checked(opened.map(|()| 0.0))
}

/// The browser's `open`.
#[wasm_bindgen]
pub fn opened(id: i32) {
    socket(id).shared.opened();
}

/// The browser's `message`, with its length. 0 if it is not delivered, 1 if [`next`] delivers it, 2
/// if this call does, since nothing is queued in front of it: one call a message. 3 when those
/// behind it need no call either, until there is another one for this socket.
#[wasm_bindgen]
pub fn received(id: i32, length: u32, is_answer: bool, waiting: f64, can_be_told: bool) -> u32 {
    let entry = entry(id);
    let shared = &entry.socket.shared;
    let is_answer = shared.heard(|_| is_answer);
    shared.update(|core| {
        let is_first = can_be_told && entry.again.get().is_none() && !core.session.has_events();
        let is_told = core.admission(waiting as usize).is_some_and(|admission| {
            let message = match length as usize <= admission.limit() {
                true => Ok(Message::Binary(Default::default())),
                false => Err(Unfit::TooLarge),
            };
            core.admit(admission, message, is_answer)
        });
        if !is_told || !is_first {
            return u32::from(is_told);
        }
        core.session.next_event();
        2 + u32::from(core.only_tells())
    })
}

/// The browser's `error`.
#[wasm_bindgen]
pub fn failing(id: i32, why: &str) {
    let why = Some(why.to_owned());
    socket(id).shared.update(|core| core.failing(why));
}

/// The browser's `close`.
#[wasm_bindgen]
pub fn ended(id: i32, clean: bool, code: u16, reason: &str) {
    let close = Close::new(code, share_text(reason.to_owned()));
    socket(id).shared.update(|core| core.ended(clean, close));
}

/// A timer is over.
#[wasm_bindgen]
pub fn timer_fired(id: i32, timer: i32) {
    let timer = numbers::timer(timer);
    socket(id).shared.timer_fired(timer);
}

/// The browser's `pagehide` and `freeze`, or its `pageshow` and `resume`.
#[wasm_bindgen]
pub fn page(id: i32, returns: bool) {
    socket(id).shared.update(|core| match returns {
        true => core.page_returns(),
        false => core.page_leaves(),
    });
}

/// The next event as a number: what it is, and 32 times what it carries. 0 when there is none
/// now, negative when there will be none.
#[wasm_bindgen]
pub fn next(id: i32) -> f64 {
    let entry = entry(id);
    let socket = &*entry.socket;
    let mut context = Context::from_waker(&socket.waker);
    let event = match entry.again.get() {
        Some(again) => again.poll(socket, &mut context),
        None => socket.poll(&mut context).map(|e| e.map(|e| number(&e))),
    };
    match event {
        Poll::Pending => {
            socket.shared.rest();
            0.0
        }
        Poll::Ready(event) => event.unwrap_or(-1.0),
    }
}

/// Returns whether nothing waits to be written.
#[wasm_bindgen]
pub fn flushed(id: i32) -> bool {
    let socket = socket(id);
    let mut context = Context::from_waker(&socket.waker);
    socket
        .shared
        .update(|core| core.poll_flush(&mut context))
        .is_ready()
}

/// As [`WebSocket::send`](crate::WebSocket::send).
#[wasm_bindgen]
pub fn send(id: i32, parcel: f64, length: f64) -> f64 {
    let written = socket(id).write(parcel, length as usize);
    // The shell keeps what the runtime throws.
    checked(written.map(|written| written.map_or(f64::NAN, |written| written as f64)))
}

/// Counts what the shell has sent by itself behind a message that was [sent](send) here.
#[wasm_bindgen]
pub fn sent(id: i32, length: f64) {
    let length = length as usize;
    socket(id).shared.update(|core| core.sent(length, false));
}

/// As [`WebSocket::ping`](crate::WebSocket::ping).
#[wasm_bindgen]
pub fn ping(id: i32, payload: &[u8]) -> f64 {
    checked(socket(id).ping(payload).map(|()| 0.0))
}

/// A pong arrived.
#[wasm_bindgen]
pub fn ponged(id: i32, payload: &[u8]) {
    let payload = share_bytes(payload.to_vec());
    socket(id)
        .shared
        .update(|core| core.session.pong(payload, now()));
}

/// As [`WebSocket::close`](crate::WebSocket::close).
#[wasm_bindgen]
pub fn close(id: i32, code: u16, reason: &str) -> f64 {
    let close = Close::new(code, share_text(reason.to_owned()));
    let entry = entry(id);
    let socket = &*entry.socket;
    let closed = match entry.again.get() {
        Some(again) => again.close(close, socket),
        None => socket.begin_close(close),
    };
    checked(closed.map(|()| 0.0))
}

/// As [`WebSocket::abort`](crate::WebSocket::abort).
#[wasm_bindgen]
pub fn abort(id: i32) -> f64 {
    let entry = entry(id);
    let socket = &*entry.socket;
    match entry.again.get() {
        Some(again) => again.abort(socket),
        None => socket.shared.update(|core| core.abort()),
    }
    0.0
}

/// There is none, or no socket: for good, or for now.
#[wasm_bindgen]
pub fn refuse(id: i32, is_hopeless: bool, why: &str) {
    let kind = match is_hopeless {
        true => ErrorKind::InvalidInput,
        false => ErrorKind::Connection,
    };
    let error = Error::new(kind, why.to_owned());
    socket(id).answer.set(Some(Box::new(Err(error))));
}

#[wasm_bindgen]
pub fn state(id: i32) -> u32 {
    state_number(socket(id).shared.get().session.state())
}

#[wasm_bindgen]
pub fn buffered(id: i32) -> f64 {
    socket(id).shared.get().buffered() as f64
}

/// The code that the connection was closed with, or that of the peer's own close frame, or 0, and
/// [says](host::say) the reason.
#[wasm_bindgen]
pub fn closed(id: i32, by_peer: bool) -> u16 {
    let socket = socket(id);
    let core = socket.shared.get();
    let close = match by_peer {
        true => core.session.peer_close(),
        false => core.session.closed(),
    };
    close.map_or(0, |close| {
        host::say(close.reason());
        close.code().get()
    })
}

/// [Reports](fail) the last error, if there is one.
#[wasm_bindgen]
pub fn error(id: i32) {
    if let Some(error) = socket(id).shared.get().session.error() {
        fail(error);
    }
}
