//! Examples that no other test runs, with a server.

#[path = "../../examples/frame_loop.rs"]
#[allow(dead_code)] // Its `main` is not called.
mod frame_loop;

use async_std::task;
use frame_loop::World;
use futures::StreamExt;
use qwebsocket::{Error, Listener, WebSocket, WebSocketExt};

use crate::common::run;

/// Echoes to one client, and tells the numbers that it sent.
async fn echo(mut listener: Listener) -> Result<Vec<u32>, Error> {
    let accepting = listener.next().await.expect("it listens");
    let socket = accepting?.await?.accept(None).await?;
    let mut numbers = Vec::new();
    while let Some(message) = socket.next_message().await.transpose()? {
        let number = message.as_text().and_then(|text| text.parse().ok());
        numbers.push(number.expect("the number of a frame"));
        socket.send(message)?;
    }
    Ok(numbers)
}

#[test]
fn a_loop_of_systems_sends_and_receives() {
    run(async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_address());
        let server = task::spawn(echo(listener));
        let mut world = World::new(&url).unwrap();
        while world.run().unwrap() {
            task::yield_now().await;
        }
        let numbers = server.await.unwrap();
        assert!(world.seen >= 180, "{}", world.seen);
        assert!(numbers.contains(&world.seen));
        // One in each frame.
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    });
}
