//! The Rust libraries for WebSockets in a browser, each asked to do the same.

mod clients;
mod work;

use wasm_bindgen::prelude::wasm_bindgen;

use clients::{GlooNet, QWebSocket, WsStream};

/// Does `count` times what `shape` says, with messages of that kind and size, against the server at
/// `url`: the milliseconds that it took.
#[wasm_bindgen]
pub async fn measure(
    library: String,
    shape: String,
    url: String,
    is_text: bool,
    payload: js_sys::JsString,
    count: u32,
) -> f64 {
    let payload = String::from(payload);
    match &*library {
        "qwebsocket" => work::measure::<QWebSocket>(&shape, &url, is_text, payload, count).await,
        "gloo-net" => work::measure::<GlooNet>(&shape, &url, is_text, payload, count).await,
        "ws_stream_wasm" => work::measure::<WsStream>(&shape, &url, is_text, payload, count).await,
        other => panic!("there is no library `{other}`"),
    }
}
