//! One file for each library.

mod async_tungstenite;
mod channel;
mod fastwebsockets;
mod qwebsocket;
mod tokio_tungstenite;
mod tokio_websockets;
mod tungstenite;
mod yawc;

use std::future::Future;

pub use self::async_tungstenite::AsyncTungstenite;
pub use self::fastwebsockets::{BufferedFastWebSockets, FastWebSockets};
pub use self::qwebsocket::QWebSocket;
pub use self::tokio_tungstenite::TokioTungstenite;
pub use self::tokio_websockets::TokioWebSockets;
pub use self::yawc::Yawc;
use crate::library::Library;

/// The other libraries.
pub const PEERS: &[&str] = &[
    AsyncTungstenite::NAME,
    TokioTungstenite::NAME,
    TokioWebSockets::NAME,
    FastWebSockets::NAME,
    Yawc::NAME,
];

/// The other libraries as they put off writing.
pub const BATCHING_PEERS: &[&str] = &[
    AsyncTungstenite::NAME,
    TokioTungstenite::NAME,
    TokioWebSockets::NAME,
    BufferedFastWebSockets::NAME,
    Yawc::NAME,
];

/// Larger than any message here.
const MAX_MESSAGE: usize = 128 << 20;

fn block_on_async_std<T>(future: impl Future<Output = T>) -> T {
    async_std::task::block_on(future)
}

fn block_on_tokio<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("tokio's runtime starts")
        .block_on(future)
}

async fn connect_tokio(port: u16) -> tokio::net::TcpStream {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the server listens");
    stream
        .set_nodelay(true)
        .expect("a TCP socket has the option");
    stream
}

fn url(port: u16, path: &str) -> String {
    format!("ws://127.0.0.1:{port}{path}")
}
