use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::features::Features;
use crate::response::Response;
use crate::tls::alert::Alert;
use crate::tls::error::TlsError;

/// The error of this crate: a [kind](Error::kind) to match on, a message to show, and the source of
/// a lower layer where there is one.
///
/// No text in the chain of [sources](StdError::source) repeats another: if the text of an error
/// includes that of its cause, the chain continues behind the cause, which
/// [`get_ref`](Error::get_ref) still returns.
///
/// Cheap to clone, since the same error is an [event](crate::Event::Error), the result of a call
/// and [`last_error`](crate::WebSocket::last_error). Credentials never appear in it.
#[derive(Clone)]
pub struct Error(Arc<Repr>);

#[derive(Clone)]
struct Repr {
    kind: ErrorKind,
    context: Cow<'static, str>,
    source: Option<Source>,
    response: Option<Response>,
    tls_errors: Vec<TlsError>,
    alert_sent: Option<Alert>,
    alert_received: Option<Alert>,
}

#[derive(Clone)]
struct Source {
    error: Arc<dyn StdError + Send + Sync>,
    /// The text of ours has this one's in it: for who walks the chain it begins behind this one.
    is_quoted: bool,
}

/// The kinds of [`Error`].
///
/// The [table](crate::docs::qt) for people who come from Qt names the `SocketError` of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A URL, header, origin, subprotocol, size, close code, certificate or key that cannot be
    /// used. Returned by a call: nothing was sent and nothing changed. As an
    /// [event](crate::Event::Error): credentials, or a proxy of the environment, that turned out
    /// to be unusable when they were needed.
    InvalidInput,
    /// The platform lacks these features.
    Unsupported(Features),
    /// The call does not fit the state, such as a message before [`State::Connected`]. Natively
    /// also the error of a connection, or of listening, where no runtime can be used.
    ///
    /// [`State::Connected`]: crate::State::Connected
    WrongState,
    /// The bounded [write queue](crate::Options::write_queue) has no room; the message was not
    /// taken.
    QueueFull,
    /// The name of the host does not resolve, or a SOCKS5 proxy cannot reach it.
    HostNotFound,
    /// No server listens at the address. Behind a proxy this is
    /// [`ProxyUnreachable`](Self::ProxyUnreachable).
    ConnectionRefused,
    /// A [time limit](crate::Timeouts), or that of the [keep-alive](crate::KeepAlive), passed.
    TimedOut,
    /// The connection could not be established or broke, for a reason that the platform does not
    /// specify. In a browser every connection that fails to open ends with this kind.
    Connection,
    /// TLS failed: a certificate was not trusted or no common ground was found.
    Tls,
    /// The answer to the opening handshake was not a valid "101 Switching Protocols".
    Handshake,
    /// The server requires authentication; no credentials were configured, or they were rejected.
    Authentication,
    /// The name of the proxy does not resolve.
    ProxyNotFound,
    /// No proxy listens at its address.
    ProxyConnectionRefused,
    /// The proxy ended the connection before it led anywhere.
    ProxyConnectionClosed,
    /// The proxy requires authentication; no credentials were configured, or they were rejected.
    ProxyAuthentication,
    /// The proxy does not let us through to this server.
    ProxyDenied,
    /// The proxy could not reach the server: a SOCKS5 proxy's reply 1, 3, 5 or 6 (RFC 1928 §6), an
    /// HTTP proxy's status 500 to 599.
    ProxyUnreachable,
    /// The answer does not follow the proxy's protocol.
    ProxyProtocol,
    /// The peer violated the protocol, and was sent close code 1002 or 1007.
    Protocol,
    /// The peer sent more than a [limit](crate::Limits) allows, or than the
    /// [receive queue](crate::Options::receive_queue) holds.
    TooLarge,
    /// The peer ended the connection without a closing handshake. Browsers also report a peer's
    /// protocol violation as this.
    RemoteClosed,
    /// Something of the application's own: [`Error::other`].
    Other,
}

