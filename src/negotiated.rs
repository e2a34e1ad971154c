use std::fmt;
use std::net::SocketAddr;

use crate::compression::agreed::Deflate;
use crate::headers::Headers;
use crate::info::Info;
use crate::role::Role;

/// The outcome of an opening handshake, for [`Socket::upgraded`](crate::Socket::upgraded): the
/// role, the subprotocol, the compression, and the contents of [`Info`].
///
/// It comes from [`ServerHandshake::accept`](crate::ServerHandshake::accept) or
/// [`ClientHandshake::finish`](crate::ClientHandshake::finish). Where somebody else has done the
/// handshake, [`new`](Self::new) is one without extensions.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "what was negotiated does nothing until a socket has it"]
pub struct Negotiated {
    pub(crate) role: Role,
    #[allow(dead_code)] // Not every backend takes streams.
    pub(crate) deflate: Option<Deflate>,
    pub(crate) info: Info,
    #[allow(dead_code)] // As above.
    pub(crate) early: Vec<u8>,
}

impl Negotiated {
    /// A handshake that was done elsewhere, without extensions. Messages are compressed only where
    /// both sides have said so (RFC 6455 §9.1).
    pub fn new(role: Role) -> Negotiated {
        Negotiated::with_info(role, Info::default(), None)
    }

    #[allow(dead_code)] // As above.
    pub(crate) fn with_info(role: Role, info: Info, deflate: Option<Deflate>) -> Negotiated {
        Negotiated {
            role,
            deflate,
            info,
            early: Vec::new(),
        }
    }

    /// Our side.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The value that [`WebSocket::info`](crate::WebSocket::info) will return.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Bytes behind the handshake that were read already; they come before those of the stream.
    /// Default: none.
    pub fn early(mut self, bytes: impl Into<Vec<u8>>) -> Negotiated {
        self.early = bytes.into();
        self
    }

    /// See [`Info::subprotocol`]. Default: what the handshake agreed on.
    pub fn subprotocol(mut self, name: impl Into<String>) -> Negotiated {
        self.info.facts_mut().subprotocol = Some(name.into());
        self
    }

    /// Sets [`Info::request_url`]. A server's begins with `ws` by default, since its handshake does
    /// not show whether TLS is in front.
    pub fn request_url(mut self, url: impl Into<String>) -> Negotiated {
        self.info.facts_mut().request_url = url.into();
        self
    }

    /// See [`Info::resource_name`]. Default: that of the handshake.
    pub fn resource_name(mut self, path_and_query: impl Into<String>) -> Negotiated {
        self.info.facts_mut().resource_name = path_and_query.into();
        self
    }

    /// See [`Info::headers`]. Default: those of the handshake.
    pub fn headers(mut self, headers: impl Into<Headers>) -> Negotiated {
        self.info.facts_mut().headers = headers.into();
        self
    }

    /// See [`Info::local_address`]. Default: none.
    pub fn local_address(mut self, address: impl Into<Option<SocketAddr>>) -> Negotiated {
        self.info.facts_mut().local_address = address.into();
        self
    }

    /// See [`Info::peer_address`]. Default: none.
    pub fn peer_address(mut self, address: impl Into<Option<SocketAddr>>) -> Negotiated {
        self.info.facts_mut().peer_address = address.into();
        self
    }
}

impl fmt::Debug for Negotiated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Negotiated")
            .field("role", &self.role)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
