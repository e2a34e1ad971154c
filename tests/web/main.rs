#![cfg(target_family = "wasm")]
//! Browser tests.
use wasm_bindgen_test::*;

#[wasm_bindgen_test]
fn runs_in_a_browser() {
    assert!(js_sys::global().is_object());
}
