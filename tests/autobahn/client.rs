//! The client under test of the Autobahn testsuite: asks the fuzzing server for its cases, echoes
//! in each, and lets it write its report. The same source natively and in a browser.

use qwebsocket::{Compression, Error, Event, Features, Options, Socket, WebSocket, WebSocketExt};

const AGENT: &str = "qwebsocket";

async fn run(server: &str) -> Result<(), Error> {
    let count = case_count(server).await?;
    for case in 1..=count {
        echo(&format!("{server}/runCase?case={case}&agent={AGENT}")).await;
    }
    let report = Socket::connect(format!("{server}/updateReports?agent={AGENT}")).await?;
    while report.next_event().await.is_some() {}
    Ok(())
}

async fn case_count(server: &str) -> Result<u32, Error> {
    let socket = Socket::connect(format!("{server}/getCaseCount")).await?;
    let mut count = 0;
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            let text = message.as_text().unwrap_or_default();
            count = text.parse().expect("the server tells a number");
        }
    }
    Ok(count)
}

/// What goes wrong in a case is for the server to judge.
async fn echo(url: &str) {
    let options = Options::new()
        .compression(Compression::new().threshold(0))
        .best_effort(Features::COMPRESSION);
    let Ok(socket) = Socket::connect_with(url, options).await else {
        return;
    };
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            // The server may have begun to close in the meantime.
            let _ = socket.send(message);
        }
    }
}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Error> {
    let server = std::env::args().nth(1);
    let server = server.as_deref().unwrap_or("ws://127.0.0.1:9001");
    futures::executor::block_on(run(server))
}

/// The page's address carries the server's: `…?url=ws://127.0.0.1:9001`.
#[cfg(target_family = "wasm")]
fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let location = js_sys::Reflect::get(&js_sys::global(), &"location".into()).unwrap();
        let search = js_sys::Reflect::get(&location, &"search".into()).unwrap();
        let search = search.as_string().unwrap_or_default();
        let server = search.strip_prefix("?url=").expect("?url=ws://…");
        let server = String::from(js_sys::decode_uri_component(server).unwrap());
        let line = match run(&server).await {
            Ok(()) => "done".to_owned(),
            Err(error) => format!("error: {error}"),
        };
        web_sys::console::log_1(&line.into());
    });
}
