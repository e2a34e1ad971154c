pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod timeouts;

use std::any::Any;
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

/// How a socket behaves, set before it connects.
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
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    pub(crate) frames: bool,
    pub(crate) messages: bool,
    pub(crate) read_buffer_size: Option<usize>,
    pub(crate) receive_queue: Option<usize>,
    pub(crate) write_queue: Option<usize>,
    pub(crate) read_while_flushing: usize,
    /// Whether the application has decided about the write queue.
    has_write_queue: bool,
    pub(crate) mask_generator: Option<Arc<dyn MaskGenerator>>,
    pub(crate) compression: Option<Compression>,
    pub(crate) keep_alive: Option<KeepAlive>,
    pub(crate) tls: TlsConfig,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) ask_credentials: bool,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) redirects: u32,
    pub(crate) best_effort: Features,
    /// What the backend makes of the rest, once.
    pub(crate) prepared: Option<Arc<dyn Any + Send + Sync>>,
}

impl Options {
    /// The defaults.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sizes that the peer, or we, may not exceed. Default: [`Limits::new`].
    pub fn limits(mut self, limits: Limits) -> Options {
        self.limits = limits;
        self
    }

    /// Time limits. Default: [`Timeouts::new`].
    pub fn timeouts(mut self, timeouts: Timeouts) -> Options {
        self.timeouts = timeouts;
        self
    }

    /// Whether [`Event::Frame`](crate::Event::Frame) tells each frame of a message before the
    /// message. Default: no.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide frames: [`Features::FRAMES`].
    pub fn frames(mut self, wanted: bool) -> Options {
        self.frames = wanted;
        self
    }

    /// Whether messages are put together and told. Without that only their
    /// [frames](Self::frames) are, wanted or not, and a message of any length passes in the memory
    /// of one frame; [`Limits::incoming_message`] does not count. Default: yes.
    ///
    /// # Platform-specific
    ///
    /// Browsers tell messages only: [`Features::FRAMES`].
    pub fn messages(mut self, wanted: bool) -> Options {
        self.messages = wanted;
        self
    }

    /// How many bytes may be read ahead of the application, at least 1. When they are there,
    /// reading stops and TCP slows the peer down; a frame larger than that still gets through. More
    /// than 68 KiB are never read ahead. Default: `None`, which is 68 KiB.
    ///
    /// # Platform-specific
    ///
    /// Browsers read on: [`Features::READ_BUFFER`], and see
    /// [`receive_queue`](Self::receive_queue).
    pub fn read_buffer_size(mut self, bytes: impl Into<Option<usize>>) -> Options {
        self.read_buffer_size = bytes.into();
        self
    }

    /// How many bytes of messages may wait for the application; over it the connection is closed
    /// and [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) reported. Default: `None`, without
    /// a bound.
    ///
    /// # Platform-specific
    ///
    /// Natively nothing piles up, since reading stops first; the option changes nothing there.
    pub fn receive_queue(mut self, bytes: impl Into<Option<usize>>) -> Options {
        self.receive_queue = bytes.into();
        self
    }

    /// How many bytes may wait to be written; where messages are small, what it takes to keep them
    /// counts as well. A message that does not fit is refused with
    /// [`ErrorKind::QueueFull`](crate::ErrorKind::QueueFull), unless the queue is empty: one message
    /// always fits. To send it again once [`flush`](crate::WebSocketExt::flush) is done, keep a
    /// clone, which shares the payload. Default: `None`, without a bound, as in Qt; 16 MiB for a
    /// socket that a server [accepts](crate::Incoming::accept), whose peers are strangers.
    pub fn write_queue(mut self, bytes: impl Into<Option<usize>>) -> Options {
        self.write_queue = bytes.into();
        self.has_write_queue = true;
        self
    }

    /// How many bytes of messages are read ahead while a [flush](crate::WebSocket::poll_flush) waits.
    /// Two programs that both flush more than the network holds, and read only afterwards, wait for
    /// each other for ever; with room for what the peer flushes they do not. What was read comes
    /// out as events, as always. Default: 0, a flush only writes.
    ///
    /// # Platform-specific
    ///
    /// Browsers read by themselves; the option changes nothing there.
    pub fn read_while_flushing(mut self, bytes: usize) -> Options {
        self.read_while_flushing = bytes;
        self
    }

    /// Makes the masks of outgoing frames. Default: an unpredictable generator.
    ///
    /// # Platform-specific
    ///
    /// Browsers mask by themselves: [`Features::MASKS`].
    pub fn mask_generator(mut self, generator: Arc<dyn MaskGenerator>) -> Options {
        self.mask_generator = Some(generator);
        self
    }

