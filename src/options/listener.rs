use std::net::{IpAddr, SocketAddr, TcpListener};

use super::Options;

/// The address of a [`Listener`](crate::Listener), made from
///
/// - `"127.0.0.1:9000"`, `"[::1]:9000"` or `"localhost:9000"`; a name is resolved, and the first of
///   its addresses taken that the system grants. Port 0 is any free one. An IPv6 address may have a
///   zone, by number or name: `"[fe80::1%eth0]:9000"`;
/// - a [`SocketAddr`], or an [`IpAddr`] with a port;
/// - a [`TcpListener`] that listens already, such as one that a service manager passes on (socket
///   activation). Its backlog is its own.
#[derive(Debug)]
pub struct ListenAddress(
    #[allow(dead_code)] // Not every backend has a server's side.
    pub(crate)  Place,
);

#[derive(Debug)]
#[allow(dead_code)] // As above.
pub(crate) enum Place {
    /// A host with a port, not taken apart yet.
    Text(String),
    Address(SocketAddr),
    Listener(TcpListener),
}

impl From<&str> for ListenAddress {
    fn from(text: &str) -> ListenAddress {
        ListenAddress(Place::Text(text.into()))
    }
}

impl From<&String> for ListenAddress {
    fn from(text: &String) -> ListenAddress {
        text.as_str().into()
    }
}

impl From<String> for ListenAddress {
    fn from(text: String) -> ListenAddress {
        ListenAddress(Place::Text(text))
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> ListenAddress {
        ListenAddress(Place::Address(address))
    }
}

impl<A: Into<IpAddr>> From<(A, u16)> for ListenAddress {
    fn from(address: (A, u16)) -> ListenAddress {
        ListenAddress(Place::Address(address.into()))
    }
}

impl From<TcpListener> for ListenAddress {
    fn from(listener: TcpListener) -> ListenAddress {
        ListenAddress(Place::Listener(listener))
    }
}

/// The configuration of a [`Listener`](crate::Listener) and of the sockets that it accepts.
///
/// ```no_run
/// use std::time::Duration;
/// use qwebsocket::{KeepAlive, Listener, ListenerOptions, Options};
///
/// # async fn example() -> Result<(), qwebsocket::Error> {
/// let options = ListenerOptions::new()
///     .socket(Options::new().keep_alive(KeepAlive::ping(Duration::from_secs(30))))
///     .connections(10_000)
///     .origins(["https://example.com"]);
/// let listener = Listener::bind_with("0.0.0.0:9000", options).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ListenerOptions {
    pub(crate) socket: Options,
    pub(crate) connections: Option<usize>,
    pub(crate) handshakes: Option<usize>,
    pub(crate) origins: Option<Vec<String>>,
    pub(crate) backlog: u32,
}

impl ListenerOptions {
    /// The defaults.
    pub fn new() -> ListenerOptions {
        ListenerOptions::default()
    }

    /// The options of the sockets that are accepted. What is
    /// [left open](crate::Listener#what-a-client-may-take) there is bounded. Default:
    /// [`Options::new`].
    pub fn socket(mut self, options: Options) -> ListenerOptions {
        self.socket = options;
        self
    }

    /// The number of concurrent connections, at least 1: sockets that are not disconnected, and
    /// handshakes. At the limit accepting pauses until one ends, and up to
    /// [`backlog`](Self::backlog) clients wait in the system's queue, unanswered. [Unfinished
    /// handshakes](Self::handshakes) make room. Default: `None`, as many as the process has
    /// descriptors for.
    pub fn connections(mut self, most: impl Into<Option<usize>>) -> ListenerOptions {
        self.connections = most.into();
        self
    }

    /// The number of concurrent opening handshakes, TLS included, that may be unfinished, at least
    /// 1: those whose [`Accepting`](crate::Accepting) is pending. At the limit the oldest gives way
    /// to the next client, once it is a second old: its connection is ended, and it fails with
    /// [`TimedOut`](crate::ErrorKind::TimedOut). Until then accepting pauses. A client that
    /// connects and sends nothing therefore keeps nobody out, while a burst of honest clients is
    /// delayed rather than refused. Default: 1024.
    pub fn handshakes(mut self, most: impl Into<Option<usize>>) -> ListenerOptions {
        self.handshakes = most.into();
        self
    }

    /// The origins whose pages may connect, such as `https://example.com` or
    /// `http://localhost:8000`: scheme, host and the port unless it is the scheme's own; `null` is
    /// that of pages without one (RFC 6454 §7). Another is refused with status 403, before the
    /// application sees it, and [`Accepting`](crate::Accepting) fails with
    /// [`Handshake`](crate::ErrorKind::Handshake). A request without `Origin` is let through: it does
    /// not come from a page. Default: all.
    ///
    /// # Cross-site WebSocket hijacking
    ///
    /// The same-origin policy does not hold for WebSockets: any page on the web can have its
    /// visitor's browser connect to this server, with the visitor's cookies, client certificate and
    /// place in the network. A server that authenticates by these, or that listens on `localhost` or
    /// in an intranet, thereby serves foreign pages in its users' names. Browsers
    /// always send the page's `Origin`, and pages cannot change it; so allow those of your own pages
    /// (RFC 6455 §10.2). Programs that are no browsers can send any origin: it is no authentication.
    pub fn origins<I>(mut self, origins: I) -> ListenerOptions
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// The number of clients that the system keeps connected until they are accepted; the system
    /// may cap it, such as Linux by `net.core.somaxconn`. Clients beyond it retry after a second or
    /// more. Default: 1024.
    pub fn backlog(mut self, clients: u32) -> ListenerOptions {
        self.backlog = clients;
        self
    }
}

impl Default for ListenerOptions {
    fn default() -> ListenerOptions {
        ListenerOptions {
            socket: Options::new(),
            connections: None,
            handshakes: Some(1024),
            origins: None,
            backlog: 1024,
        }
    }
}

/// The options of the sockets; the rest as in [`ListenerOptions::new`].
impl From<Options> for ListenerOptions {
    fn from(options: Options) -> ListenerOptions {
        ListenerOptions::new().socket(options)
    }
}
