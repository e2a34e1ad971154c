use std::time::Duration;

/// Time limits of the steps of a connection; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "time limits do nothing until options have them"]
pub struct Timeouts {
    resolve: Option<Duration>,
    connect: Option<Duration>,
    tls: Option<Duration>,
    handshake: Option<Duration>,
    close: Option<Duration>,
}

impl Timeouts {
    /// The defaults.
    pub fn new() -> Timeouts {
        Timeouts::default()
    }

    /// Limits the name look-up. Default: 30 s.
    ///
    /// # Platform-specific
    ///
    /// A browser does not show the steps: there the limits up to that of the
    /// [handshake](Self::handshake) are added up for the whole, which has none if one of them is
    /// `None`.
    pub fn resolve(mut self, limit: impl Into<Option<Duration>>) -> Timeouts {
        self.resolve = limit.into();
        self
    }

    /// Limits connecting TCP, and each exchange with a proxy. Default: 30 s.
    pub fn connect(mut self, limit: impl Into<Option<Duration>>) -> Timeouts {
        self.connect = limit.into();
        self
    }

    /// Limits each TLS handshake. Default: 30 s.
    pub fn tls(mut self, limit: impl Into<Option<Duration>>) -> Timeouts {
        self.tls = limit.into();
        self
    }

    /// Limits each request of the opening handshake, to the end of its answer. Default: 30 s.
    pub fn handshake(mut self, limit: impl Into<Option<Duration>>) -> Timeouts {
        self.handshake = limit.into();
        self
    }

    /// Limits the closing handshake, from [`close`](crate::WebSocket::close) or the peer's close
    /// frame to the end. A server spends what is left of it on waiting for the client to end the
    /// TCP connection, too (RFC 6455 §7.1.1). Default: 3 s, as in Qt.
    pub fn close(mut self, limit: impl Into<Option<Duration>>) -> Timeouts {
        self.close = limit.into();
        self
    }

    /// See [`resolve`](Self::resolve).
    pub fn get_resolve(&self) -> Option<Duration> {
        self.resolve
    }

    /// See [`connect`](Self::connect).
    pub fn get_connect(&self) -> Option<Duration> {
        self.connect
    }

    /// See [`tls`](Self::tls).
    pub fn get_tls(&self) -> Option<Duration> {
        self.tls
    }

    /// See [`handshake`](Self::handshake).
    pub fn get_handshake(&self) -> Option<Duration> {
        self.handshake
    }

    /// See [`close`](Self::close).
    pub fn get_close(&self) -> Option<Duration> {
        self.close
    }
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            resolve: Some(Duration::from_secs(30)),
            connect: Some(Duration::from_secs(30)),
            tls: Some(Duration::from_secs(30)),
            handshake: Some(Duration::from_secs(30)),
            close: Some(Duration::from_secs(3)),
        }
    }
}
