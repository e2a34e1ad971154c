use std::fmt;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Event, EventTarget};

/// Listens to one type of event until it is dropped, which may happen inside its own callback.
pub(crate) struct EventListener {
    target: Target,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl EventListener {
    pub(crate) fn new(
        target: &EventTarget,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> EventListener {
        let target: Target = target.clone().unchecked_into();
        let callback = Closure::<dyn FnMut(Event)>::own_assert_unwind_safe(callback);
        target.add(kind, &callback);
        EventListener {
            target,
            kind,
            callback,
        }
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        self.target.remove(self.kind, &self.callback);
    }
}

impl fmt::Debug for EventListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

// An `EventTarget`, of which neither method throws (DOM §2.7): what cannot fail needs no code for
// that.
#[wasm_bindgen]
extern "C" {
    type Target;

    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add(this: &Target, kind: &str, callback: &Closure<dyn FnMut(Event)>);

    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove(this: &Target, kind: &str, callback: &Closure<dyn FnMut(Event)>);
}
