//! The top: what applications hold, over the backend of this platform.
//!
//! # Contract
//!
//! A backend exports, with the same signatures on every platform:
//!
//! - `Handle`, which has each method of [`WebSocket`](crate::WebSocket) and
//!   - `const FEATURES: Features`,
//!   - `new(Options) -> Handle`, from options that are built, and `default()`,
//!   - `is_over() -> bool`, whether no event will come before the next `open`,
//!   - `open_over(stream, Request) -> Result<(), Error>`,
//!   - `upgraded(stream, Negotiated, Options) -> Result<Handle, Error>`;
//! - `prepare(&Options) -> Result<Option<Arc<dyn Any + Send + Sync>>, Error>`: what is made of
//!   options once. It also checks what only this platform can;
//! - `pair::pair(client, server) -> Result<(Handle, Handle), Error>`, both ends of a connection in
//!   memory, from options that are built;
//! - `ClientHandshake`, a handshake that is sent elsewhere, with `new(Request, &Options)`, `url`,
//!   `target`, `headers` and `finish`;
//! - `server`, the server's side:
//!   - `ServerHandshake`, one that was read elsewhere, with `new(method, target, Headers)`,
//!     `check_origin`, `info`, `subprotocols`, `header`, `accept` and `refuse`,
//!   - `Acceptor`, with `bind(ListenAddress, ListenerOptions)`, `local_address`, `poll_accept` and
//!     `shut_down`,
//!   - `Reading`, the future of a handshake, with `new(stream, Options)`,
//!   - `UpgradeRequest`, with `handshake`, `handshake_mut`, `accept` and `refuse`.
//!
//! It keeps the order of events by feeding a [`Session`](crate::session::Session) and adds no event
//! of its own. What it cannot do it leaves out of `FEATURES` and answers with
//! [`Unsupported`](crate::ErrorKind::Unsupported).
//!
//! Beside `platform.rs` this is the only file that names the platform.

mod connect;
#[cfg(fuzzing)]
pub mod fuzzing;
pub(crate) mod listener;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(any(target_family = "wasm", not(feature = "server")))]
mod no_server;
pub(crate) mod pair;
pub(crate) mod upgrade;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod web;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};

#[cfg(not(target_family = "wasm"))]
use self::native as imp;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use self::web as imp;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::grammar::without_secrets;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::platform::MaybeSend;
use crate::prepared_message::PreparedMessage;
use crate::request::Request;
use crate::socket::WebSocket;

/// The [`WebSocket`] of this platform.
///
/// Dropping it while connected sends a close frame with code 1001, as far as it can be written at
/// once, and ends the connection.
///
/// # Platform-specific
///
/// Natively `Send` and `Sync`; in a browser neither, and dropping closes with code 1000, since a
/// browser may not send 1001. [`open`](WebSocket::open) does the same to the connection before.
pub struct Socket(imp::Handle);

impl Socket {
    /// The features of this platform, with the crate features that are compiled in.
    pub const FEATURES: Features = imp::Handle::FEATURES;

    /// A socket with default options.
    pub fn new() -> Socket {
        Socket(imp::Handle::default())
    }

    /// A socket with these options.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    pub fn with_options(options: Options) -> Result<Socket, Error> {
        Ok(Socket(imp::Handle::new(options.build()?)))
    }

    /// Opens a connection over a stream of the application's own, such as a Unix socket or a tunnel
    /// that is there already, instead of TCP; the rest is as for [`open`](WebSocket::open). With
    /// `wss` TLS runs over it. No proxy is asked, there are no addresses, and what would need
    /// another connection, some redirects and ways of authentication, fails.
    ///
    /// # Errors
    ///
    /// As [`open`](WebSocket::open).
    ///
    /// # Platform-specific
    ///
    /// Browsers connect by themselves: [`Features::OWN_STREAM`].
    pub fn open_over<S>(&self, stream: S, request: impl Into<Request>) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        self.0.open_over(stream, request.into())
    }
}

impl Socket {
    fn is_over(&self) -> bool {
        self.0.is_over()
    }
}

impl WebSocket for Socket {
    fn open(&self, request: Request) -> Result<(), Error> {
        self.0.open(request)
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        self.0.close(close)
    }

    fn abort(&self) {
        self.0.abort();
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        self.0.send(message)
    }

    fn send_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.0.send_prepared(prepared)
    }

    fn write_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.0.write_prepared(prepared)
    }

    fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.0.send_part(part, is_last)
    }

    fn ping(&self, payload: Bytes) -> Result<(), Error> {
        self.0.ping(payload)
    }

    fn try_flush(&self) -> Result<bool, Error> {
        self.0.try_flush()
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_flush(cx)
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_event(cx)
    }

    fn try_next_event(&self) -> Option<Event> {
        self.0.try_next_event()
    }

    fn bytes_to_write(&self) -> usize {
        self.0.bytes_to_write()
    }

    fn messages_written(&self) -> u64 {
        self.0.messages_written()
    }

    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        self.0.set_read_buffer_size(bytes)
    }

    fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        self.0.set_limits(limits)
    }

    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        self.0.set_mask_generator(generator)
    }

    fn state(&self) -> State {
        self.0.state()
    }

    fn info(&self) -> Info {
        self.0.info()
    }

    fn last_error(&self) -> Option<Error> {
        self.0.last_error()
    }

    fn closed(&self) -> Option<Close> {
        self.0.closed()
    }

    fn peer_close(&self) -> Option<Close> {
        self.0.peer_close()
    }

    fn options(&self) -> Options {
        self.0.options()
    }

    fn features(&self) -> Features {
        Socket::FEATURES
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("state", &self.state())
            .field("url", &without_secrets(self.info().request_url()))
            .finish_non_exhaustive()
    }
}
