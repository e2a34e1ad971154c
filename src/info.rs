use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::grammar::without_secrets;
use crate::headers::Headers;
use crate::tls::info::TlsInfo;

/// Details of a connection. [`open`](crate::WebSocket::open) fills in those of the request, the
/// server's answer the rest; the next `open` resets them.
///
/// Cheap to clone and to ask for: it is shared with the socket, and stays as it was.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Info(Arc<Facts>);

/// The shared contents of an [`Info`].
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) request_url: String,
    pub(crate) resource_name: String,
    pub(crate) origin: Option<String>,
    pub(crate) subprotocol: Option<String>,
    pub(crate) extensions: String,
    pub(crate) peer_name: String,
    pub(crate) local_address: Option<SocketAddr>,
    pub(crate) peer_address: Option<SocketAddr>,
    pub(crate) headers: Headers,
    pub(crate) tls: Option<TlsInfo>,
}

impl Info {
    /// The URL, without credentials.
    ///
    /// # Platform-specific
    ///
    /// In a browser as that has parsed it.
    pub fn request_url(&self) -> &str {
        &self.0.request_url
    }

    /// Path and query of the request.
    pub fn resource_name(&self) -> &str {
        &self.0.resource_name
    }

    /// The `Origin` of the request.
    ///
    /// # Platform-specific
    ///
    /// Browsers send the page's own, and hide it: always `None`.
    pub fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// The subprotocol that the server chose.
    pub fn subprotocol(&self) -> Option<&str> {
        self.0.subprotocol.as_deref()
    }

    /// The value of `Sec-WebSocket-Extensions` in the answer; empty without one.
    pub fn extensions(&self) -> &str {
        &self.0.extensions
    }

    /// The host's name, as the URL has it.
    pub fn peer_name(&self) -> &str {
        &self.0.peer_name
    }

    /// Our end of the connection.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: [`Features::ADDRESSES`](crate::Features::ADDRESSES).
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.0.local_address
    }

    /// The peer's end of the connection; behind a proxy that is the proxy's.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: [`Features::ADDRESSES`](crate::Features::ADDRESSES).
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.0.peer_address
    }

    /// The headers of the server's answer; on the server's side those of the request.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide them: always empty.
    pub fn headers(&self) -> &Headers {
        &self.0.headers
    }

    /// The TLS parameters that were negotiated; `None` for `ws`.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: always `None`.
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.0.tls.as_ref()
    }

    /// Leaves those that were given out as they are.
    #[allow(dead_code)] // Not every backend learns it bit by bit.
    pub(crate) fn facts_mut(&mut self) -> &mut Facts {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Facts> for Info {
    fn from(facts: Facts) -> Info {
        Info(Arc::new(facts))
    }
}

/// Shows no query and no subprotocol, since that is where tokens live.
impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Info")
            .field("request_url", &without_secrets(self.request_url()))
            .field("resource_name", &without_secrets(self.resource_name()))
            .field("origin", &self.origin())
            .field("subprotocol", &self.subprotocol().map(|_| "…"))
            .field("extensions", &self.extensions())
            .field("peer_name", &self.peer_name())
            .field("local_address", &self.local_address())
            .field("peer_address", &self.peer_address())
            .field("headers", self.headers())
            .field("tls", &self.tls())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_token_is_not_shown() {
        let mut headers = Headers::default();
        headers.push("X-Session", "hunter2");
        headers.push("Server", "nginx");
        let info = Info::from(Facts {
            request_url: "wss://h/room?token=hunter2".into(),
            resource_name: "/room?token=hunter2".into(),
            subprotocol: Some("bearer.hunter2".into()),
            headers,
            ..Facts::default()
        });
        let shown = format!("{info:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            shown.contains("wss://h/room?…") && shown.contains("nginx"),
            "{shown}"
        );
    }
}
