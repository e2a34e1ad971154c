//! Qt's `QWebSocket` in Rust, natively and in the browser, from one source.
//!
//! One trait, [`WebSocket`], has two backends: async-tungstenite over TCP and TLS natively, the
//! browser's own WebSocket in wasm. [`Socket`] is the one of this build. The order of
//! [events](Event) is the same on both.
//!
//! ```no_run
//! use qwebsocket::prelude::*;
//!
//! async fn hello() -> Result<(), qwebsocket::Error> {
//!     let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
//!     socket.send_text("hello")?;
//!     while let Some(event) = socket.next_event().await {
//!         match event {
//!             Event::Message(message) => {
//!                 println!("{message:?}");
//!                 socket.close_with(CloseCode::NORMAL)?;
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
//! Nothing is spawned: no task, no thread, no executor. Natively, polling a socket drives it, and
//! between two polls nothing is read or answered, so keep one task waiting for its events as long
//! as the connection lives. In a browser the browser drives. With `tokio` as the only runtime the
//! poll has to happen inside a tokio runtime; otherwise any executor will do.
//!
//! # Beside the socket
//!
//! [`Reconnecting`] connects a socket again when its connection is lost, [`Messages`] is a `Stream`
//! and a `Sink` of messages alone, [`Typed`] of values, [`ByteStream`] a stream of bytes.
//! [`Listener`] accepts connections, natively. Behind a web framework or an HTTP client,
//! [`ServerHandshake`] and [`ClientHandshake`] lead to [`Socket::upgraded`]. [`Topics`] send one
//! [`PreparedMessage`] to all who have subscribed. [`testing`] has sockets for the tests of
//! applications.
//!
//! # What works where
//!
//! What a platform cannot do is reported, never ignored: ask [`Socket::FEATURES`] beforehand, or
//! get [`ErrorKind::Unsupported`] from the call. The differences stand at each method in its last
//! section, "Platform-specific". [`docs::qt`] has every member of the Qt class with what it is
//! here, [`docs::tungstenite`] the idioms of tokio-tungstenite; [`docs::byte_streams`],
//! [`docs::typed_messages`], [`docs::in_a_browser`] and [`docs::testing`] are introductions.
//!
//! # Crate features
//!
//! Natively at least one runtime is needed. Where several are on, a socket uses tokio inside a tokio
//! runtime with its drivers, and elsewhere smol before async-std. Where none can be used, connecting
//! fails: [`ErrorKind::WrongState`] outside a tokio runtime, [`ErrorKind::Unsupported`] without any
//! of the features. In a browser none of these is compiled.
//!
//! | feature | |
//! |---|---|
//! | `async-std` (default) | TCP, DNS and timers by async-std |
//! | `smol` | the same by smol's crates |
//! | `tokio` | the same by tokio, for what is polled inside its runtime; [`FromTokio`] |
//! | `native-tls` (default) | `wss` by the platform's TLS library |
//! | `openssl` | `wss` by OpenSSL 3, with all that [`Features`] has of TLS |
//! | `rustls` | `wss` by rustls with ring, or with the process's default provider |
//! | `webpki-roots` | Mozilla's roots, compiled in, where rustls would read the system's |
//! | `authentication` (default) | [`Credentials`] for servers and HTTP proxies |
//! | `compression` (default) | [`Compression`] of messages |
//! | `idna` (default) | hosts that are not ASCII |
//! | `proxy` (default) | connections through a [`Proxy`] |
//! | `redirects` (default) | following [redirects](Options::redirects) |
//! | `server` (default) | the server's side: [`Listener`], [`Socket::accept`], [`ServerHandshake`], [`testing::pair`] |
//! | `http` | [`Request`], [`ServerHandshake`], [`ClientHandshake`] and [`Response`] from and to the types of the `http` crate |
//! | `serde` | [`Json`], the codec of [`Typed`] for what serde can serialize |
//! | `tracing` | a span for each native connection of the `tracing` crate, with an event for each step and each frame |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod backend;
mod byte_stream;
mod close;
mod compression;
mod decision;
pub mod docs;
mod error;
mod event;
mod features;
mod grammar;
mod headers;
mod info;
mod keep_alive;
mod mask;
mod message;
mod messages;
mod negotiated;
mod options;
mod platform;
pub mod prelude;
mod prepared_message;
mod proxy;
mod reconnect;
mod request;
mod response;
mod role;
mod session;
mod socket;
pub mod testing;
mod tls;
mod topics;
mod trace;
mod typed;
mod url;

pub use crate::auth::{AuthScheme, Challenge, Credentials};
pub use crate::backend::Socket;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use crate::backend::fuzzing;
pub use crate::backend::listener::{Accepting, Incoming, Listener, Shutdown};
pub use crate::backend::upgrade::{ClientHandshake, ServerHandshake};
pub use crate::byte_stream::ByteStream;
pub use crate::close::{Close, CloseCode};
pub use crate::compression::Compression;
pub use crate::decision::{Decision, Question};
pub use crate::error::{Error, ErrorKind};
pub use crate::event::{Event, State};
pub use crate::features::Features;
pub use crate::headers::Headers;
pub use crate::info::Info;
pub use crate::keep_alive::KeepAlive;
pub use crate::mask::MaskGenerator;
pub use crate::message::{Frame, Message};
pub use crate::messages::Messages;
pub use crate::messages::carrier::Carrier;
pub use crate::negotiated::Negotiated;
pub use crate::options::Options;
pub use crate::options::limits::Limits;
pub use crate::options::listener::{ListenAddress, ListenerOptions};
pub use crate::options::timeouts::Timeouts;
pub use crate::platform::from_tokio::FromTokio;
pub use crate::platform::{MaybeSend, MaybeSync};
pub use crate::prepared_message::PreparedMessage;
pub use crate::proxy::Proxy;
pub use crate::reconnect::ending::{Ending, Verdict};
pub use crate::reconnect::event::ReconnectEvent;
pub use crate::reconnect::outbox::WhenFull;
pub use crate::reconnect::policy::Reconnect;
pub use crate::reconnect::{NextReconnectEvent, Reconnecting};
pub use crate::request::Request;
pub use crate::response::Response;
pub use crate::role::Role;
pub use crate::socket::WebSocket;
pub use crate::socket::ext::{CloseAndWait, Events, Flush, NextEvent, NextMessage, WebSocketExt};
pub use crate::tls::{
    AcceptErrors, Alert, AlertKind, AlertLevel, ClientCertificates, KeyRequest, PreSharedKey,
    TlsCertificate, TlsConfig, TlsError, TlsErrorKind, TlsErrors, TlsIdentity, TlsInfo, TlsLibrary,
    TlsVersion, danger,
};

pub use crate::topics::{Delivered, Delivery, Subscription, Topics, WhenSlow};
pub use crate::typed::{Codec, Json, Typed, TypedError};

pub use bytes::Bytes;
pub use bytestring::ByteString;
