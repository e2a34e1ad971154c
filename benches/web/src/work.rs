//! What is measured.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::clients::Client;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

pub async fn measure<C: Client>(
    shape: &str,
    url: &str,
    is_text: bool,
    payload: String,
    count: u32,
) -> f64 {
    let mut client = C::connect(url).await;
    let message = || match is_text {
        true => C::text(&payload),
        false => C::binary(payload.as_bytes()),
    };
    let length = payload.len();
    let started = now();
    match shape {
        // The server begins when it is sent something.
        "receive" => {
            client.send(C::text("")).await;
            for _ in 0..count {
                assert_eq!(client.receive().await, length);
            }
        }
        // The server answers the last one.
        "send" => {
            for _ in 0..count {
                client.send(message()).await;
            }
            assert_eq!(client.receive().await, 0);
        }
        "round trip" => {
            for _ in 0..count {
                client.send(message()).await;
                assert_eq!(client.receive().await, length);
            }
        }
        other => panic!("nothing is measured by `{other}`"),
    }
    now() - started
}
