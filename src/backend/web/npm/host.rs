//! Functions of the shell. Only numbers and texts cross: sockets, messages and timers stay there
//! and have a number here.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::backend::web::keep_alive::{self, Watch};
use crate::backend::web::raw_socket::{Bounds, RawSocket, TimerKind};
use crate::backend::web::shared::Shared;
use crate::close::Close;
use crate::error::{Error, ErrorKind};
use crate::keep_alive::KeepAlive;
use crate::message::Message;
#[cfg(feature = "__npm_reconnecting")]
use crate::reconnect::link::Payload;

#[wasm_bindgen(raw_module = "./shell/host.js")]
extern "C" {
    /// There is something to take.
    pub(crate) fn pump(link: i32);

    /// Pumps after this time, and not at the time that was set before.
    pub(crate) fn wait(link: i32, ms: f64);

    /// Makes a socket that connects, and begins to listen to it. 0 when there is none, and
    /// [`refuse`](super::exports::refuse) was called.
    fn connect(link: i32, url: &str) -> f64;

    /// Wants a request, and [`answer`](super::exports::answer) to be called.
    pub(crate) fn ask(link: i32, attempt: f64);

    /// Calls [`greeting`](super::exports::greeting) for what goes out first.
    pub(crate) fn greet(link: i32);

    /// Decides what follows the end of a connection. Its error was [reported](fail), and how the
    /// connection was closed, if there was one, [is asked for](super::exports::closed).
    pub(crate) fn decide(link: i32, was_connected: bool) -> f64;

    #[wasm_bindgen(js_name = fail)]
    fn fail_with(kind: u32, features: f64, text: &str);

    /// Hears the text that it has asked for.
    pub(crate) fn say(text: &str);

    /// Takes a message back.
    pub(crate) fn unsent(number: f64, parcel: f64);

    /// A message is not needed any more.
    fn discard(parcel: f64);

    #[wasm_bindgen(js_name = isOpen)]
    fn is_open(wire: f64) -> bool;

    fn buffered(wire: f64) -> f64;

    /// Sends a message: its length in bytes, negative when the runtime throws.
    fn write(wire: f64, parcel: f64) -> f64;

    fn probe(wire: f64) -> f64;

    #[wasm_bindgen(js_name = ping)]
    fn send_ping(wire: f64, payload: &[u8]);

    /// With code 0 it is closed without one.
    #[wasm_bindgen(js_name = close)]
    fn close_wire(wire: f64, code: u16, reason: &str);

    fn later(link: i32, timer: i32, ms: f64) -> f64;

    fn cancel(timer: f64);

    /// Hears nothing more.
    fn release(wire: f64);

    fn forget(wire: f64);
}

/// Reports an error to the shell.
pub(crate) fn fail(error: &Error) {
    let (kind, features) = match error.kind() {
        ErrorKind::InvalidInput => (0, 0.0),
        ErrorKind::Unsupported(features) => (1, features.bits() as f64),
        ErrorKind::WrongState => (2, 0.0),
        ErrorKind::QueueFull => (3, 0.0),
        ErrorKind::TimedOut => (4, 0.0),
        ErrorKind::TooLarge => (6, 0.0),
        ErrorKind::RemoteClosed => (7, 0.0),
        _ => (5, 0.0),
    };
    fail_with(kind, features, error.context());
}

/// The number, or `NaN` after reporting the error.
pub(crate) fn checked(result: Result<f64, Error>) -> f64 {
    result.unwrap_or_else(|error| {
        fail(&error);
        f64::NAN
    })
}

/// The runtime's socket of a link.
pub(crate) struct HostSocket {
    link: i32,
    wire: f64,
}

/// A listener of the shell, removed when this is dropped.
pub(crate) struct Subscription(f64);

impl HostSocket {
    pub(crate) fn connect(link: i32, url: &str) -> Option<(HostSocket, Subscription)> {
        let wire = connect(link, url);
        (wire > 0.0).then(|| (HostSocket { link, wire }, Subscription(wire)))
    }

    /// `None` when the runtime does not take it.
    pub(crate) fn write(&self, parcel: f64) -> Option<usize> {
        let written = write(self.wire, parcel);
        (written >= 0.0).then_some(written as usize)
    }

    pub(crate) fn ping(&self, payload: &[u8]) {
        send_ping(self.wire, payload);
    }
}

impl RawSocket for HostSocket {
    type Connection = Shared<HostSocket>;
    type Options = HostOptions;
    type Timer = Timer;

    fn is_open(&self) -> bool {
        is_open(self.wire)
    }

    fn buffered(&self) -> usize {
        buffered(self.wire) as usize
    }

    /// The shell knows what to ask with.
    fn send(&self, _: &Message) -> Result<usize, Error> {
        let written = probe(self.wire);
        match written < 0.0 {
            true => Err(ErrorKind::Connection.into()),
            false => Ok(written as usize),
        }
    }

    fn close(&self, close: Option<&Close>) {
        match close {
            Some(close) => close_wire(self.wire, close.code().get(), close.reason()),
            None => close_wire(self.wire, 0, ""),
        }
    }

    /// The shell [rings](super::exports::ring).
    fn later(&self, timer: TimerKind, ms: f64) -> Option<Timer> {
        Some(Timer(later(self.link, timer as i32, ms.ceil())))
    }

    /// With no delay the shell does that.
    fn next_task(&self, timer: TimerKind) -> Timer {
        Timer(later(self.link, timer as i32, 0.0))
    }
}

impl Drop for HostSocket {
    fn drop(&mut self) {
        forget(self.wire);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        release(self.0);
    }
}

pub(crate) struct Timer(f64);

impl Drop for Timer {
    fn drop(&mut self) {
        cancel(self.0);
    }
}

/// Options that stay in the shell.
pub(crate) struct HostOptions {
    pub(crate) open_limit: f64,
    pub(crate) close_limit: f64,
    pub(crate) incoming_message: usize,
    pub(crate) receive_queue: Option<usize>,
    pub(crate) write_queue: Option<usize>,
    pub(crate) keep_alive: Option<Box<KeepAlive>>,
}

impl Bounds<Shared<HostSocket>> for HostOptions {
    fn open_limit(&self) -> f64 {
        self.open_limit
    }

    fn close_limit(&self) -> f64 {
        self.close_limit
    }

    fn incoming_message(&self) -> usize {
        self.incoming_message
    }

    fn receive_queue(&self) -> Option<usize> {
        self.receive_queue
    }

    fn write_queue(&self) -> Option<usize> {
        self.write_queue
    }

    fn keep_alive(&self) -> Option<Rc<dyn Watch<Shared<HostSocket>>>> {
        keep_alive::watch(self.keep_alive.as_ref()?)
    }
}

/// A message of the shell's, with its length.
#[cfg(feature = "__npm_reconnecting")]
pub(crate) struct MessageRef {
    pub(crate) number: f64,
    pub(crate) length: usize,
}

#[cfg(feature = "__npm_reconnecting")]
impl Payload for MessageRef {
    fn len(&self) -> usize {
        self.length
    }
}

#[cfg(feature = "__npm_reconnecting")]
impl Drop for MessageRef {
    fn drop(&mut self) {
        discard(self.number);
    }
}
