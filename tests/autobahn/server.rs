//! The server under test of the Autobahn testsuite: echoes.

#[cfg(not(target_family = "wasm"))]
#[async_std::main]
async fn main() -> Result<(), qwebsocket::Error> {
    use futures::StreamExt;
    use qwebsocket::{Compression, Event, Listener, Options, WebSocket, WebSocketExt};

    let port = std::env::args().skip_while(|arg| arg != "--port").nth(1);
    let address = format!("127.0.0.1:{}", port.as_deref().unwrap_or("9002"));
    let options = Options::new().compression(Compression::new().threshold(0));
    let mut listener = Listener::bind_with(&address, options).await?;
    println!("listening on ws://{}", listener.local_address());
    while let Some(accepting) = listener.next().await {
        async_std::task::spawn(async {
            let socket = accepting?.await?.accept(None).await?;
            while let Some(event) = socket.next_event().await {
                if let Event::Message(message) = event {
                    // The client may have begun to close in the meantime.
                    let _ = socket.send(message);
                }
            }
            Ok::<(), qwebsocket::Error>(())
        });
    }
    Ok(())
}

/// A server needs an operating system.
#[cfg(target_family = "wasm")]
fn main() {}
