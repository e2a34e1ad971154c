use std::fmt;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

/// The page's; `undefined` where there is none, as in a worker.
pub(crate) fn document() -> JsValue {
    js_sys::global().unchecked_into::<Place>().document()
}

/// Listens to one type of event until it is dropped, which may happen inside its own callback.
pub(crate) struct EventListener {
    target: Target,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl EventListener {
    /// On an `EventTarget`; any other value emits nothing.
    pub(crate) fn new(
        target: &JsValue,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> EventListener {
        let target: Target = target.clone().unchecked_into();
        // A panic that is caught leaves what is behind it usable: a `RefCell` is released.
        let callback = Closure::<dyn FnMut(Event)>::own_assert_unwind_safe(callback);
        // Node's global object takes none.
        let _ = target.add(kind, &callback);
        EventListener {
            target,
            kind,
            callback,
        }
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        let _ = self.target.remove(self.kind, &self.callback);
    }
}

impl fmt::Debug for EventListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

#[wasm_bindgen]
extern "C" {
    /// A global object.
    type Place;

    #[wasm_bindgen(method, getter)]
    fn document(this: &Place) -> JsValue;

    type Target;

    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add(this: &Target, kind: &str, callback: &Closure<dyn FnMut(Event)>) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove(
        this: &Target,
        kind: &str,
        callback: &Closure<dyn FnMut(Event)>,
    ) -> Result<(), JsValue>;
}
