//! What the page in `www` runs in a browser: a class for JavaScript over [`Socket`]. To see it:
//! `cargo xtask serve`.

#[cfg(not(target_family = "wasm"))]
fn main() {
    println!("This example runs in a browser: cargo xtask serve");
}

#[cfg(target_family = "wasm")]
fn main() {}

#[cfg(target_family = "wasm")]
#[allow(unreachable_pub)] // JavaScript reaches what is `pub`.
mod console {
    use std::cell::Cell;
    use std::rc::Rc;

    use js_sys::{Function, Uint8Array};
    use qwebsocket::{
        Close, Error, ErrorKind, Event, Features, Message, Request, Socket, WebSocket, WebSocketExt,
    };
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;

    /// A socket that calls back with each event.
    #[wasm_bindgen]
    #[derive(Debug)]
    pub struct Console {
        socket: Rc<Socket>,
        listener: Function,
        listening: Rc<Cell<bool>>,
    }

    #[wasm_bindgen]
    impl Console {
        /// `listener(kind, detail)` is called for each event. The detail is a text, or a
        /// `Uint8Array` for a binary message.
        #[wasm_bindgen(constructor)]
        pub fn new(listener: Function) -> Console {
            Console {
                socket: Rc::new(Socket::new()),
                listener,
                listening: Rc::default(),
            }
        }

        pub fn connect(&self, url: &str, subprotocols: Vec<String>) -> Result<(), JsValue> {
            let request = subprotocols
                .into_iter()
                .fold(Request::new(url), Request::subprotocol);
            self.socket.open(request).map_err(thrown)?;
            self.listen();
            Ok(())
        }

        #[wasm_bindgen(js_name = sendText)]
        pub fn send_text(&self, text: String) -> Result<usize, JsValue> {
            self.socket.send(text.into()).map_err(thrown)
        }

        #[wasm_bindgen(js_name = sendBinary)]
        pub fn send_binary(&self, data: Vec<u8>) -> Result<usize, JsValue> {
            self.socket.send(data.into()).map_err(thrown)
        }

        pub fn ping(&self) -> Result<(), JsValue> {
            self.socket.ping("are you there?".into()).map_err(thrown)
        }

        pub fn close(&self, code: u16, reason: String) -> Result<(), JsValue> {
            self.socket.close(Close::new(code, reason)).map_err(thrown)
        }

        pub fn abort(&self) {
            self.socket.abort();
        }

        #[wasm_bindgen(getter)]
        pub fn state(&self) -> String {
            format!("{:?}", self.socket.state())
        }

        #[wasm_bindgen(getter)]
        pub fn subprotocol(&self) -> Option<String> {
            self.socket.subprotocol()
        }

        #[wasm_bindgen(getter, js_name = bytesToWrite)]
        pub fn bytes_to_write(&self) -> usize {
            self.socket.bytes_to_write()
        }

        #[wasm_bindgen(getter, js_name = closeCode)]
        pub fn close_code(&self) -> Option<u16> {
            self.socket.close_code().map(u16::from)
        }

        #[wasm_bindgen(getter, js_name = closeReason)]
        pub fn close_reason(&self) -> String {
            self.socket.close_reason()
        }

        /// The names of all features.
        #[wasm_bindgen(js_name = allFeatures)]
        pub fn all_features() -> Vec<String> {
            names(Features::ALL)
        }

        /// The names of those that work here.
        #[wasm_bindgen(getter)]
        pub fn features(&self) -> Vec<String> {
            names(self.socket.features())
        }

        /// Takes events until there are no more.
        fn listen(&self) {
            if self.listening.replace(true) {
                return;
            }
            let socket = self.socket.clone();
            let listener = self.listener.clone();
            let listening = self.listening.clone();
            wasm_bindgen_futures::spawn_local(async move {
                while let Some(event) = socket.next_event().await {
                    let (kind, detail) = told(event);
                    // An exception in the page's own code is the page's concern.
                    let _ = listener.call2(&JsValue::NULL, &kind.into(), &detail);
                }
                listening.set(false);
            });
        }
    }

    fn told(event: Event) -> (&'static str, JsValue) {
        match event {
            Event::StateChanged(state) => ("StateChanged", format!("{state:?}").into()),
            Event::Connected => ("Connected", "".into()),
            Event::AboutToClose => ("AboutToClose", "".into()),
            Event::Disconnected => ("Disconnected", "".into()),
            Event::ReadFinished => ("ReadFinished", "".into()),
            Event::Message(Message::Text(text)) => ("Text", (&*text).into()),
            Event::Message(Message::Binary(data)) => {
                ("Binary", Uint8Array::new_from_slice(&data).into())
            }
            Event::BytesWritten(bytes) => ("BytesWritten", bytes.to_string().into()),
            Event::Error(error) => ("Error", format!("{}: {error}", name(error.kind())).into()),
            other => ("Event", format!("{other:?}").into()),
        }
    }

    /// A JavaScript `Error` whose name is the kind.
    fn thrown(error: Error) -> JsValue {
        let exception = js_sys::Error::new(&error.to_string());
        exception.set_name(&name(error.kind()));
        exception.into()
    }

    fn name(kind: ErrorKind) -> String {
        match kind {
            ErrorKind::Unsupported(_) => "Unsupported".into(),
            kind => format!("{kind:?}"),
        }
    }

    fn names(features: Features) -> Vec<String> {
        features.iter().map(|(_, name)| name.to_owned()).collect()
    }
}
