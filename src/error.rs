use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::features::Features;
use crate::response::Response;
use crate::tls::alert::Alert;
use crate::tls::error::TlsError;

/// What went wrong: a [kind](Error::kind) to decide by, a text to show, and a source where a
/// lower layer has one.
///
/// Cheap to clone, since the same error is an [event](crate::Event::Error), the result of a call
/// and [`last_error`](crate::WebSocket::last_error). Credentials never appear in it.
#[derive(Clone)]
pub struct Error(Arc<Repr>);

struct Repr {
    kind: ErrorKind,
    context: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    response: Option<Response>,
    tls_errors: Vec<TlsError>,
    alert_sent: Option<Alert>,
    alert_received: Option<Alert>,
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
    /// The platform cannot do what these features stand for.
    Unsupported(Features),
    /// The call does not fit the state, such as a message before [`State::Connected`].
    ///
    /// [`State::Connected`]: crate::State::Connected
    WrongState,
    /// The bounded [write queue](crate::Options::write_queue) has no room; the message was not
    /// taken.
    QueueFull,
    /// The name of the host does not resolve.
    HostNotFound,
    /// Nobody listens at the address.
    ConnectionRefused,
    /// A [time limit](crate::Timeouts), or that of the [keep-alive](crate::KeepAlive), passed.
    TimedOut,
    /// The connection could not be made or broke, and the platform tells no closer kind. In a
    /// browser this is all that is known of a connection that did not open.
    Connection,
    /// TLS failed: a certificate was not trusted or no common ground was found.
    Tls,
    /// The answer to the opening handshake was not a valid "101 Switching Protocols".
    Handshake,
    /// The server wants to know who we are, and was not told or did not like the answer.
    Authentication,
    /// The name of the proxy does not resolve.
    ProxyNotFound,
    /// Nobody listens where the proxy should be.
    ProxyConnectionRefused,
    /// The proxy ended the connection before it led anywhere.
    ProxyConnectionClosed,
    /// The proxy wants to know who we are, and was not told or did not like the answer.
    ProxyAuthentication,
    /// The proxy does not let us through to this server.
    ProxyDenied,
    /// The proxy could not reach the server, and tells no closer reason.
    ProxyUnreachable,
    /// What answered is not such a proxy.
    ProxyProtocol,
    /// The peer broke the protocol; it was told so with code 1002 or 1007.
    Protocol,
    /// The peer sent more than a [limit](crate::Limits) allows, or than the
    /// [receive queue](crate::Options::receive_queue) holds.
    TooLarge,
    /// The peer ended the connection without a closing handshake. A browser tells the same when the
    /// peer broke the protocol.
    RemoteClosed,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, context: impl Into<Cow<'static, str>>) -> Error {
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

    #[allow(dead_code)] // Not every backend has sources.
    pub(crate) fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.change(|repr| repr.source = Some(source.into()))
    }

    #[allow(dead_code)] // Not every backend sees the answer.
    pub(crate) fn with_response(self, response: Response) -> Error {
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
        // Only called on an error that was just made, before it is shared.
        if let Some(repr) = Arc::get_mut(&mut self.0) {
            change(repr);
        }
        self
    }

    /// What to decide by.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The text beside the kind; may be empty.
    #[allow(dead_code)] // Only the JavaScript class has texts of its own for kinds.
    pub(crate) fn context(&self) -> &str {
        &self.0.context
    }

    /// The server's answer, where it answered the opening handshake with something else than
    /// what was asked for: its status, its headers and the first part of its body.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide the answer: always `None`.
    pub fn response(&self) -> Option<&Response> {
        self.0.response.as_ref()
    }

    /// What is wrong with the peer's certificates, where that is the reason: for an error of the
    /// kind [`Tls`](ErrorKind::Tls), whose text is that of the first.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`]. Without it natively one at most, as far as the library tells it:
    /// the first that was found, without its certificate. In browsers always empty.
    pub fn tls_errors(&self) -> &[TlsError] {
        &self.0.tls_errors
    }

    /// The fatal alert by which the peer ended TLS (RFC 8446 §6.2), where that is the reason: for
    /// an error of the kind [`Tls`](ErrorKind::Tls).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`]. Without it natively as far as the library tells it; in browsers
    /// always `None`.
    pub fn alert_received(&self) -> Option<Alert> {
        self.0.alert_received
    }

    /// The fatal alert that told the peer why we ended TLS, otherwise like
    /// [`alert_received`](Self::alert_received).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`]; always `None` without it.
    pub fn alert_sent(&self) -> Option<Alert> {
        self.0.alert_sent
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
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.context.is_empty() {
            self.0.kind.fmt(f)
        } else {
            f.write_str(&self.0.context)
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind)
            .field("context", &self.0.context);
        if let Some(source) = &self.0.source {
            out.field("source", source);
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
        match &self.0.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
