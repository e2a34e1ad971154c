//! What the browser's side looks like from outside.

use wasm_bindgen::prelude::*;

/// Watches every `WebSocket` of this place, until it is dropped.
pub(crate) struct Probe(JsValue);

impl Probe {
    pub(crate) fn new() -> Probe {
        Probe(call(
            "const Real = globalThis.WebSocket;
             const probe = { sockets: [], listeners: 0, restore() { globalThis.WebSocket = Real } };
             globalThis.WebSocket = class WebSocket extends Real {
                 constructor(...args) { super(...args); probe.sockets.push(this) }
                 addEventListener(...args) { probe.listeners++; super.addEventListener(...args) }
                 removeEventListener(...args) { probe.listeners--; super.removeEventListener(...args) }
             };
             return probe",
        ))
    }

    /// Replaces `WebSocket` by one that answers every call from within the call, as a mock may.
    pub(crate) fn with_hasty_sockets() -> Probe {
        Probe(call(
            "const Real = globalThis.WebSocket;
             const probe = { sockets: [], listeners: 0, restore() { globalThis.WebSocket = Real } };
             globalThis.WebSocket = class WebSocket extends EventTarget {
                 static OPEN = 1;
                 url = 'ws://hasty/'; protocol = ''; extensions = ''; bufferedAmount = 0;
                 readyState = 0;
                 constructor() {
                     super(); probe.sockets.push(this);
                     setTimeout(() => { this.readyState = 1; this.dispatchEvent(new Event('open')) })
                 }
                 addEventListener(...args) { probe.listeners++; super.addEventListener(...args) }
                 removeEventListener(...args) { probe.listeners--; super.removeEventListener(...args) }
                 send(data) { this.dispatchEvent(new MessageEvent('message', { data })) }
                 close(code, reason) {
                     if (this.readyState > 1) return;
                     this.readyState = 3;
                     const event = new Event('close');
                     this.dispatchEvent(Object.assign(event, { code, reason, wasClean: true }))
                 }
             };
             return probe",
        ))
    }

    /// How many listeners there are more than were removed.
    pub(crate) fn listeners(&self) -> i32 {
        self.get("probe.listeners") as i32
    }

    /// The `readyState` of each socket that was made.
    pub(crate) fn ready_state(&self, index: u32) -> u16 {
        self.get(&format!("probe.sockets[{index}].readyState")) as u16
    }

    fn get(&self, expression: &str) -> f64 {
        let function = js_sys::Function::new_with_args("probe", &format!("return {expression}"));
        let value = function.call1(&JsValue::NULL, &self.0).unwrap();
        value.as_f64().unwrap()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.get("probe.restore() ?? 0");
    }
}

fn call(body: &str) -> JsValue {
    js_sys::Function::new_no_args(body)
        .call0(&JsValue::NULL)
        .unwrap()
}
