//! A socket without its payloads.

use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::again::Again;
use super::bell::Ringing;
use super::host::{Hearing, Host, Wire};
use crate::backend::web::connection::{self, Connection};
use crate::backend::web::incoming::TooLarge;
use crate::backend::web::now;
use crate::backend::web::shared::Shared;
use crate::reconnect::line::Line;
use crate::request::split_before;
use crate::session::check_ping;
use crate::{
    Close, Error, ErrorKind, Event, Features, KeepAlive, Limits, Message, Options, Request, State,
    Timeouts,
};

/// The shell's socket, from the start of its connection to the end.
#[wasm_bindgen]
pub struct Link {
    pub(super) host: Rc<Host>,
    ringing: Ringing,
    pub(super) shared: Rc<Shared>,
    pub(super) again: Option<Again>,
    /// What the runtime has, or is done without.
    features: Features,
}

#[wasm_bindgen]
impl Link {
    /// Bounds in bytes and times in milliseconds, where `f64::INFINITY` is none.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments)] // Numbers cross by themselves, objects do not.
    pub fn new(
        host: Host,
        incoming_message: f64,
        receive_queue: f64,
        write_queue: f64,
        open: f64,
        close: f64,
        features: u32,
        interval: f64,
        limit: f64,
        probe: usize,
    ) -> Link {
        // The shell knows what it asks with, and has asked for an answer when it comes.
        let keep_alive = time(interval).map(|interval| {
            let probe = Message::binary(vec![0; probe]);
            let keep_alive = KeepAlive::probe(interval, probe, |m| m.as_text().is_some());
            keep_alive.limit(time(limit).unwrap_or(Duration::MAX))
        });
        let mut options = Options::new();
        options.limits = Limits::new().incoming_message(incoming_message as usize);
        options.receive_queue = bound(receive_queue);
        options.write_queue = bound(write_queue);
        options.keep_alive = keep_alive;
        options.timeouts = Timeouts::new()
            .resolve(None)
            .connect(time(open))
            .tls(None)
            .handshake(None)
            .close(time(close));
        let host = Rc::new(host);
        Link {
            ringing: Ringing::new(host.clone()),
            host,
            shared: Shared::new(options),
            again: None,
            features: Features::from_bits(features),
        }
    }

    /// As [`WebSocket::open`](crate::WebSocket::open). Subprotocols are lines, headers are two
    /// lines each.
    pub fn open(
        &self,
        url: &str,
        subprotocols: &str,
        headers: &str,
        origin: Option<String>,
    ) -> Result<(), JsValue> {
        self.connect(&request(url, subprotocols, headers, origin))
            .map_err(|error| self.thrown(&error))
    }

    /// The browser's `open`.
    pub fn opened(&self) {
        self.shared.update(|core| core.opened());
    }