impl Error {
    /// An error of the application's own, of the kind [`Other`](ErrorKind::Other), for what it is
    /// asked in the middle of ours, such as [`Reconnect::asking`](crate::Reconnect::asking). It is
    /// made of a text, or of an error, whose text it has then; as in [`std::io::Error::other`].
    ///
    /// ```
    /// use qwebsocket::{Error, ErrorKind};
    ///
    /// let error = Error::other("no token yet");
    /// assert_eq!(error.kind(), ErrorKind::Other);
    /// assert_eq!(error.to_string(), "no token yet");
    ///
    /// let error = Error::other("x".parse::<u32>().unwrap_err());
    /// assert!(error.get_ref().unwrap().is::<std::num::ParseIntError>());
    /// ```
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error::from(ErrorKind::Other).with_quoted(error)
    }

    /// An error of this kind with a text, for sockets of the application's own and for its tests;
    /// with an empty text it shows that of the kind, as one that is made `From` it.
    ///
    /// ```
    /// use qwebsocket::{Error, ErrorKind, Response};
    ///
    /// let busy = Response::new(503, [("Retry-After", "5")]).with_body("come back later");
    /// let error = Error::new(ErrorKind::Handshake, "the server is busy").with_response(busy);
    /// assert_eq!(error.to_string(), "the server is busy");
    /// assert_eq!(error.response().unwrap().headers().get("retry-after"), Some("5"));
    /// ```
    pub fn new(kind: ErrorKind, context: impl Into<Cow<'static, str>>) -> Error {
        Error(Arc::new(Repr {
            kind,
            context: context.into(),
            source: None,
            response: None,
            tls_errors: Vec::new(),
            alert_sent: None,
            alert_received: None,
        }))
    }

    pub(crate) fn invalid_input(context: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::InvalidInput, context)
    }

    /// The same about something by its name. Not `format!`, whose machinery is a tenth of the
    /// smallest program in a browser.
    pub(crate) fn invalid_name(before: &str, name: &str, behind: &str) -> Error {
        Error::invalid_input(before.to_owned() + name + behind)
    }

    pub(crate) fn wrong_state(context: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::WrongState, context)
    }

    pub(crate) fn unsupported(missing: Features) -> Error {
        ErrorKind::Unsupported(missing).into()
    }

    /// An error whose text ends with that of its source.
    #[allow(dead_code)] // Not every backend has sources.
    pub(crate) fn quoting(
        kind: ErrorKind,
        context: &str,
        source: impl StdError + Send + Sync + 'static,
    ) -> Error {
        Error::new(kind, format!("{context}: {source}")).with_quoted(source)
    }

    /// Attaches a [source](StdError::source) whose text is not in that of this error.
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.change(|repr| {
            repr.source = Some(Source {
                error: source.into().into(),
                is_quoted: false,
            });
        })
    }

    /// With a source whose text is in ours.
    pub(crate) fn with_quoted(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.change(|repr| {
            repr.source = Some(Source {
                error: source.into().into(),
                is_quoted: true,
            });
        })
    }

    /// Attaches an [answer](Self::response).
    pub fn with_response(self, response: Response) -> Error {
        self.change(|repr| repr.response = Some(response))
    }

    #[allow(dead_code)] // Not every backend sees certificates.
    pub(crate) fn with_tls_errors(self, errors: Vec<TlsError>) -> Error {
        self.change(|repr| repr.tls_errors = errors)
    }

    #[allow(dead_code)] // Not every backend hears alerts.
    pub(crate) fn with_alerts(self, sent: Option<Alert>, received: Option<Alert>) -> Error {
        self.change(|repr| {
            repr.alert_sent = sent;
            repr.alert_received = received;
        })
    }

    fn change(mut self, change: impl FnOnce(&mut Repr)) -> Error {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The kind of the error, to match on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The error that a lower layer, or the application, has given as the reason; to find out of
    /// which type it is.
    pub fn get_ref(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        Some(&*self.0.source.as_ref()?.error)
    }

    /// The text beside the kind; may be empty.
    #[allow(dead_code)] // Only the JavaScript class has texts of its own for kinds.
    pub(crate) fn context(&self) -> &str {
        &self.0.context
    }

    /// The server's or the proxy's answer, where it is why the opening handshake failed: its status,
    /// its headers and the first part of its body. Its status is 101 where that broke a rule, such
    /// as a wrong `Sec-WebSocket-Accept`.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide the answer: always `None`.
    pub fn response(&self) -> Option<&Response> {
        self.0.response.as_ref()
    }

    /// The errors of the peer's certificates, for an error of the kind [`Tls`](ErrorKind::Tls) that
    /// they caused; its message is that of the first.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`]. Without it natively at most one, as far as the library reports it:
    /// the first that was found, without its certificate. In browsers always empty.
    pub fn tls_errors(&self) -> &[TlsError] {
        &self.0.tls_errors
    }

    /// The fatal alert with which the peer ended TLS (RFC 8446 §6.2), for an error of the kind
    /// [`Tls`](ErrorKind::Tls) that it caused.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`]. Without it natively as far as the library reports it; in browsers
    /// always `None`.
    pub fn alert_received(&self) -> Option<Alert> {
        self.0.alert_received
    }

    /// The fatal alert with which we ended TLS; otherwise like
    /// [`alert_received`](Self::alert_received).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`]; always `None` without it.
    pub fn alert_sent(&self) -> Option<Alert> {
        self.0.alert_sent
    }
}

