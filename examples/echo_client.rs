//! The whole life of a connection, event by event, natively and in a browser:
//! `cargo run --example echo_client -- ws://127.0.0.1:9000/`.
//!
//! ```toml
//! futures = { version = "0.3", features = ["executor"] }
//! qwebsocket = "0.1"
//!
//! [target.'cfg(target_family = "wasm")'.dependencies]
//! js-sys = "0.3"
//! wasm-bindgen-futures = "0.4"
//! web-sys = { version = "0.3", features = ["console"] }
//! ```

use qwebsocket::{Close, Error, Event, Features, Socket, WebSocket, WebSocketExt};

async fn run(url: &str, print: impl Fn(&str)) -> Result<(), Error> {
    let socket = Socket::new();
    socket.open(url.into())?;
    while let Some(event) = socket.next_event().await {
        print(&format!("{event:?}"));
        match event {
            Event::Connected => {
                socket.send_text("grüß Gott")?;
                socket.send_binary(vec![0xCA, 0xFE])?;
            }
            Event::Message(message) if message.as_text().is_none() => {
                if socket.features().contains(Features::PING) {
                    socket.ping("are you there?".into())?;
                } else {
                    print(
                        &socket
                            .ping("are you there?".into())
                            .unwrap_err()
                            .to_string(),
                    );
                    socket.close(Close::new(1000, "bye"))?;
                }
            }
            Event::Pong { .. } => socket.close(Close::new(1000, "bye"))?,
            _ => {}
        }
    }
    print(&format!("{:?}", socket.closed()));
    print("done");
    Ok(())
}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1);
    let url = url.as_deref().unwrap_or("ws://127.0.0.1:9000/");
    futures::executor::block_on(run(url, |line| println!("{line}")))
}

/// The page's address carries the URL: `…?url=ws://127.0.0.1:9000/`.
#[cfg(target_family = "wasm")]
fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let location = js_sys::Reflect::get(&js_sys::global(), &"location".into()).unwrap();
        let search = js_sys::Reflect::get(&location, &"search".into()).unwrap();
        let search = search.as_string().unwrap_or_default();
        let url = search
            .strip_prefix("?url=")
            .unwrap_or("ws://127.0.0.1:9000/");
        let url = js_sys::decode_uri_component(url).unwrap();
        let print = |line: &str| web_sys::console::log_1(&line.into());
        if let Err(error) = run(&String::from(url), print).await {
            print(&format!("error: {error}"));
        }
    });
}
