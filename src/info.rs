use std::net::SocketAddr;

use crate::headers::Headers;
use crate::tls::info::TlsInfo;

/// What is known of a connection. Filled by [`open`](crate::WebSocket::open) as far as the request
/// tells, and by the server's answer; emptied by the next `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The URL, without credentials.
    ///
    /// # Platform-specific
    ///
    /// In a browser as that has parsed it.
    pub request_url: String,
    /// Path and query of the request.
    pub resource_name: String,
    /// The `Origin` of the request.
    ///
    /// # Platform-specific
    ///
    /// Browsers send the page's own, and hide it: always `None`.
    pub origin: Option<String>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The value of `Sec-WebSocket-Extensions` in the answer.
    pub extensions: String,
    /// The host's name, as the URL has it.
    pub peer_name: String,
    /// Our end of the connection.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: [`Features::ADDRESSES`](crate::Features::ADDRESSES).
    pub local_address: Option<SocketAddr>,
    /// The peer's end of the connection; behind a proxy that is the proxy's.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: [`Features::ADDRESSES`](crate::Features::ADDRESSES).
    pub peer_address: Option<SocketAddr>,
    /// The headers of the server's answer; on the server's side those of the request.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide them: always empty.
    pub headers: Headers,
    /// What TLS agreed on; `None` for `ws`.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: always `None`.
    pub tls: Option<TlsInfo>,
}
