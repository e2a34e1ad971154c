//! The smallest useful program in a browser: it opens, sends, receives and closes. Its size is what
//! `cargo xtask size` tells first.
//!
//! ```toml
//! lol_alloc = "0.4"
//! qwebsocket = "0.1"
//! wasm-bindgen = "0.2"
//! wasm-bindgen-futures = "0.4"
//! web-sys = { version = "0.3", features = ["console"] }
//!
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [profile.release]
//! codegen-units = 1
//! lto = true
//! opt-level = "z"
//! panic = "abort"
//! ```

#![cfg(target_family = "wasm")]

use qwebsocket::{Close, Error, Event, Message, Socket, WebSocket, WebSocketExt};
use wasm_bindgen::prelude::wasm_bindgen;

/// The default one takes a seventh of such a program.
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

#[wasm_bindgen(start)]
fn start() {
    wasm_bindgen_futures::spawn_local(async {
        if greet().await.is_err() {
            log("no greeting");
        }
    });
}

async fn greet() -> Result<(), Error> {
    let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
    socket.send("hello".into())?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(Message::Text(answer)) = event {
            log(&answer);
            socket.close(Close::default())?;
        }
    }
    Ok(())
}

fn log(text: &str) {
    web_sys::console::log_1(&text.into());
}
