use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, EventTarget, MessageEvent, WebSocket};

use super::raw_socket::TimerKind;
use super::raw_socket::{Attached, RawSocket};
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::message::Message;
use crate::options::Options;
use crate::platform::share_text;
use crate::platform::web::event_listener::EventListener;
use crate::platform::web::next_task::NextTask;
use crate::platform::web::timer::Timer;

/// What the browser tells of a connection.
pub(crate) enum Signal {
    Timer(TimerKind),
    Open,
    Message(JsValue),
    /// With the reason, where the platform tells it; browsers do not.
    Error(Option<String>),
    /// The last one of a connection.
    Close {
        clean: bool,
        close: Close,
    },
    /// The page goes, maybe for ever, or is frozen.
    PageLeaves,
    /// It is back.
    PageReturns,
}

type Reader = fn(Event) -> Signal;

/// What each type of event tells.
const READERS: [(&str, Reader); 4] = [
    ("open", |_| Signal::Open),
    ("message", |event| {
        let event: &MessageEvent = event.unchecked_ref();
        Signal::Message(event.data())
    }),
    ("error", |event| {
        let event: &Failure = event.unchecked_ref();
        Signal::Error(event.message())
    }),
    ("close", |event| {
        let event: &CloseEvent = event.unchecked_ref();
        Signal::Close {
            clean: event.was_clean(),
            close: Close::new(event.code(), share_text(event.reason())),
        }
    }),
];

/// What a page tells at its global object; a worker has none of them (HTML §7.4.6.2; Page
/// Lifecycle §4.1).
const PAGE_READERS: [(&str, Reader); 4] = [
    ("pagehide", |_| Signal::PageLeaves),
    ("freeze", |_| Signal::PageLeaves),
    ("pageshow", |_| Signal::PageReturns),
    ("resume", |_| Signal::PageReturns),
];

/// Starts to connect. The signals come later, never from within this call.
pub(crate) fn open(
    url: &str,
    subprotocols: &[String],
    signal: impl Fn(Signal) + 'static,
) -> Result<Attached<BrowserSocket>, Error> {
    let names: Array = subprotocols
        .iter()
        .map(|name| JsValue::from_str(name))
        .collect();
    let socket = WebSocket::new_with_str_sequence(url, &names).map_err(|e| refused(&e))?;
    let signal: Rc<dyn Fn(Signal)> = Rc::new(signal);
    let mut listeners = Vec::new();
    listen(&mut listeners, &socket, &READERS, &signal);
    GLOBAL.with(|global| {
        // Node has no events there.
        if let Some(global) = global.dyn_ref::<EventTarget>() {
            listen(&mut listeners, global, &PAGE_READERS, &signal);
        }
    });
    socket.set_binary_type(BinaryType::Arraybuffer);
    Ok(Attached::new(BrowserSocket { socket, signal }, listeners))
}

#[inline(never)] // The code is there once, not at each call.
fn listen(
    listeners: &mut Vec<EventListener>,
    target: &EventTarget,
    readers: &'static [(&'static str, Reader); 4],
    signal: &Rc<dyn Fn(Signal)>,
) {
    for (kind, read) in readers {
        let signal = signal.clone();
        let tell = move |event| signal(read(event));
        listeners.push(EventListener::new(target, kind, tell));
    }
}

/// The browser's socket.
pub(crate) struct BrowserSocket {
    socket: WebSocket,
    signal: Rc<dyn Fn(Signal)>,
}

impl BrowserSocket {
    pub(crate) fn url(&self) -> String {
        self.socket.url()
    }

    pub(crate) fn subprotocol(&self) -> Option<String> {
        Some(self.socket.protocol()).filter(|name| !name.is_empty())
    }

    pub(crate) fn extensions(&self) -> String {
        self.socket.extensions()
    }
}

impl RawSocket for BrowserSocket {
    type Options = Options;
    type Timer = Later;

    fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }

    fn buffered(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    fn send(&self, message: &Message) -> Result<usize, Error> {
        let sent = match message {
            Message::Text(text) => self.socket.send_with_str(text),
            // Not a view of our memory: a browser refuses one of shared memory, and a class that is
            // not the platform's own may read it later, as `ws` does when it compresses.
            Message::Binary(data) => {
                let copy = Uint8Array::new_from_slice(data);
                self.socket.send_with_js_u8_array(&copy)
            }
        };
        match sent {
            Ok(()) => Ok(message.len()),
            Err(exception) => Err(failed(&exception)),
        }
    }

    fn close(&self, close: Option<&Close>) {
        // Throws for codes that are not a browser's (WebSockets §3.1, `close()`).
        let is_told = close.is_some_and(|close| {
            let code = close.code().get();
            let told = self.socket.close_with_code_and_reason(code, close.reason());
            told.is_ok()
        });
        if !is_told {
            // Never throws.
            let _ = self.socket.close();
        }
    }

    fn later(&self, timer: TimerKind, delay: Duration) -> Option<Later> {
        let signal = self.signal.clone();
        let callback = move || signal(Signal::Timer(timer));
        match delay.is_zero() {
            true => Some(Later::Task(NextTask::new(callback))),
            false => Timer::after(delay, callback).map(Later::Timer),
        }
    }
}

/// What calls back later.
#[derive(Debug)]
#[allow(dead_code)] // It counts that they are there.
pub(crate) enum Later {
    Task(NextTask),
    Timer(Timer),
}

impl fmt::Debug for BrowserSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

/// Whether `close()` takes the code (WebSockets §3.1).
pub(crate) fn can_send(code: CloseCode) -> bool {
    matches!(code.get(), 1000 | 3000..=4999)
}

fn refused(exception: &JsValue) -> Error {
    let text = text_of(exception);
    match text.starts_with("SyntaxError") {
        true => Error::invalid_input(text),
        false => Error::new(ErrorKind::Connection, text),
    }
}

fn failed(exception: &JsValue) -> Error {
    Error::new(ErrorKind::Connection, text_of(exception))
}

/// Name and message of an exception, either of which may be empty; of what is none, nothing.
fn text_of(exception: &JsValue) -> String {
    if !exception.is_object() {
        return String::new();
    }
    let exception: &Failure = exception.unchecked_ref();
    let name = exception.name().unwrap_or_default();
    match exception.message() {
        Some(message) if !message.is_empty() => name + ": " + &message,
        _ => name,
    }
}

#[wasm_bindgen]
extern "C" {
    /// What an exception and an `error` event may have in common.
    type Failure;

    #[wasm_bindgen(method, getter)]
    fn name(this: &Failure) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn message(this: &Failure) -> Option<String>;

    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;
}
