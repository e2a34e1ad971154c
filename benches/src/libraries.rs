//! One file for each library.

mod async_tungstenite;
mod channel;
mod fastwebsockets;
mod on_async_std;
mod on_tokio;
mod qwebsocket;
mod sockudo_ws;
mod tokio_tungstenite;
mod tokio_websockets;
mod tungstenite;
mod wtx;
mod yawc;

pub use self::async_tungstenite::AsyncTungstenite;
pub use self::fastwebsockets::{BufferedFastWebSockets, FastWebSockets};
pub use self::qwebsocket::QWebSocket;
pub use self::sockudo_ws::SockudoWs;
pub use self::tokio_tungstenite::TokioTungstenite;
pub use self::tokio_websockets::TokioWebSockets;
pub use self::wtx::Wtx;
pub use self::yawc::Yawc;
use crate::library::Library;

/// The other libraries.
pub const PEERS: &[&str] = &[
    AsyncTungstenite::NAME,
    TokioTungstenite::NAME,
    TokioWebSockets::NAME,
    FastWebSockets::NAME,
    Yawc::NAME,
    Wtx::NAME,
    SockudoWs::NAME,
];

/// The other libraries without a runtime: the two of tungstenite differ by nothing else.
pub const PEERS_IN_MEMORY: &[&str] = &[
    AsyncTungstenite::NAME,
    TokioWebSockets::NAME,
    FastWebSockets::NAME,
    Yawc::NAME,
    Wtx::NAME,
    SockudoWs::NAME,
];

/// The other libraries as they put off writing.
pub const BATCHING_PEERS: &[&str] = &[
    AsyncTungstenite::NAME,
    TokioTungstenite::NAME,
    TokioWebSockets::NAME,
    BufferedFastWebSockets::NAME,
    Yawc::NAME,
    SockudoWs::NAME,
];

/// Those of them that can be asked for a message and left alone when a part of it has come.
pub const BATCHING_READERS: &[&str] = &[
    AsyncTungstenite::NAME,
    TokioTungstenite::NAME,
    TokioWebSockets::NAME,
    Yawc::NAME,
    SockudoWs::NAME,
];

/// The other libraries of which a message for all is asked.
pub const BROADCASTING_PEERS: &[&str] = &[
    TokioTungstenite::NAME,
    TokioWebSockets::NAME,
    FastWebSockets::NAME,
    SockudoWs::NAME,
];

/// Calls a function for the library of this name, out of those listed.
macro_rules! with_library {
    ($name:expr, [$($library:ident),*], $function:ident $arguments:tt) => {{
        use $crate::library::Library as _;
        match $name {
            $($crate::libraries::$library::NAME => {
                $function::<$crate::libraries::$library> $arguments
            })*
            other => anyhow::bail!("there is no library `{other}` for this"),
        }
    }};
    ($name:expr, $function:ident $arguments:tt) => {
        $crate::libraries::with_library!(
            $name,
            [
                QWebSocket,
                AsyncTungstenite,
                TokioTungstenite,
                TokioWebSockets,
                FastWebSockets,
                BufferedFastWebSockets,
                Yawc,
                Wtx,
                SockudoWs
            ],
            $function $arguments
        )
    };
}

pub(crate) use with_library;

/// Larger than any message here.
const MAX_MESSAGE: usize = 128 << 20;

fn url(port: u16, path: &str) -> String {
    format!("ws://127.0.0.1:{port}{path}")
}
