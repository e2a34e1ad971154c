use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

/// The time since some point in the past; it never goes back.
pub(crate) fn now() -> Duration {
    Duration::from_micros((performance_now() * 1000.0) as u64)
}

// Of `globalThis`, so that windows, workers and Node have it.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}
