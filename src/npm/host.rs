//! What the shell does for us.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Error, ErrorKind};

#[wasm_bindgen]
extern "C" {
    /// The shell's side of a [`Link`](super::link::Link).
    pub type Host;

    /// There is something to take.
    #[wasm_bindgen(method)]
    pub(super) fn pump(this: &Host);

    /// Makes a socket that connects, and begins to listen to it.
    #[wasm_bindgen(method, catch)]
    pub(super) fn connect(this: &Host, url: &str) -> Result<web_sys::WebSocket, JsValue>;

    /// Wants a request, and [`Link::answer`](super::link::Link::answer) to be called.
    #[wasm_bindgen(method)]
    pub(super) fn ask(this: &Host, attempt: u32);

    /// What goes out first: messages and their lengths in turn.
    #[wasm_bindgen(method)]
    pub(super) fn greet(this: &Host) -> js_sys::Array;

    /// Decides how an ending goes on.
    #[wasm_bindgen(method)]
    pub(super) fn decide(
        this: &Host,
        was_connected: bool,
        error: Option<JsValue>,
        code: Option<u16>,
        reason: Option<String>,
    ) -> f64;

    /// Makes an error of its class.
    #[wasm_bindgen(method, js_name = fail)]
    fn make_error(this: &Host, kind: u32, features: u32, text: &str) -> JsValue;

    /// A socket as the shell sees it.
    pub type Wire;

    /// Sends a message: its length in bytes.
    #[wasm_bindgen(method, catch)]
    pub(super) fn write(this: &Wire, payload: &JsValue) -> Result<usize, JsValue>;

    /// Sends a ping.
    #[wasm_bindgen(method)]
    pub(super) fn ping(this: &Wire, payload: &[u8]);

    /// Hears nothing more.
    #[wasm_bindgen(method)]
    fn release(this: &Wire);
}

impl Host {
    pub(super) fn thrown(&self, error: &Error) -> JsValue {
        let (kind, features) = match error.kind() {
            ErrorKind::InvalidInput => (0, 0),
            ErrorKind::Unsupported(features) => (1, features.bits()),
            ErrorKind::WrongState => (2, 0),
            ErrorKind::QueueFull => (3, 0),
            ErrorKind::TimedOut => (4, 0),
            ErrorKind::TooLarge => (6, 0),
            ErrorKind::RemoteClosed => (7, 0),
            _ => (5, 0),
        };
        self.make_error(kind, features, error.context())
    }
}

/// What the shell listens to, until this is dropped.
pub(super) struct Hearing(pub(super) Wire);

impl Drop for Hearing {
    fn drop(&mut self) {
        self.0.release();
    }
}
