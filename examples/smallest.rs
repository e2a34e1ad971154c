//! The smallest useful program in a browser: it opens, sends, receives and closes. Its size is what
//! `cargo xtask size` measures.

#[cfg(not(target_family = "wasm"))]
fn main() {
    println!("This example runs in a browser: cargo xtask size");
}

#[cfg(target_family = "wasm")]
fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let _ = greet().await;
    });
}

#[cfg(target_family = "wasm")]
async fn greet() -> Result<(), qwebsocket::Error> {
    use qwebsocket::{Close, Event, Message, Socket, WebSocket, WebSocketExt};

    let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
    socket.send("hello".into())?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(Message::Text(answer)) = event {
            web_sys::console::log_1(&(&*answer).into());
            socket.close(Close::default())?;
        }
    }
    Ok(())
}
