//! The browser's own WebSocket, also in workers and in other places that have it.

mod clock;
pub(super) mod connection;
pub(super) mod core;
mod hints;
pub(super) mod incoming;
mod listener;
mod payload;
mod server;
pub(super) mod shared;
mod timer;
pub(super) mod wire;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};

pub(crate) use self::clock::now;
use self::connection::Browser;
pub(crate) use self::hints::Hints;
pub(crate) use self::payload::{share_bytes, share_text};
pub use self::server::{Accepting, Incoming, Listener};
use self::shared::Shared;
pub(crate) use self::timer::{Sleep, sleep};
use self::wire::Wire;
use crate::options::check_read_buffer_size;
use crate::session::check_ping;
use crate::{
    Close, Error, Event, Features, Info, Limits, MaskGenerator, Message, Options, Request, State,
    TlsCertificate, WebSocket,
};

pub(crate) const SHOWS_ANSWERS: bool = false;

/// What a socket must be so that its futures can move between threads.
///
/// # Platform-specific
///
/// Natively `Send`. In a browser everything is `MaybeSend`: its objects stay on their thread.
pub trait MaybeSend {}

impl<T: ?Sized> MaybeSend for T {}

/// A browser makes nothing of options beforehand.
#[derive(Clone, Debug)]
pub(crate) struct Prepared;

impl Prepared {
    pub(crate) fn new(_: &Options) -> Result<Prepared, Error> {
        Ok(Prepared)
    }
}

pub(crate) fn certificate_from_der(_: &[u8]) -> Result<TlsCertificate, Error> {
    Err(Error::unsupported(Features::TLS_CONFIG))
}

pub(crate) fn certificate_from_pem(_: &[u8]) -> Result<TlsCertificate, Error> {
    Err(Error::unsupported(Features::TLS_CONFIG))
}

/// A number to spread what many do at once.
pub(crate) fn random() -> u64 {
    js_sys::Math::random().to_bits()
}

/// The [`WebSocket`] of this platform.
///
/// Dropping it while connected closes the connection.
///
/// # Platform-specific
///
/// In a browser neither `Send` nor `Sync`, and dropping closes with code 1000, since a browser may
/// not send 1001. [`open`](WebSocket::open) does the same to the connection before.
pub struct Socket {
    shared: Rc<Shared<Browser>>,
}

impl Socket {
    /// What works on this platform. A browser does all of it by itself, or not at all.
    pub const FEATURES: Features = Features::NONE;

    /// A socket with default options.
    pub fn new() -> Socket {
        Socket {
            shared: Shared::new(Options::new()),
        }
    }

    /// Opens a connection over a stream of the application's own.
    ///
    /// # Errors
    ///
    /// As [`open`](WebSocket::open).
    ///
    /// # Platform-specific
    ///
    /// Browsers connect by themselves: [`Features::OWN_STREAM`]. Natively the stream, such as a Unix
    /// socket or a tunnel that is there already, takes the place of TCP.
    pub fn open_over<S>(&self, _: S, _: impl Into<Request>) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Err(Error::unsupported(Features::OWN_STREAM))
    }

    /// A socket with these options.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    pub fn with_options(options: Options) -> Result<Socket, Error> {
        Ok(Socket {
            shared: Shared::new(options.build()?),
        })
    }
}

impl WebSocket for Socket {
    fn open(&self, request: Request) -> Result<(), Error> {
        let target = request.check()?;
        self.shared
            .get()
            .options
            .check_features(request.required(&target))?;

        // A browser refuses or ignores credentials in a URL.
        let url = target.without_userinfo();
        let shared = Rc::downgrade(&self.shared);
        let connection = connection::open(&url, request.subprotocols(), move |signal| {
            if let Some(shared) = shared.upgrade() {
                shared.update(|core| core.hear(signal));
            }
        })?;
        self.shared.update(|core| core.open(connection));
        Ok(())
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        if !connection::can_send(close.code()) {
            self.shared
                .get()
                .options
                .check_features(Features::CLOSE_CODES)?;
        }
        self.shared.update(|core| core.close(close));
        Ok(())
    }

    fn abort(&self) {
        self.shared.update(|core| core.abort());
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        let browser = self.shared.get().sendable(message.len())?;
        let length = browser.send(&message)?;
        self.shared.update(|core| core.sent(length, true));
        Ok(length)
    }

    fn send_part(&self, _part: Message, _is_last: bool) -> Result<usize, Error> {
        // Not even with best effort: the part would be lost.
        Err(Error::unsupported(Features::PARTS))
    }

    fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        self.shared.get().options.check_features(Features::PING)?;
        self.shared.get().session.check_sendable()
    }

    fn try_flush(&self) -> Result<bool, Error> {
        self.shared.update(|core| core.session.end_last_words());
        Ok(false)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut stale = None;
        let flushed = self.shared.update(|core| core.poll_flush(cx, &mut stale));
        flushed.map(Ok)
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut stale = None;
        self.shared.update(|core| core.poll_event(cx, &mut stale))
    }

    fn bytes_to_write(&self) -> usize {
        self.shared.get().buffered()
    }

    fn messages_written(&self) -> u64 {
        self.shared.update(|core| core.messages_written())
    }

    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        match bytes {
            Some(_) => self
                .shared
                .get()
                .options
                .check_features(Features::READ_BUFFER),
            None => Ok(()),
        }
    }

    fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        self.shared
            .get()
            .options
            .check_features(limits.required())?;
        self.shared
            .update(|core| Arc::make_mut(&mut core.options).limits = limits);
        Ok(())
    }

    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        match generator {
            Some(_) => self.shared.get().options.check_features(Features::MASKS),
            None => Ok(()),
        }
    }

    fn state(&self) -> State {
        self.shared.get().session.state()
    }

    fn info(&self) -> Info {
        self.shared.get().info()
    }

    fn last_error(&self) -> Option<Error> {
        self.shared.get().session.error().cloned()
    }

    fn closed(&self) -> Option<Close> {
        self.shared.get().session.closed().cloned()
    }

    fn options(&self) -> Arc<Options> {
        self.shared.get().options.clone()
    }

    fn features(&self) -> Features {
        Socket::FEATURES
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.update(|core| core.leave());
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let core = self.shared.get();
        f.debug_struct("Socket")
            .field("url", &core.info().request_url)
            .field("state", &core.session.state())
            .finish_non_exhaustive()
    }
}
