use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::raw_socket::TimerKind;
use super::raw_socket::{Attached, RawSocket};
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::message::Message;
use crate::options::Options;
use crate::platform::share_text;
use crate::platform::web::event_listener::EventListener;
use crate::platform::web::timer::Timer;

/// What the browser tells of a connection.
pub(crate) enum Signal {
    Timer(TimerKind),
    Open,
    Message(JsValue),
    /// With the reason, where the platform tells it; browsers do not.
    Error(Option<String>),
    /// The last one.
    Close {
        clean: bool,
        close: Close,
    },
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
    let listeners = READERS.map(|(kind, read)| {
        let signal = signal.clone();
        EventListener::new(&socket, kind, move |event| signal(read(event)))
    });
    socket.set_binary_type(BinaryType::Arraybuffer);
    Ok(Attached::new(BrowserSocket { socket, signal }, listeners))
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
    type Timer = Timer;

    fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }

    fn buffered(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    fn send(&self, message: &Message) -> Result<usize, Error> {
        let sent = match message {
            Message::Text(text) => self.socket.send_with_str(text),
            // A browser refuses a view of shared memory.
            Message::Binary(data) if cfg!(target_feature = "atomics") => self
                .socket
                .send_with_js_u8_array(&Uint8Array::new_from_slice(data)),
            Message::Binary(data) => self.socket.send_with_u8_array(data),
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

    fn later(&self, timer: TimerKind, delay: Duration) -> Option<Timer> {
        let signal = self.signal.clone();
        Timer::after(delay, move || signal(Signal::Timer(timer)))
    }
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
    match exception.unchecked_ref::<Failure>().name() {
        Some(name) if name == "SyntaxError" => Error::invalid_input(message_of(exception)),
        _ => failed(exception),
    }
}

fn failed(exception: &JsValue) -> Error {
    Error::new(ErrorKind::Connection, message_of(exception))
}

fn message_of(exception: &JsValue) -> String {
    let exception: &Failure = exception.unchecked_ref();
    exception.message().unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    /// What an exception and an `error` event may have in common.
    type Failure;

    #[wasm_bindgen(method, getter)]
    fn name(this: &Failure) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn message(this: &Failure) -> Option<String>;
}