    /// Compresses messages, if the peer agrees. Default: `None`, not at all.
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::COMPRESSION`].
    pub fn compression(mut self, compression: impl Into<Option<Compression>>) -> Options {
        self.compression = compression.into();
        self
    }

    /// Asks a peer that is silent whether it is still there. Default: `None`; a connection may be
    /// idle for ever.
    ///
    /// # Platform-specific
    ///
    /// Natively the system probes a TCP connection that has been idle for 60 s, and tells some
    /// minutes later that the peer's machine is gone. Browsers have no ping ([`Features::PING`]), but [probes](KeepAlive::probe).
    pub fn keep_alive(mut self, keep_alive: impl Into<Option<KeepAlive>>) -> Options {
        self.keep_alive = keep_alive.into();
        self
    }

    /// TLS of `wss` connections. Default: [`TlsConfig::new`].
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::TLS_CONFIG`].
    pub fn tls(mut self, tls: TlsConfig) -> Options {
        self.tls = tls;
        self.prepared = None;
        self
    }

    /// What is sent when the server asks for it by Basic (RFC 7617) or Digest (RFC 7616)
    /// authentication, never unasked. Credentials in the URL go first. They are for the server of
    /// the URL only, not for one that it redirects to. Default: none.
    ///
    /// # Platform-specific
    ///
    /// Browsers ask their user: [`Features::AUTHENTICATION`].
    pub fn credentials(mut self, credentials: impl Into<Option<Credentials>>) -> Options {
        self.credentials = credentials.into();
        self
    }

    /// Whether [`Event::Authenticate`](crate::Event::Authenticate) and
    /// [`Event::ProxyAuthenticate`](crate::Event::ProxyAuthenticate) ask for credentials that are
    /// missing or were refused. The connection waits for the answer without a time limit. Default:
    /// no; the connection fails.
    ///
    /// # Platform-specific
    ///
    /// Browsers ask their user: [`Features::AUTHENTICATION`].
    pub fn ask_credentials(mut self, wanted: bool) -> Options {
        self.ask_credentials = wanted;
        self
    }

    /// The proxy that connections go through. Default: none, whatever the environment says.
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::PROXY`].
    pub fn proxy(mut self, proxy: impl Into<Option<Proxy>>) -> Options {
        self.proxy = proxy.into();
        self
    }

    /// How many redirects (RFC 9110 §15.4) are followed, one after the other. Never from `wss` to
    /// `ws`. Default: 0; a redirect is a failed handshake, as in browsers.
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
    /// Browsers follow none: [`Features::REDIRECTS`].
    pub fn redirects(mut self, limit: u32) -> Options {
        self.redirects = limit;
        self
    }

    /// Does without these features where the platform lacks them, instead of failing: what needs
    /// them is ignored. Default: none.
    pub fn best_effort(mut self, features: Features) -> Options {
        self.best_effort = features;
        self
    }

    /// The options of a socket that a server accepts: bounded where the application left it open.
    pub(crate) fn of_accepted(mut self) -> Options {
        if !self.has_write_queue {
            self.write_queue = Some(OF_ACCEPTED);
        }
        self.limits = self.limits.of_accepted(self.messages);
        self
    }

    pub(crate) fn check_missing(&self, missing: Features) -> Result<(), Error> {
        let missing = missing.difference(self.best_effort);
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Error::unsupported(missing))
        }
    }

    pub(crate) fn required(&self) -> Features {
        let mut required = self.limits.required() | self.tls.required();
        if let Some(keep_alive) = &self.keep_alive {
            required |= keep_alive.required();
        }
        for (needed, feature) in [
            (self.frames || !self.messages, Features::FRAMES),
            (self.compression.is_some(), Features::COMPRESSION),
            (self.read_buffer_size.is_some(), Features::READ_BUFFER),
            (self.mask_generator.is_some(), Features::MASKS),
            (
                self.credentials.is_some() || self.ask_credentials,
                Features::AUTHENTICATION,
            ),
            (self.proxy.is_some(), Features::PROXY),
            (self.redirects > 0, Features::REDIRECTS),
        ] {
            if needed {
                required |= feature;
            }
        }
        required
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
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
            tls: TlsConfig::default(),
            credentials: None,
            ask_credentials: false,
            proxy: None,
            redirects: 0,
            best_effort: Features::NONE,
            prepared: None,
        }
    }
}

/// The getters, for [`WebSocket::options`](crate::WebSocket::options).
impl Options {
    /// The limits in force.
    pub fn current_limits(&self) -> Limits {
        self.limits
    }

    /// The time limits in force.
    pub fn current_timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// The read buffer's size, if one was set.
    pub fn current_read_buffer_size(&self) -> Option<usize> {
        self.read_buffer_size
    }

    /// The custom mask generator, if one was set.
    pub fn current_mask_generator(&self) -> Option<&Arc<dyn MaskGenerator>> {
        self.mask_generator.as_ref()
    }

    /// What TLS was told.
    pub fn current_tls(&self) -> &TlsConfig {
        &self.tls
    }

    /// The proxy, if one was set.
    pub fn current_proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }
}

pub(crate) fn check_read_buffer_size(bytes: Option<usize>) -> Result<(), Error> {
    if bytes == Some(0) {
        return Err(Error::invalid_input("a read buffer has at least 1 byte"));
    }
    Ok(())
}
