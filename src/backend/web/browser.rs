use std::rc::Weak;
use std::time::Duration;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::core::Alarm;
use super::listener::Listener;
use super::payload::share_text;
use super::shared::Shared;
use super::timer::Timer;
use super::wire::{Connection, Wire};
use crate::{Close, CloseCode, Error, ErrorKind, Message, Options};

/// What the browser tells of a connection.
pub(super) enum Signal {
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
pub(super) fn open(
    url: &str,
    subprotocols: &[String],
    signal: impl Fn(Signal) + Clone + 'static,
) -> Result<Connection<Browser>, Error> {
    let names: Array = subprotocols
        .iter()
        .map(|name| JsValue::from_str(name))
        .collect();
    let socket = WebSocket::new_with_str_sequence(url, &names).map_err(|e| refused(&e))?;
    let listeners = READERS.map(|(kind, read)| {
        let signal = signal.clone();
        Listener::new(&socket, kind, move |event| signal(read(event)))
    });
    socket.set_binary_type(BinaryType::Arraybuffer);
    Ok(Connection::new(Browser(socket), listeners))
}

/// The browser's socket.
#[derive(Debug)]
pub(super) struct Browser(WebSocket);

impl Browser {
    pub(super) fn url(&self) -> String {
        self.0.url()
    }

    pub(super) fn subprotocol(&self) -> Option<String> {
        Some(self.0.protocol()).filter(|name| !name.is_empty())
    }

    pub(super) fn extensions(&self) -> String {
        self.0.extensions()
    }
}

impl Wire for Browser {
    type Options = Options;
    type Timer = Timer;

    fn is_open(&self) -> bool {
        self.0.ready_state() == WebSocket::OPEN
    }

    fn buffered(&self) -> usize {
        self.0.buffered_amount() as usize
    }

    fn send(&self, message: &Message) -> Result<usize, Error> {
        let sent = match message {
            Message::Text(text) => self.0.send_with_str(text),
            // A browser refuses a view of shared memory.
            Message::Binary(data) if cfg!(target_feature = "atomics") => self
                .0
                .send_with_js_u8_array(&Uint8Array::new_from_slice(data)),
            Message::Binary(data) => self.0.send_with_u8_array(data),
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
            let told = self.0.close_with_code_and_reason(code, close.reason());
            told.is_ok()
        });
        if !is_told {
            // Never throws.
            let _ = self.0.close();
        }
    }

    fn later(&self, core: &Weak<Shared<Browser>>, alarm: Alarm, delay: Duration) -> Option<Timer> {
        let core = core.clone();
        Timer::after(delay, move || {
            if let Some(core) = core.upgrade() {
                core.update(|core| core.ring(alarm));
            }
        })
    }
}

/// Whether `close()` takes the code (WebSockets §3.1).
pub(in crate::backend) fn can_send(code: CloseCode) -> bool {
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
