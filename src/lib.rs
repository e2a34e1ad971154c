//! Qt's `QWebSocket` in Rust, natively and in the browser, from one source.
//!
//! One trait, [`WebSocket`], has two backends: async-tungstenite over TCP and TLS natively, the
//! browser's own WebSocket in wasm. [`Socket`] is the one of this build. The order of
//! [events](Event) is the same on both.
//!
//! ```no_run
//! use qwebsocket::{Event, Socket, WebSocket, WebSocketExt};
//!
//! async fn hello() -> Result<(), qwebsocket::Error> {
//!     let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
//!     socket.send("hello".into())?;
//!     while let Some(event) = socket.next_event().await {
//!         match event {
//!             Event::Message(message) => {
//!                 println!("{message:?}");
//!                 socket.close(Default::default())?;
//!             }
//!             other => println!("{other:?}"),
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Who drives
//!
//! Nothing is spawned: no task, no thread, no executor. Natively whoever polls a socket drives it,
//! and between two polls nothing is read or answered, so one task waits for its events as long as
//! the connection lives. In a browser the browser drives. With the crate feature `tokio` the poll
//! has to happen inside a tokio runtime; otherwise any executor will do.
//!
//! # Beside the socket
//!
//! [`Reconnecting`] connects a socket again when its connection is lost, [`Messages`] is a `Stream`
//! and a `Sink` of messages alone, [`Listener`] accepts connections, natively.
//!
//! # What works where
//!
//! What a platform cannot do is reported, never ignored: ask [`Socket::FEATURES`] beforehand, or
//! get [`ErrorKind::Unsupported`] from the call. The differences stand at each method in its last
//! section, "Platform-specific". [`docs::qt`] has every member of the Qt class with what it is
//! here.
//!
//! # Crate features
//!
//! Natively at least one runtime is needed. Where several are on, tokio wins over smol and smol over
//! async-std. In a browser none of these is compiled.
//!
//! | feature | |
//! |---|---|
//! | `async-std` (default) | TCP, DNS and timers by async-std |
//! | `smol` | the same by smol's crates |
//! | `tokio` | the same by tokio, inside its runtime |
//! | `native-tls` (default) | `wss` by the platform's TLS library |
//! | `openssl` | `wss` by OpenSSL 3, with all that [`Features`] has of TLS |
//! | `tracing` | events of the `tracing` crate |

mod auth;
mod backend;
mod close;
mod compression;
mod decision;
pub mod docs;
mod error;
mod event;
mod features;
mod headers;
mod info;
mod keep_alive;
mod mask;
mod messages;
mod options;
mod proxy;
mod reconnect;
mod request;
mod response;
mod session;
mod socket;
mod tls;

pub use auth::{AuthScheme, Challenge, Credentials};
#[cfg(fuzzing)]
#[doc(hidden)]
pub use backend::fuzzing;
pub use backend::{Accepting, Incoming, Listener, MaybeSend, Socket};
pub use close::{Close, CloseCode};
pub use compression::Compression;
pub use decision::{Decision, Question};
pub use error::{Error, ErrorKind};
pub use event::{Event, Frame, Message, State};
pub use features::Features;
pub use headers::Headers;
pub use info::Info;
pub use keep_alive::KeepAlive;
pub use mask::MaskGenerator;
pub use messages::Messages;
pub use options::{Limits, Options, Timeouts};
pub use proxy::Proxy;
pub use reconnect::{Ending, Reconnect, ReconnectEvent, Reconnecting, Verdict, WhenFull};
pub use request::Request;
pub use response::Response;
pub use socket::{Flush, NextEvent, WebSocket, WebSocketExt};
pub use tls::{
    AcceptErrors, Alert, AlertKind, AlertLevel, ClientCertificates, KeyRequest, PreSharedKey,
    TlsCertificate, TlsConfig, TlsError, TlsErrorKind, TlsErrors, TlsIdentity, TlsInfo, TlsLibrary,
    TlsVersion, danger,
};

pub use bytes::Bytes;
pub use bytestring::ByteString;
