//! A socket without its payloads.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

use super::again::Again;
use super::host::{self, HostOptions, HostWire, checked, fail};
use super::numbers::{self, bound, number, request, state_number, time};
use crate::backend::web::connection;
use crate::backend::web::incoming::TooLarge;
use crate::backend::web::shared::Shared;
use crate::backend::web::wire::Connection;
use crate::backend::{now, share_bytes, share_text};
use crate::session::check_ping;
use crate::{Close, Error, ErrorKind, Event, Features, KeepAlive, Message, Request};

/// The shell's socket, from the start of its connection to the end.
pub(super) struct Link {
    pub(super) id: i32,
    pub(super) waker: Waker,
    pub(super) shared: Rc<Shared<HostWire>>,
    pub(super) again: OnceCell<Again>,
    /// The request that was asked for, or why there is none, or no socket.
    pub(super) answer: Cell<Option<Result<Request, Error>>>,
    /// What the runtime has, or is done without.
    features: Features,
}

thread_local! {
    static LINKS: RefCell<Vec<Option<Rc<Link>>>> = const { RefCell::new(Vec::new()) };
}

/// The shell names a link until it has [freed](free) it.
pub(super) fn link(id: i32) -> Rc<Link> {
    LINKS
        .with_borrow(|links| links.get(index(id)).cloned().flatten())
        .expect("a link that is there")
}

fn index(id: i32) -> usize {
    (id - 1) as usize
}

/// Makes a link: its number, at least 1. Bounds in bytes and times in milliseconds, where
/// `f64::INFINITY` is none.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)] // Numbers cross by themselves, objects do not.
pub fn make(
    incoming_message: f64,
    receive_queue: f64,
    write_queue: f64,
    open: f64,
    close: f64,
    features: u32,
    interval: f64,
    limit: f64,
) -> i32 {
    // The shell knows what it asks with, and has asked for an answer when it comes.
    let keep_alive = time(interval).map(|interval| {
        let probe = Message::Binary(Default::default());
        let keep_alive = KeepAlive::probe(interval, probe, |m| m.as_text().is_some());
        keep_alive.limit(time(limit).unwrap_or(Duration::MAX))
    });
    let options = HostOptions {
        open_limit: time(open),
        close_limit: time(close),
        incoming_message: incoming_message as usize,
        receive_queue: bound(receive_queue),
        write_queue: bound(write_queue),
        keep_alive,
    };
    LINKS.with_borrow_mut(|links| {
        let free = links.iter().position(Option::is_none);
        let index = free.unwrap_or(links.len());
        let id = index as i32 + 1;
        let link = Some(Rc::new(Link {
            id,
            waker: Arc::new(Bell(id)).into(),
            shared: Shared::new(options),
            again: OnceCell::new(),
            answer: Cell::default(),
            features: Features::from_bits(features),
        }));
        match links.get_mut(index) {
            Some(place) => *place = link,
            None => links.push(link),
        }
        id
    })
}

/// Forgets a link.
#[wasm_bindgen]
pub fn free(id: i32) {
    let link = LINKS.with_borrow_mut(|links| links.get_mut(index(id)).and_then(Option::take));
    drop(link);
}

/// As [`WebSocket::open`](crate::WebSocket::open). In `lines` are the URL, so many subprotocols,
/// the origin if it has one, and names and values of headers.
#[wasm_bindgen]
pub fn open(id: i32, lines: &str, subprotocols: u32, has_origin: bool) -> f64 {
    let opened = link(id).connect(&request(lines, subprotocols, has_origin));
    checked(opened.map(|()| 0.0))
}

/// The browser's `open`.
#[wasm_bindgen]
pub fn opened(id: i32) {
    link(id).shared.update(|core| core.opened());
}

/// The browser's `message`, with its length. 0 when the application is not told, 1 when
/// [`next`] will tell it, 2 when it is told by this, since nothing is in front of it: one call a
/// message.
#[wasm_bindgen]
pub fn received(id: i32, length: u32, is_answer: bool, waiting: f64, can_be_told: bool) -> u32 {
    let message = match is_answer {
        true => Message::Text(Default::default()),
        false => Message::Binary(Default::default()),
    };
    let link = link(id);
    link.shared.update(|core| {
        let is_first = can_be_told && link.again.get().is_none() && !core.session.has_events();
        let is_told = core.admit(waiting as usize, |limit| match length as usize <= limit {
            true => Ok(message),
            false => Err(TooLarge),
        });
        if is_told && is_first {
            core.session.next_event();
        }
        u32::from(is_told) + u32::from(is_told && is_first)
    })
}

/// The browser's `error`.
#[wasm_bindgen]
pub fn failing(id: i32, why: &str) {
    let why = Some(why.to_owned());
    link(id).shared.update(|core| core.failing(why));
}

/// The browser's `close`.
#[wasm_bindgen]
pub fn ended(id: i32, clean: bool, code: u16, reason: &str) {
    let close = Close::new(code, share_text(reason.to_owned()));
    link(id).shared.update(|core| core.ended(clean, close));
}

/// A timer is over.
#[wasm_bindgen]
pub fn ring(id: i32, alarm: i32) {
    let alarm = numbers::alarm(alarm);
    link(id).shared.update(|core| core.ring(alarm));
}

/// The next event as a number: what it is, and 32 times what it carries. 0 when there is none
/// now, negative when there will be none.
#[wasm_bindgen]
pub fn next(id: i32) -> f64 {
    let link = link(id);
    let mut context = Context::from_waker(&link.waker);
    let event = match link.again.get() {
        Some(again) => link.poll_again(again, &mut context),
        None => link.poll(&mut context).map(|e| e.map(|e| number(&e))),
    };
    match event {
        Poll::Pending => 0.0,
        Poll::Ready(event) => event.unwrap_or(-1.0),
    }
}

