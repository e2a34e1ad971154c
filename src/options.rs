mod getters;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod timeouts;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use self::limits::{Limits, OF_ACCEPTED};
use self::timeouts::Timeouts;
use crate::auth::Credentials;
use crate::compression::Compression;
use crate::error::Error;
use crate::features::Features;
use crate::keep_alive::KeepAlive;
use crate::mask::MaskGenerator;
use crate::proxy::Proxy;
use crate::tls::TlsConfig;

/// The configuration of a socket, set before it connects.
///
/// ```
/// use std::time::Duration;
/// use qwebsocket::{Limits, Options, Socket, Timeouts};
///
/// let options = Options::new()
///     .limits(Limits::new().incoming_message(16 << 20))
///     .timeouts(Timeouts::new().connect(Duration::from_secs(5)))
///     .build()?;
/// let socket = Socket::with_options(options)?;
/// # Ok::<(), qwebsocket::Error>(())
/// ```
/// A clone shares everything, and setting something on it copies only then: every connection of a
/// [`Listener`](crate::Listener) has the same options, not some of its own.
#[derive(Clone, Default)]
#[must_use = "options do nothing until a socket has them"]
pub struct Options(Arc<Settings>);

/// The shared contents of [`Options`].
#[derive(Clone, Debug)]
struct Settings {
    limits: Limits,
    timeouts: Timeouts,
    frames: bool,
    messages: bool,
    read_buffer_size: Option<usize>,
    receive_queue: Option<usize>,
    write_queue: Option<usize>,
    /// Whether the application has decided about the write queue.
    has_write_queue: bool,
    read_while_flushing: usize,
    mask_generator: Option<Arc<dyn MaskGenerator>>,
    compression: Option<Compression>,
    keep_alive: Option<KeepAlive>,
    /// Apart, since the limits of a single socket may change while roots and keys do not.
    tls: Arc<TlsConfig>,
    credentials: Option<Credentials>,
    ask_credentials: bool,
    proxy: Option<Proxy>,
    redirects: u32,
    best_effort: Features,
    /// The backend's preparation of the rest, made once.
    prepared: Option<Arc<dyn Any + Send + Sync>>,
}

impl Options {
    /// The defaults.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sizes that the peer, or we, may not exceed. Default: [`Limits::new`].
    pub fn limits(self, limits: Limits) -> Options {
        self.with(|settings| settings.limits = limits)
    }

    /// Time limits. Default: [`Timeouts::new`].
    pub fn timeouts(self, timeouts: Timeouts) -> Options {
        self.with(|settings| settings.timeouts = timeouts)
    }

    /// Emits each frame of a message as [`Event::Frame`](crate::Event::Frame), before the message.
    /// Default: no.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide frames: [`Features::FRAMES`].
    pub fn frames(self, wanted: bool) -> Options {
        self.with(|settings| settings.frames = wanted)
    }

    /// Assembles messages and emits them. Without this only their [frames](Self::frames) are
    /// emitted, enabled or not; a message of any length then takes the memory of one frame, and
    /// [`Limits::incoming_message`] does not apply. Default: yes.
    ///
    /// # Platform-specific
    ///
    /// Browsers deliver messages only: [`Features::FRAMES`].
    pub fn messages(self, wanted: bool) -> Options {
        self.with(|settings| settings.messages = wanted)
    }

    /// The number of bytes that may be read ahead of the application, at least 1. Once they are
    /// buffered, reading stops and TCP slows the peer down; a larger frame still gets through. More
    /// than 68 KiB are never read ahead. Default: `None`, which is 68 KiB.
    ///
    /// # Platform-specific
    ///
    /// Browsers read on: [`Features::READ_BUFFER`], and see
    /// [`receive_queue`](Self::receive_queue).
    pub fn read_buffer_size(self, bytes: impl Into<Option<usize>>) -> Options {
        self.with(|settings| settings.read_buffer_size = bytes.into())
    }

    /// The number of bytes of messages that may wait for the application. Beyond it the connection
    /// is closed with [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). Default: `None`,
    /// unbounded.
    ///
    /// # Platform-specific
    ///
    /// Natively nothing piles up, since reading stops first; the option changes nothing there.
    pub fn receive_queue(self, bytes: impl Into<Option<usize>>) -> Options {
        self.with(|settings| settings.receive_queue = bytes.into())
    }

    /// The number of bytes that may wait to be written, including the bookkeeping of small
    /// messages. A message that does not fit is refused with
    /// [`ErrorKind::QueueFull`](crate::ErrorKind::QueueFull), unless the queue is empty: one
    /// message always fits. To retry it after a [`flush`](crate::WebSocketExt::flush), keep a
    /// clone, which shares the payload. Default: `None`, unbounded, as in Qt; 16 MiB for a socket
    /// that a server [accepts](crate::Incoming::accept), whose peers are strangers.
    pub fn write_queue(self, bytes: impl Into<Option<usize>>) -> Options {
        self.with(|settings| {
            settings.write_queue = bytes.into();
            settings.has_write_queue = true;
        })
    }

    /// The number of bytes of messages that are read ahead while a
    /// [flush](crate::WebSocket::poll_flush) waits. Two programs that both flush more than the
    /// network holds, and read only afterwards, deadlock; with room for what the peer flushes they
    /// do not. Messages read this way are emitted as usual. Default: 0, a flush only writes.
    ///
    /// # Platform-specific
    ///
    /// Browsers read by themselves; the option changes nothing there.
    pub fn read_while_flushing(self, bytes: usize) -> Options {
        self.with(|settings| settings.read_while_flushing = bytes)
    }

