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

    /// Replaces `WebSocket` by a class that connects to nobody, with these members besides; to
    /// `this.tell(data)` its program hears a message.
    pub(crate) fn with_foreign_sockets(members: &str) -> Probe {
        Probe(call(&format!(
            "const Real = globalThis.WebSocket;
             const probe = {{ sockets: [], listeners: 0, restore() {{ globalThis.WebSocket = Real }} }};
             globalThis.WebSocket = class WebSocket extends EventTarget {{
                 static OPEN = 1;
                 url = 'ws://foreign/'; protocol = ''; extensions = ''; bufferedAmount = 0;
                 readyState = 0;
                 constructor() {{
                     super(); probe.sockets.push(this); this.begin?.();
                     setTimeout(() => {{ this.readyState = 1; this.dispatchEvent(new Event('open')) }})
                 }}
                 tell(data) {{
                     setTimeout(() => this.dispatchEvent(new MessageEvent('message', {{ data }})))
                 }}
                 send() {{}}
                 close(code, reason) {{
                     if (this.readyState > 1) return;
                     this.readyState = 3;
                     const event = Object.assign(new Event('close'), {{ code, reason, wasClean: true }});
                     setTimeout(() => this.dispatchEvent(event))
                 }}
                 {members}
             }};
             return probe"
        )))
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

/// Counts the timers that are set, until it is dropped.
pub(crate) struct Timers(JsValue);

impl Timers {
    pub(crate) fn count() -> Timers {
        Timers(call(
            "const real = globalThis.setTimeout;
             const timers = { count: 0, restore() { globalThis.setTimeout = real } };
             globalThis.setTimeout = (...args) => { timers.count++; return real(...args) };
             return timers",
        ))
    }

    /// How many there were.
    pub(crate) fn so_far(&self) -> u32 {
        let count = js_sys::Reflect::get(&self.0, &"count".into()).unwrap();
        count.as_f64().unwrap() as u32
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        let restore = js_sys::Reflect::get(&self.0, &"restore".into()).unwrap();
        let restore: js_sys::Function = restore.unchecked_into();
        restore.call0(&self.0).unwrap();
    }
}

/// The events by which a page goes, each with the one by which it returns. A worker has no
/// document, at which the last two are fired.
pub(crate) fn ways_to_go() -> &'static [(&'static str, &'static str)] {
    let all = &[("pagehide", "pageshow"), ("freeze", "resume")];
    let has_document = call("return 'document' in globalThis").is_truthy();
    if has_document { all } else { &all[..1] }
}

/// Dispatches an event of the page where the browser would; nothing else happens to the page.
pub(crate) fn tell_page(kind: &str) {
    call(&format!(
        "const target = ['freeze', 'resume'].includes('{kind}') ? document : globalThis;
         target.dispatchEvent(new Event('{kind}'))"
    ));
}

/// Keeps the page from all other work.
pub(crate) fn be_busy(ms: f64) {
    let end = js_sys::Date::now() + ms;
    while js_sys::Date::now() < end {}
}

fn call(body: &str) -> JsValue {
    js_sys::Function::new_no_args(body)
        .call0(&JsValue::NULL)
        .unwrap()
}