/// With the error as its source, and its kind where `std` has one as close.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let of_source = || {
            error
                .get_ref()?
                .downcast_ref::<io::Error>()
                .map(io::Error::kind)
        };
        let kind = match error.kind() {
            ErrorKind::InvalidInput => io::ErrorKind::InvalidInput,
            ErrorKind::Unsupported(_) => io::ErrorKind::Unsupported,
            ErrorKind::WrongState => io::ErrorKind::NotConnected,
            ErrorKind::QueueFull => io::ErrorKind::WouldBlock,
            ErrorKind::HostNotFound | ErrorKind::ProxyNotFound => io::ErrorKind::NotFound,
            ErrorKind::ConnectionRefused | ErrorKind::ProxyConnectionRefused => {
                io::ErrorKind::ConnectionRefused
            }
            ErrorKind::TimedOut => io::ErrorKind::TimedOut,
            ErrorKind::Handshake
            | ErrorKind::Protocol
            | ErrorKind::ProxyProtocol
            | ErrorKind::TooLarge => io::ErrorKind::InvalidData,
            ErrorKind::Authentication | ErrorKind::ProxyAuthentication | ErrorKind::ProxyDenied => {
                io::ErrorKind::PermissionDenied
            }
            ErrorKind::ProxyUnreachable => io::ErrorKind::HostUnreachable,
            ErrorKind::ProxyConnectionClosed | ErrorKind::RemoteClosed => {
                io::ErrorKind::UnexpectedEof
            }
            ErrorKind::Connection | ErrorKind::Tls | ErrorKind::Other => {
                of_source().unwrap_or(io::ErrorKind::Other)
            }
        };
        io::Error::new(kind, error)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error::new(kind, "")
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::InvalidInput => "invalid input",
            ErrorKind::Unsupported(missing) => {
                return write!(f, "not supported on this platform: {missing}");
            }
            ErrorKind::WrongState => "wrong state",
            ErrorKind::QueueFull => "the write queue is full",
            ErrorKind::HostNotFound => "host not found",
            ErrorKind::ConnectionRefused => "connection refused",
            ErrorKind::TimedOut => "timed out",
            ErrorKind::Connection => "connection failed",
            ErrorKind::Tls => "TLS failed",
            ErrorKind::Handshake => "opening handshake failed",
            ErrorKind::Authentication => "the server asks for authentication",
            ErrorKind::ProxyNotFound => "proxy not found",
            ErrorKind::ProxyConnectionRefused => "the proxy refused the connection",
            ErrorKind::ProxyConnectionClosed => "the proxy closed the connection",
            ErrorKind::ProxyAuthentication => "the proxy asks for authentication",
            ErrorKind::ProxyDenied => "the proxy denied the connection",
            ErrorKind::ProxyUnreachable => "the proxy could not reach the server",
            ErrorKind::ProxyProtocol => "not a proxy's answer",
            ErrorKind::Protocol => "protocol error",
            ErrorKind::TooLarge => "too large",
            ErrorKind::RemoteClosed => "the remote host closed the connection",
            ErrorKind::Other => "other error",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.source {
            Some(own) if self.0.kind == ErrorKind::Other => own.error.fmt(f),
            _ if self.0.context.is_empty() => self.0.kind.fmt(f),
            _ => f.write_str(&self.0.context),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind)
            .field("context", &self.0.context);
        if let Some(source) = &self.0.source {
            out.field("source", &source.error);
        }
        if let Some(response) = &self.0.response {
            out.field("response", response);
        }
        if !self.0.tls_errors.is_empty() {
            out.field("tls_errors", &self.0.tls_errors);
        }
        // By their numbers: their names would be in each program for a browser, which has no alerts.
        if let Some(alert) = &self.0.alert_sent {
            out.field("alert_sent", &alert.kind.number());
        }
        if let Some(alert) = &self.0.alert_received {
            out.field("alert_received", &alert.kind.number());
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_ref()?;
        match source.is_quoted {
            true => source.error.source(),
            false => Some(&*source.error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_applications_error_says_its_text_once() {
        let inner = io::Error::new(io::ErrorKind::NotFound, ErrorKind::Tls.to_string());
        let error = Error::other(inner);
        assert_eq!(error.kind(), ErrorKind::Other);
        assert_eq!(error.to_string(), "TLS failed");
        assert!(error.get_ref().unwrap().is::<io::Error>());
        let mut texts = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            texts.push(error.to_string());
            source = error.source();
        }
        assert_eq!(texts.iter().filter(|text| *text == "TLS failed").count(), 1);
    }

    #[test]
    fn an_error_goes_into_one_of_std_and_stays_itself() {
        let cases = [
            (ErrorKind::TimedOut.into(), io::ErrorKind::TimedOut),
            (ErrorKind::QueueFull.into(), io::ErrorKind::WouldBlock),
            (
                Error::unsupported(Features::PING),
                io::ErrorKind::Unsupported,
            ),
            (Error::other("mine"), io::ErrorKind::Other),
            (
                Error::new(ErrorKind::Connection, "lost")
                    .with_source(io::Error::from(io::ErrorKind::ConnectionReset)),
                io::ErrorKind::ConnectionReset,
            ),
        ];
        for (error, kind) in cases {
            let std = io::Error::from(error.clone());
            assert_eq!(std.kind(), kind);
            assert_eq!(std.to_string(), error.to_string());
            let inner = std.get_ref().unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(inner.kind(), error.kind());
        }
    }

    #[test]
    fn an_error_is_one_pointer_and_tells_all() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        let error = Error::new(ErrorKind::Connection, "lost 127.0.0.1")
            .with_source(std::io::Error::other("broken pipe"));
        assert_eq!(error.to_string(), "lost 127.0.0.1");
        assert_eq!(error.source().unwrap().to_string(), "broken pipe");
        assert_eq!(error.clone().kind(), ErrorKind::Connection);
        assert_eq!(
            Error::unsupported(Features::PING).to_string(),
            "not supported on this platform: PING"
        );
    }
}
