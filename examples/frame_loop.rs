//! A game's loop, which never waits for the network:
//! `cargo run --example frame_loop -- ws://127.0.0.1:9000/`.

#![cfg_attr(target_family = "wasm", allow(unused))]

use std::time::{Duration, Instant};

use qwebsocket::{Error, Event, Socket, WebSocket, WebSocketExt};

/// Sixty a second.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

struct Game {
    socket: Socket,
    frame: u32,
    /// Where the server last saw us.
    seen: u32,
}

impl Game {
    /// Takes what has arrived, moves, and tells the server; false at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        while let Some(event) = self.socket.try_next() {
            match event {
                Event::Message(message) => {
                    self.seen = message.as_text().and_then(|n| n.parse().ok()).unwrap_or(0);
                }
                Event::Error(error) => return Err(error),
                Event::Disconnected => return Ok(false),
                _ => {}
            }
        }
        self.frame += 1;
        if self.frame == 180 {
            self.socket.close(Default::default())?;
        } else if self.socket.is_valid() {
            self.socket.send_text(self.frame.to_string())?;
            // Otherwise it leaves with the next frame.
            self.socket.try_flush()?;
        }
        Ok(true)
    }
}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1);
    let mut game = Game {
        socket: Socket::new(),
        frame: 0,
        seen: 0,
    };
    game.socket
        .open(url.as_deref().unwrap_or("ws://127.0.0.1:9000/").into())?;
    let mut next = Instant::now();
    while game.advance()? {
        println!("frame {}, seen at {}", game.frame, game.seen);
        next += FRAME;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// A page calls `advance` from `requestAnimationFrame`.
#[cfg(target_family = "wasm")]
fn main() {}
