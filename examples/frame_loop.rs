//! A game's loop of systems, which never waits for the network, natively and in a browser:
//! `cargo run --example frame_loop -- ws://127.0.0.1:9000/`.
//!
//! ```toml
//! qwebsocket = "0.1"
//!
//! [target.'cfg(target_family = "wasm")'.dependencies]
//! js-sys = "0.3"
//! wasm-bindgen = "0.2"
//! wasm-bindgen-futures = "0.4"
//! ```

use qwebsocket::prelude::*;
use qwebsocket::{Error, State};

/// What the systems share. For an engine with threads the socket is a resource that is not `Send`,
/// since in a browser it is not.
pub(crate) struct World {
    socket: Socket,
    frame: u32,
    /// The last frame of which the server told.
    pub(crate) seen: u32,
}

type System = fn(&mut World) -> Result<(), Error>;

/// Each frame calls them in this order.
const SYSTEMS: [System; 2] = [receive, tell];

/// Takes what has arrived.
fn receive(world: &mut World) -> Result<(), Error> {
    while let Some(event) = world.socket.try_next() {
        match event {
            Event::Message(Message::Text(text)) => world.seen = text.parse().unwrap_or(0),
            Event::Error(error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Tells the server where we are. What cannot be written now leaves with a later frame.
fn tell(world: &mut World) -> Result<(), Error> {
    world.frame += 1;
    if world.seen >= 180 {
        world.socket.close_with(CloseCode::NORMAL)?;
    } else if world.socket.is_valid() {
        world.socket.send_text(world.frame.to_string())?;
        world.socket.try_flush()?;
    }
    Ok(())
}

impl World {
    pub(crate) fn new(url: &str) -> Result<World, Error> {
        let socket = Socket::new();
        socket.open(url.into())?;
        Ok(World {
            socket,
            frame: 0,
            seen: 0,
        })
    }

    /// One frame; false when the connection has ended.
    pub(crate) fn run(&mut self) -> Result<bool, Error> {
        SYSTEMS.iter().try_for_each(|system| system(self))?;
        Ok(self.socket.state() != State::Unconnected)
    }
}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1);
    let mut world = World::new(url.as_deref().unwrap_or("ws://127.0.0.1:9000/"))?;
    while world.run()? {
        println!("frame {}, seen at {}", world.frame, world.seen);
        std::thread::sleep(std::time::Duration::from_secs(1) / 60);
    }
    Ok(())
}

#[cfg(target_family = "wasm")]
fn main() {
    use js_sys::{Function, Promise};

    #[wasm_bindgen::prelude::wasm_bindgen]
    extern "C" {
        fn requestAnimationFrame(callback: &Function);
    }

    wasm_bindgen_futures::spawn_local(async {
        let mut world = World::new("ws://127.0.0.1:9000/").expect("it is a URL");
        while let Ok(true) = world.run() {
            let frame = Promise::new(&mut |resolve, _| requestAnimationFrame(&resolve));
            let _ = wasm_bindgen_futures::JsFuture::from(frame).await;
        }
    });
}
