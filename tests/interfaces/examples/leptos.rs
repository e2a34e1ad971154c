//! Leptos, rendered in the browser. Its closures have to be `Send`, and the browser's objects are not:
//! `StoredValue::new_local` is a handle to the socket that is.
//!
//! ```toml
//! leptos = { version = "0.8", features = ["csr"] }
//! qwebsocket = "0.1"
//! ```

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use qwebsocket::prelude::*;

#[component]
fn Chat(url: &'static str) -> impl IntoView {
    let socket = StoredValue::new_local(Rc::new(Socket::new()));
    let lines = RwSignal::new(Vec::<String>::new());
    spawn_local(receive(url, socket.get_value(), lines));
    // The task ends with the connection.
    on_cleanup(move || drop(socket.get_value().close_with(CloseCode::NORMAL)));

    let draft = RwSignal::new(String::new());
    let send = move |_| {
        if socket.get_value().send_text(draft.get()).is_ok() {
            draft.set(String::new());
        }
    };
    view! {
        <ul>{move || lines.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        <input bind:value=draft on:change=send />
    }
}

async fn receive(url: &str, socket: Rc<Socket>, lines: RwSignal<Vec<String>>) {
    let show = |line: String| lines.update(|lines| lines.push(line));
    if let Err(error) = socket.open(url.into()) {
        return show(error.to_string());
    }
    while let Some(message) = socket.next_message().await {
        show(match message {
            Ok(Message::Text(text)) => text.into(),
            Ok(Message::Binary(bytes)) => format!("{} bytes", bytes.len()),
            Err(error) => error.to_string(),
        });
    }
}

fn main() {
    mount_to_body(|| view! { <Chat url="ws://127.0.0.1:9000/" /> });
}