/// Whether nothing waits to be written.
#[wasm_bindgen]
pub fn flushed(id: i32) -> bool {
    let link = link(id);
    let mut stale = None;
    let mut context = Context::from_waker(&link.waker);
    link.shared
        .update(|core| core.poll_flush(&mut context, &mut stale))
        .is_ready()
}

/// As [`WebSocket::send`](crate::WebSocket::send).
#[wasm_bindgen]
pub fn send(id: i32, parcel: f64, length: f64) -> f64 {
    let written = link(id).write(parcel, length as usize);
    // What the runtime throws, the shell has.
    checked(written.map(|written| written.map_or(f64::NAN, |written| written as f64)))
}

/// As [`WebSocket::ping`](crate::WebSocket::ping).
#[wasm_bindgen]
pub fn ping(id: i32, payload: &[u8]) -> f64 {
    checked(link(id).ping(payload).map(|()| 0.0))
}

/// A pong arrived.
#[wasm_bindgen]
pub fn ponged(id: i32, payload: &[u8]) {
    let payload = share_bytes(payload.to_vec());
    link(id)
        .shared
        .update(|core| core.session.pong(payload, now()));
}

/// As [`WebSocket::close`](crate::WebSocket::close).
#[wasm_bindgen]
pub fn close(id: i32, code: u16, reason: &str) -> f64 {
    let close = Close::new(code, share_text(reason.to_owned()));
    let link = link(id);
    let closed = match link.again.get() {
        Some(again) => again.with(|core| core.close(close, &*link)).flatten(),
        None => link.begin_close(close),
    };
    checked(closed.map(|()| 0.0))
}

/// As [`WebSocket::abort`](crate::WebSocket::abort).
#[wasm_bindgen]
pub fn abort(id: i32) -> f64 {
    let link = link(id);
    let aborted = match link.again.get() {
        Some(again) => again.with(|core| core.abort(&*link)),
        None => {
            link.shared.update(|core| core.abort());
            Ok(())
        }
    };
    checked(aborted.map(|()| 0.0))
}

/// The request that was asked for last; as [`open`].
#[wasm_bindgen]
pub fn answer(id: i32, lines: &str, subprotocols: u32, has_origin: bool) {
    let request = request(lines, subprotocols, has_origin);
    link(id).answer.set(Some(Ok(request)));
}

/// There is none, or no socket: for good, or for now.
#[wasm_bindgen]
pub fn refuse(id: i32, is_hopeless: bool, why: &str) {
    let kind = match is_hopeless {
        true => ErrorKind::InvalidInput,
        false => ErrorKind::Connection,
    };
    let error = Error::new(kind, why.to_owned());
    link(id).answer.set(Some(Err(error)));
}

#[wasm_bindgen]
pub fn state(id: i32) -> u32 {
    state_number(link(id).shared.get().session.state())
}

#[wasm_bindgen]
pub fn buffered(id: i32) -> f64 {
    link(id).shared.get().buffered() as f64
}

/// The code that the connection was closed with, or 0, and [says](host::say) the reason.
#[wasm_bindgen]
pub fn closed(id: i32) -> u16 {
    let link = link(id);
    let core = link.shared.get();
    core.session.closed().map_or(0, |close| {
        host::say(close.reason());
        close.code().get()
    })
}

/// [Tells](fail) the last error, if there is one.
#[wasm_bindgen]
pub fn error(id: i32) {
    if let Some(error) = link(id).shared.get().session.error() {
        fail(error);
    }
}

impl Link {
    pub(super) fn connect(&self, request: &Request) -> Result<(), Error> {
        let target = request.check()?;
        self.require(request.required(&target))?;
        let wire = HostWire::connect(self.id, &target.without_userinfo());
        let Some((wire, hearing)) = wire else {
            let why = self.answer.take().and_then(Result::err);
            return Err(why.unwrap_or_else(|| ErrorKind::Connection.into()));
        };
        let connection = Connection::new(wire, hearing);
        self.shared.update(|core| core.open(connection));
        Ok(())
    }

    /// `None` when the runtime throws.
    pub(super) fn write(&self, parcel: f64, length: usize) -> Result<Option<usize>, Error> {
        let wire = self.shared.get().sendable(length)?;
        let written = wire.write(parcel);
        if let Some(written) = written {
            self.shared.update(|core| core.sent(written, true));
        }
        Ok(written)
    }

    fn ping(&self, payload: &[u8]) -> Result<(), Error> {
        check_ping(payload)?;
        self.require(Features::PING)?;
        let wire = self.shared.get().sendable(0)?;
        wire.ping(payload);
        let payload = share_bytes(payload.to_vec());
        self.shared.update(|core| core.session.ping(payload, now()));
        Ok(())
    }

    pub(super) fn begin_close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        if !connection::can_send(close.code()) {
            self.require(Features::CLOSE_CODES)?;
        }
        self.shared.update(|core| core.close(close));
        Ok(())
    }

    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut stale = None;
        self.shared.update(|core| core.poll_event(cx, &mut stale))
    }

    fn require(&self, features: Features) -> Result<(), Error> {
        let missing = features.difference(self.features);
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Unsupported(missing), "")),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.update(|core| core.leave());
    }
}

/// A waker that calls the shell.
struct Bell(i32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        host::pump(self.0);
    }
}
