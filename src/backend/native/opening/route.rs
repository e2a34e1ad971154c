//! The way to a server, or to a proxy.

use std::net::SocketAddr;

use crate::backend::native::tls::Prepared;
use crate::backend::native::tls::library::Peer;
use crate::backend::native::transport::Transport;
use crate::error::Error;
use crate::options::Options;
use crate::platform::native::runtime::TcpStream;
use crate::tls::info::TlsInfo;

/// A stream to the server, or as far to it as it goes.
pub(crate) struct Route {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) local_address: Option<SocketAddr>,
    pub(crate) peer_address: Option<SocketAddr>,
    pub(crate) tls: Option<TlsInfo>,
}

impl Route {
    pub(crate) fn tcp(tcp: TcpStream) -> Route {
        Route {
            local_address: tcp.local_address(),
            peer_address: tcp.peer_address(),
            tls: None,
            transport: Box::new(tcp),
        }
    }

    /// The same with TLS in it.
    pub(crate) async fn secure(self, peer: &Peer, options: &Options) -> Result<Route, Error> {
        let secured = Prepared::of(options).connect(self.transport, peer).await?;
        Ok(Route {
            transport: secured.transport,
            tls: Some(secured.info),
            ..self
        })
    }
}
