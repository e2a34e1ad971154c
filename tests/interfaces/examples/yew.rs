//! Yew, rendered in the browser: a component owns the socket, and a task of it receives.
//!
//! ```toml
//! qwebsocket = "0.1"
//! wasm-bindgen-futures = "0.4"
//! yew = { version = "0.23", features = ["csr"] }
//! ```

use std::rc::Rc;

// Not the prelude: both have an `Event`.
use qwebsocket::{CloseCode, Message, Socket, WebSocket, WebSocketExt};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the list shows; an action is one more line.
#[derive(Clone, Default, PartialEq)]
struct Lines(Vec<String>);

impl Reducible for Lines {
    type Action = String;

    fn reduce(self: Rc<Self>, line: String) -> Rc<Self> {
        let mut lines = Rc::unwrap_or_clone(self);
        lines.0.push(line);
        Rc::new(lines)
    }
}

#[component]
fn Chat() -> Html {
    let lines = use_reducer(Lines::default);
    let socket = use_memo((), |()| Socket::new());
    let (receiving, shown) = (socket.clone(), lines.dispatcher());
    use_effect_with((), move |()| {
        spawn_local(receive(receiving.clone(), shown));
        // The task ends with the connection.
        move || drop(receiving.close_with(CloseCode::NORMAL))
    });
    let send = Callback::from(move |change: Event| {
        let input: HtmlInputElement = change.target_unchecked_into();
        if socket.send_text(input.value()).is_ok() {
            input.set_value("");
        }
    });
    html! {
        <>
            <ul>{ for lines.0.iter().map(|line| html! { <li>{ line }</li> }) }</ul>
            <input onchange={send} />
        </>
    }
}

async fn receive(socket: Rc<Socket>, lines: UseReducerDispatcher<Lines>) {
    if let Err(error) = socket.open("ws://127.0.0.1:9000/".into()) {
        return lines.dispatch(error.to_string());
    }
    while let Some(message) = socket.next_message().await {
        lines.dispatch(match message {
            Ok(Message::Text(text)) => text.into(),
            Ok(Message::Binary(bytes)) => format!("{} bytes", bytes.len()),
            Err(error) => error.to_string(),
        });
    }
}

fn main() {
    yew::Renderer::<Chat>::new().render();
}