    /// The browser's `message`, with its length. 0 when the application is not told, 1 when
    /// [`next`](Self::next) will tell it, 2 when it is told by this, since nothing is in front of it:
    /// one call a message.
    pub fn received(&self, length: u32, is_answer: bool, waiting: f64, can_be_told: bool) -> u32 {
        let message = match is_answer {
            true => Message::Text(Default::default()),
            false => Message::Binary(Default::default()),
        };
        self.shared.update(|core| {
            let is_first = can_be_told && self.again.is_none() && !core.session.has_events();
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
    pub fn failing(&self, why: Option<String>) {
        self.shared.update(|core| core.failing(why));
    }

    /// The browser's `close`.
    pub fn ended(&self, clean: bool, code: u16, reason: String) {
        let close = Close::new(code, reason);
        self.shared.update(|core| core.ended(clean, close));
    }

    /// The next event as a number: what it is, and 32 times what it carries. 0 when there is none
    /// now, negative when there will be none.
    pub fn next(&self) -> f64 {
        let mut context = Context::from_waker(&self.ringing.waker);
        let event = match &self.again {
            Some(again) => self.poll_again(again, &mut context),
            None => self.poll_event(&mut context).map(|e| e.map(|e| number(&e))),
        };
        match event {
            Poll::Pending => 0.0,
            Poll::Ready(event) => event.unwrap_or(-1.0),
        }
    }

    /// Whether nothing waits to be written.
    pub fn flushed(&self) -> bool {
        let mut stale = None;
        let mut context = Context::from_waker(&self.ringing.waker);
        self.shared
            .update(|core| core.poll_flush(&mut context, &mut stale))
            .is_ready()
    }

    /// As [`WebSocket::send`](crate::WebSocket::send).
    pub fn send(&self, payload: JsValue, length: f64) -> Result<usize, JsValue> {
        match self.write(&payload, length as usize) {
            Ok(written) => written,
            Err(error) => Err(self.thrown(&error)),
        }
    }

    /// As [`WebSocket::ping`](crate::WebSocket::ping).
    pub fn ping(&self, payload: Vec<u8>) -> Result<(), JsValue> {
        let browser = check_ping(&payload)
            .and_then(|()| self.require(Features::PING))
            .and_then(|()| self.shared.get().sendable(0))
            .map_err(|error| self.thrown(&error))?;
        let wire: &Wire = browser.socket().unchecked_ref();
        wire.ping(&payload);
        self.shared
            .update(|core| core.session.ping(payload.into(), now()));
        Ok(())
    }

    /// A pong arrived.
    pub fn ponged(&self, payload: Vec<u8>) {
        self.shared
            .update(|core| core.session.pong(payload.into(), now()));
    }

    /// As [`WebSocket::close`](crate::WebSocket::close).
    pub fn close(&self, code: u16, reason: String) -> Result<(), JsValue> {
        let close = Close::new(code, reason);
        let closed = match &self.again {
            Some(_) => self.with(|driver| driver.core.close(close, self))?,
            None => self.begin_close(close),
        };
        closed.map_err(|error| self.thrown(&error))
    }

    /// As [`WebSocket::abort`](crate::WebSocket::abort).
    pub fn abort(&self) -> Result<(), JsValue> {
        match &self.again {
            Some(_) => self.with(|driver| driver.core.abort(self)),
            None => {
                Line::abort(self);
                Ok(())
            }
        }
    }

    #[wasm_bindgen(getter)]
    pub fn state(&self) -> u32 {
        state(self.shared.get().session.state())
    }

    #[wasm_bindgen(getter)]
    pub fn buffered(&self) -> f64 {
        self.shared.get().buffered() as f64
    }

    #[wasm_bindgen(getter)]
    pub fn code(&self) -> Option<u16> {
        let core = self.shared.get();
        core.session.closed().map(|close| close.code().get())
    }

    #[wasm_bindgen(getter)]
    pub fn error(&self) -> Option<JsValue> {
        let error = self.shared.get().session.error().cloned();
        error.map(|error| self.thrown(&error))
    }

    #[wasm_bindgen(getter)]
    pub fn reason(&self) -> String {
        let core = self.shared.get();
        let close = core.session.closed();
        close
            .map(|close| close.reason().to_owned())
            .unwrap_or_default()
    }
}

impl Link {
    pub(super) fn connect(&self, request: &Request) -> Result<(), Error> {
        let target = request.check()?;
        self.require(request.required(&target))?;
        let socket = self.host.connect(&target.without_userinfo());
        let socket = socket.map_err(|exception| connection::refused(&exception))?;
        let hearing = Hearing(socket.clone().unchecked_into::<Wire>());
        let connection = Connection::over(socket, hearing);
        self.shared.update(|core| core.open(connection));
        Ok(())
    }

    /// The inner error is the runtime's.
    pub(super) fn write(
        &self,
        payload: &JsValue,
        length: usize,
    ) -> Result<Result<usize, JsValue>, Error> {
        let browser = self.shared.get().sendable(length)?;
        let wire: &Wire = browser.socket().unchecked_ref();
        let written = wire.write(payload);
        if let Ok(written) = written {
            self.shared.update(|core| core.sent(written, true));
        }
        Ok(written)
    }

    pub(super) fn begin_close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        if !connection::can_send(close.code()) {
            self.require(Features::CLOSE_CODES)?;
        }
        self.shared.update(|core| core.close(close));
        Ok(())
    }

    pub(super) fn thrown(&self, error: &Error) -> JsValue {
        self.host.thrown(error)
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

/// Subprotocols are lines, headers are two lines each.
pub(super) fn request(
    url: &str,
    subprotocols: &str,
    headers: &str,
    origin: Option<String>,
) -> Request {
    let mut request = Request::new(url);
    let mut rest = subprotocols;
    while !rest.is_empty() {
        request = request.subprotocol(line(&mut rest));
    }
    let mut rest = headers;
    while !rest.is_empty() {
        request = request.header(line(&mut rest), line(&mut rest));
    }
    match origin {
        Some(origin) => request.origin(origin),
        None => request,
    }
}

/// Takes the first of some lines.
fn line<'a>(rest: &mut &'a str) -> &'a str {
    let (line, behind) = split_before(rest, |b| b == b'\n');
    *rest = behind.strip_prefix('\n').unwrap_or_default();
    line
}

pub(super) fn number(event: &Event) -> f64 {
    let (what, carries) = match event {
        Event::StateChanged(now) => (1, state(*now) as usize),
        Event::Connected => (2, 0),
        Event::AboutToClose => (3, 0),
        Event::Disconnected => (4, 0),
        Event::ReadFinished => (5, 0),
        Event::Message(_) => (6, 0),
        Event::BytesWritten(bytes) => (7, *bytes),
        Event::Error(_) => (8, 0),
        // Microseconds, and one more, since 0 is an answer to no ping.
        Event::Pong { elapsed, .. } => (9, elapsed.map_or(0, |e| e.as_micros() as usize + 1)),
        // No browser tells more.
        _ => (0, 0),
    };
    (what + 32 * carries) as f64
}

fn state(state: State) -> u32 {
    match state {
        State::Unconnected => 0,
        State::Connecting => 1,
        State::Connected => 2,
        State::Closing => 3,
    }
}

fn bound(bytes: f64) -> Option<usize> {
    bytes.is_finite().then_some(bytes as usize)
}

pub(super) fn time(ms: f64) -> Option<Duration> {
    ms.is_finite().then_some(Duration::from_millis(ms as u64))
}
