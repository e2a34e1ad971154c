use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

/// The time since some point in the past; it never goes back.
pub(crate) fn now() -> Duration {
    Duration::from_micros((now_ms() * 1000.0) as u64)
}

// Of `globalThis`, so that windows, workers and Node have it.
#[wasm_bindgen]
extern "C" {
    /// The same as the browser counts it, in milliseconds.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn now_ms() -> f64;
}
