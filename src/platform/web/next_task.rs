use std::fmt;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

/// Calls back in the next task, unless it is dropped before. A timer of 0 ms takes 4 ms where one
/// has set another (HTML §8.6), and a page in the background waits for it up to a minute.
pub(crate) struct NextTask {
    port: MessagePort,
    _callback: Closure<dyn FnMut()>,
}

impl NextTask {
    pub(crate) fn new(callback: impl FnMut() + 'static) -> NextTask {
        let callback = Closure::<dyn FnMut()>::own_assert_unwind_safe(callback);
        let channel = MessageChannel::new();
        let port = channel.port1();
        port.set_onmessage(Some(&callback));
        channel.port2().post_message(0);
        NextTask {
            port,
            _callback: callback,
        }
    }
}

impl Drop for NextTask {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        // Node runs on while a port is open.
        self.port.close();
    }
}

impl fmt::Debug for NextTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextTask")
    }
}

// Of `globalThis`, so that windows, workers and Node have them. None of it throws.
#[wasm_bindgen]
extern "C" {
    type MessageChannel;

    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;

    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> MessagePort;

    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> MessagePort;

    type MessagePort;

    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &MessagePort, callback: Option<&Closure<dyn FnMut()>>);

    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: u32);

    #[wasm_bindgen(method)]
    fn close(this: &MessagePort);
}
