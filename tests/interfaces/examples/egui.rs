//! What is drawn again when something arrives, and otherwise rests: egui, natively and in a browser.
//!
//! ```toml
//! eframe = "0.33"
//! qwebsocket = "0.1"
//! ```

#![cfg_attr(target_family = "wasm", allow(dead_code))]

use std::sync::Arc;
use std::task::{Wake, Waker};

use egui::{CentralPanel, Context, FullOutput, RawInput};
use qwebsocket::Error;
use qwebsocket::prelude::*;

/// Wakes the window instead of a task.
struct Repaint(Context);

impl Wake for Repaint {
    fn wake(self: Arc<Self>) {
        self.0.request_repaint();
    }
}

pub struct Chat {
    socket: Socket,
    repaint: Waker,
    pub lines: Vec<String>,
    draft: String,
}

impl Chat {
    pub fn new(context: &Context, url: &str) -> Result<Chat, Error> {
        let socket = Socket::new();
        socket.open(url.into())?;
        Ok(Chat {
            socket,
            repaint: Waker::from(Arc::new(Repaint(context.clone()))),
            lines: Vec::new(),
            draft: String::new(),
        })
    }

    /// Each frame begins so. It takes what has arrived, and writes what was sent.
    pub fn receive(&mut self) {
        while let Some(event) = self.socket.try_next_with(&self.repaint) {
            match event {
                Event::Message(Message::Text(text)) => self.lines.push(text.to_string()),
                Event::Error(error) => self.lines.push(error.to_string()),
                _ => {}
            }
        }
    }

    pub fn draw(&mut self, context: &Context) {
        CentralPanel::default().show(context, |ui| {
            for line in &self.lines {
                ui.label(line);
            }
            let is_done = ui.text_edit_singleline(&mut self.draft).lost_focus();
            // What is sent wakes the window, and leaves with its next frame.
            if is_done && self.socket.send_text(&*self.draft).is_ok() {
                self.draft.clear();
            }
        });
    }
}

/// A frame without a window; with one, it is what `update` of an `eframe::App` does.
pub fn frame(context: &Context, chat: &mut Chat) -> FullOutput {
    context.run(RawInput::default(), |context| {
        chat.receive();
        chat.draw(context);
    })
}

/// A frame for whoever asks for one, and none otherwise, as eframe draws them.
#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Error> {
    let context = Context::default();
    let (ask, asked) = std::sync::mpsc::channel();
    context.set_request_repaint_callback(move |_| ask.send(()).unwrap_or_default());
    let mut chat = Chat::new(&context, "ws://127.0.0.1:9000/")?;
    frame(&context, &mut chat);
    for () in asked {
        frame(&context, &mut chat);
        chat.lines.drain(..).for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// In a page the frames are eframe's.
#[cfg(target_family = "wasm")]
fn main() {}
