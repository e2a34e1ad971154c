//! The example on egui with a server, and without a window.

#[path = "../examples/egui.rs"]
#[allow(dead_code)] // Its `main` is not called.
mod example;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use egui::{Context, ViewportId};
use example::Chat;
use futures::StreamExt;
use futures::executor::block_on;
use qwebsocket::prelude::*;
use qwebsocket::{Error, Listener};

/// A frame that nobody asks for in this time will not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a message for each that it is told to, until there will be none.
async fn serve(mut listener: Listener, messages: mpsc::Receiver<String>) -> Result<(), Error> {
    let accepting = listener.next().await.expect("it listens");
    let socket = accepting?.await?.accept(None).await?;
    for message in messages {
        socket.send_text(message)?;
        socket.flush().await?;
    }
    Ok(())
}

/// A frame; whether egui wants another one by itself.
fn draw(context: &Context, chat: &mut Chat) -> bool {
    let output = example::frame(context, chat);
    output.viewport_output[&ViewportId::ROOT].repaint_delay < Duration::MAX
}

#[test]
fn each_arrival_asks_for_a_frame_that_shows_it() {
    let listener = block_on(Listener::bind("127.0.0.1:0")).unwrap();
    let url = format!("ws://{}/", listener.local_address());
    let (messages, told) = mpsc::channel();
    let server = thread::spawn(|| block_on(serve(listener, told)));

    let context = Context::default();
    let (asks, asked) = mpsc::channel();
    context.set_request_repaint_callback(move |_| asks.send(()).unwrap_or_default());
    let mut chat = Chat::new(&context, &url).unwrap();
    while draw(&context, &mut chat) {}

    // From here on a frame is drawn for who asked for one, and for nobody else.
    for count in 1..=5 {
        messages.send(format!("message {count}")).unwrap();
        while chat.lines.len() < count {
            asked.recv_timeout(PATIENCE).expect("a frame is asked for");
            draw(&context, &mut chat);
        }
    }
    let expected: Vec<_> = (1..=5).map(|count| format!("message {count}")).collect();
    assert_eq!(chat.lines, expected);

    drop(messages);
    server.join().unwrap().unwrap();
}