    /// Makes the masks of outgoing frames. Default: an unpredictable generator.
    ///
    /// # Platform-specific
    ///
    /// Browsers mask by themselves: [`Features::MASKS`].
    pub fn mask_generator(self, generator: Arc<dyn MaskGenerator>) -> Options {
        self.with(|settings| settings.mask_generator = Some(generator))
    }

    /// Compresses messages, if the peer agrees. Default: `None`, not at all.
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::COMPRESSION`]. Natively it needs the crate feature
    /// `compression`, which is on by default.
    pub fn compression(self, compression: impl Into<Option<Compression>>) -> Options {
        self.with(|settings| settings.compression = compression.into())
    }

    /// Probes a silent peer, and ends the connection if it does not answer. Default: `None`; a
    /// connection may be idle indefinitely.
    ///
    /// # Platform-specific
    ///
    /// Natively the system probes a TCP connection that has been idle for 60 s, and reports some
    /// minutes later that the peer's machine is gone. Browsers have no ping ([`Features::PING`]), but
    /// [probes](KeepAlive::probe).
    pub fn keep_alive(self, keep_alive: impl Into<Option<KeepAlive>>) -> Options {
        self.with(|settings| settings.keep_alive = keep_alive.into())
    }

    /// TLS of `wss` connections. Default: [`TlsConfig::new`].
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::TLS_CONFIG`].
    pub fn tls(self, tls: TlsConfig) -> Options {
        self.with(|settings| {
            *Arc::make_mut(&mut settings.tls) = tls;
            settings.prepared = None;
        })
    }

    /// Credentials for a server that asks for Basic (RFC 7617) or Digest (RFC 7616) authentication;
    /// never sent unasked. Those of the URL take precedence. They apply to the server of the URL
    /// alone, not to one that it redirects to. Default: none.
    ///
    /// # Platform-specific
    ///
    /// Browsers ask their user: [`Features::AUTHENTICATION`]. Natively it needs the crate feature
    /// `authentication`, which is on by default.
    pub fn credentials(self, credentials: impl Into<Option<Credentials>>) -> Options {
        self.with(|settings| settings.credentials = credentials.into())
    }

    /// Asks the application, by [`Event::Authenticate`](crate::Event::Authenticate) and
    /// [`Event::ProxyAuthenticate`](crate::Event::ProxyAuthenticate), for credentials that are
    /// missing or were rejected. The connection waits for the answer without a time limit. Default:
    /// no; the connection fails.
    ///
    /// # Platform-specific
    ///
    /// As [`credentials`](Self::credentials).
    pub fn ask_credentials(self, wanted: bool) -> Options {
        self.with(|settings| settings.ask_credentials = wanted)
    }

    /// The proxy for connections. Default: none, regardless of the environment.
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::PROXY`]. Natively it needs the crate feature `proxy`,
    /// which is on by default.
    pub fn proxy(self, proxy: impl Into<Option<Proxy>>) -> Options {
        self.with(|settings| settings.proxy = proxy.into())
    }

    /// The number of redirects (RFC 9110 §15.4) to follow in a row. One from `wss` to `ws` is never
    /// followed. Default: 0; a redirect is a failed handshake, as in browsers.
    ///
    /// To another host, port or scheme go the [subprotocols](crate::Request::subprotocol), the
    /// [origin](crate::Request::origin) and the offer of compression. Not sent there are
    /// credentials, any [header](crate::Request::header) of the request, the
    /// [identity](crate::TlsConfig::identity) and the [pre-shared
    /// key](crate::TlsConfig::pre_shared_key) of TLS; its certificate must name the host itself, not
    /// the [server name](crate::TlsConfig::server_name). None of that comes back when a later
    /// redirect leads to the first server.
    ///
    /// # Platform-specific
    ///
    /// Browsers follow none: [`Features::REDIRECTS`]. Natively it needs the crate feature `redirects`,
    /// which is on by default.
    pub fn redirects(self, limit: u32) -> Options {
        self.with(|settings| settings.redirects = limit)
    }

    /// Ignores settings that need one of these features where the platform lacks it, instead of
    /// failing. Default: none.
    pub fn best_effort(self, features: Features) -> Options {
        self.with(|settings| settings.best_effort = features)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Options {
        self.change(change);
        self
    }

    /// Copies what is shared, but for TLS.
    fn change<T>(&mut self, change: impl FnOnce(&mut Settings) -> T) -> T {
        change(Arc::make_mut(&mut self.0))
    }

    /// The options of a socket that a server accepts: bounded where the application left it open.
    pub(crate) fn of_accepted(self) -> Options {
        self.with(|settings| {
            if !settings.has_write_queue {
                settings.write_queue = Some(OF_ACCEPTED);
            }
            settings.limits = settings.limits.of_accepted(settings.messages);
        })
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            frames: false,
            messages: true,
            read_buffer_size: None,
            receive_queue: None,
            write_queue: None,
            read_while_flushing: 0,
            has_write_queue: false,
            mask_generator: None,
            compression: None,
            keep_alive: None,
            tls: Arc::default(),
            credentials: None,
            ask_credentials: false,
            proxy: None,
            redirects: 0,
            best_effort: Features::NONE,
            prepared: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(crate) fn check_read_buffer_size(bytes: Option<usize>) -> Result<(), Error> {
    if bytes == Some(0) {
        return Err(Error::invalid_input("a read buffer has at least 1 byte"));
    }
    Ok(())
}
