//! Rooms over any number of processes: each serves some of the clients, and an engine carries between
//! them what is said.
//!
//! `rooms ADDRESS REDIS-URL`, such as `rooms 127.0.0.1:9000 redis://127.0.0.1/`.
//!
//! ```toml
//! futures = "0.3"
//! qwebsocket = { version = "0.1", features = ["tokio"] }
//! redis = { version = "1.8", default-features = false, features = ["tokio-comp"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "signal"] }
//! ```

mod engine;

use std::env;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, Redis, Result};
use futures::StreamExt;
use qwebsocket::prelude::*;
use qwebsocket::{Accepting, Error, KeepAlive, Listener, Options, Topics, WhenSlow};
use tokio::signal::unix::{SignalKind, signal};

/// How often a silent client is asked whether it is there; a load balancer waits longer.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long the clients have to say goodbye.
const DRAIN: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let [_, address, url] = &arguments[..] else {
        return Err("usage: rooms ADDRESS REDIS-URL".into());
    };
    let engine = Redis::connect(url).await?;
    // Before anybody is let in, so that nothing is missed.
    let mut said = engine.said().await?;
    // Who is too slow comes back, instead of missing something.
    let rooms = Topics::with_rule(WhenSlow::Drop, None);
    let options = Options::new().keep_alive(KeepAlive::ping(KEEP_ALIVE));
    let mut listener = Listener::bind_with(address.as_str(), options).await?;
    println!("{}", listener.local_address());

    let mut terminate = signal(SignalKind::terminate())?;
    let ended = loop {
        tokio::select! {
            Some(client) = listener.next() => {
                let served = serve(client, rooms.clone(), engine.clone());
                tokio::spawn(async { served.await.inspect_err(|error| eprintln!("{error}")) });
            }
            text = said.next() => match text {
                Some((room, text)) => _ = rooms.publish(&room, text),
                None => break Err("the engine has gone".into()),
            },
            _ = terminate.recv() => break Ok(()),
        }
    };
    // With 1001, upon which they come back to another process.
    listener.shutdown(DRAIN).await;
    ended
}

async fn serve<E: Engine>(
    client: std::result::Result<Accepting, Error>,
    rooms: Topics<Arc<Socket>>,
    mut engine: E,
) -> Result<()> {
    let incoming = client?.await?;
    let room = incoming.resource_name().trim_start_matches('/').to_owned();
    let socket = Arc::new(incoming.accept(None).await?);
    let _member = rooms.subscribe(&room, socket.clone());
    // Whoever has this hears all that is said from now on.
    socket.send_text(format!("welcome to {room} in {}", process::id()))?;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(Message::Text(text)) = event {
            // To the clients of this process it comes back as to all others, once and in one order.
            engine.say(&room, &text).await?;
        }
    }
    Ok(())
}
