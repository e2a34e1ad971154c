use std::any::Any;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::given_options::GivenOptions;
use super::raw_socket::{Attached, RawSocket, TimerKind};
use super::shared::Shared;
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::message::Message;
use crate::platform::share_text;
use crate::platform::web::event_listener::{EventListener, document};
use crate::platform::web::next_task::NextTask;
use crate::platform::web::timer::Timer;

/// An event of the browser about a connection.
pub(crate) enum Signal {
    Timer(TimerKind),
    Open,
    Message(JsValue),
    /// With the reason, where the platform gives one; browsers do not.
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

/// The readers of the events of a WebSocket, by their types.
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

/// Events of a page's global object about the page; a worker's has none (HTML §7.4.6.2).
const PAGE_READERS: [(&str, Reader); 2] = [
    ("pagehide", |_| Signal::PageLeaves),
    ("pageshow", |_| Signal::PageReturns),
];

/// Events of the document, which do not bubble (Page Lifecycle §4.1).
const DOCUMENT_READERS: [(&str, Reader); 2] = [
    ("freeze", |_| Signal::PageLeaves),
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
    Ok(attach(socket, signal))
}

/// Begins to listen to a socket.
pub(crate) fn attach(
    socket: WebSocket,
    signal: impl Fn(Signal) + 'static,
) -> Attached<BrowserSocket> {
    let signal: Rc<dyn Fn(Signal)> = Rc::new(signal);
    let mut listeners = Vec::new();
    listen(&mut listeners, &socket, &READERS, &signal);
    listen(&mut listeners, &js_sys::global(), &PAGE_READERS, &signal);
    listen(&mut listeners, &document(), &DOCUMENT_READERS, &signal);
    socket.set_binary_type(BinaryType::Arraybuffer);
    Attached::new(BrowserSocket { socket, signal }, listeners)
}

#[inline(never)] // The code is there once, not at each call.
fn listen(
    listeners: &mut Vec<EventListener>,
    target: &JsValue,
    readers: &'static [(&'static str, Reader)],
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

    fn callback(&self, timer: TimerKind) -> impl FnMut() + 'static {
        let signal = self.signal.clone();
        move || signal(Signal::Timer(timer))
    }
}

impl RawSocket for BrowserSocket {
    type Connection = Shared<BrowserSocket>;
    type Options = dyn GivenOptions<Shared<BrowserSocket>>;
    type Timer = Box<dyn Any>;

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
        let (code, reason) = match close {
            Some(close) => (Some(close.code().get()), Some(close.reason())),
            None => (None, None),
        };
        let socket: &Closing = self.socket.unchecked_ref();
        // Throws for codes that are not a browser's (WebSockets §3.1, `close()`).
        if socket.close(code, reason).is_err() {
            let _ = socket.close(None, None);
        }
    }

    fn later(&self, timer: TimerKind, ms: f64) -> Option<Box<dyn Any>> {
        Some(Box::new(Timer::after(ms, self.callback(timer))?))
    }

    fn next_task(&self, timer: TimerKind) -> Box<dyn Any> {
        Box::new(NextTask::new(self.callback(timer)))
    }
}

/// Returns whether `close()` takes the code (WebSockets §3.1).
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

/// Name and message of an exception, put together as in ECMA-262 §20.5.3.4; of what is no object,
/// nothing.
fn text_of(exception: &JsValue) -> String {
    error_to_string(exception).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    /// A `WebSocket`, of which web-sys has two functions for what is one.
    type Closing;

    #[wasm_bindgen(method, catch)]
    fn close(this: &Closing, code: Option<u16>, reason: Option<&str>) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = Error, js_name = "prototype.toString.call")]
    fn error_to_string(exception: &JsValue) -> Result<String, JsValue>;

    /// An `error` event that may have a text.
    type Failure;

    #[wasm_bindgen(method, getter)]
    fn message(this: &Failure) -> Option<String>;
}
