//! Values instead of messages, by one definition for the server and its clients:
//! `cargo run --example typed`.
//!
//! ```toml
//! async-std = "1.13"
//! futures = "0.3"
//! postcard = { version = "1", default-features = false, features = ["use-std"] }
//! qwebsocket = "0.1"
//! serde = { version = "1", features = ["derive"] }
//! ```

#[path = "shared/shop.rs"]
mod shop;

use futures::{SinkExt, StreamExt};
use qwebsocket::Socket;
use shop::{Command, Postcard};

async fn run(url: &str, print: impl Fn(&str)) -> Result<(), Box<dyn std::error::Error>> {
    let mut shop = shop::shop(Socket::connect(url).await?, Postcard);
    let item = "tea".to_owned();
    shop.send(Command::Add { item, count: 2 }).await?;
    if let Some(cart) = shop.next().await {
        print(&format!("{:?}", cart?));
    }
    Ok(())
}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    async_std::task::block_on(async {
        let mut listener = qwebsocket::Listener::bind("127.0.0.1:0").await?;
        let url = format!("ws://{}/", listener.local_address());
        async_std::task::spawn(async move {
            while let Some(accepting) = listener.next().await {
                let Ok(socket) = async { accepting?.await?.accept(None).await }.await else {
                    continue;
                };
                async_std::task::spawn(shop::serve(socket, Postcard));
            }
        });
        run(&url, |line| println!("{line}")).await
    })
}

#[cfg(target_family = "wasm")]
fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let print = |line: &str| web_sys::console::log_1(&line.into());
        if let Err(error) = run("ws://127.0.0.1:9000/", print).await {
            print(&error.to_string());
        }
    });
}
