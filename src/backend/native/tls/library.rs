//! The interface of the TLS libraries.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::native::event_sink::EventSink;
use crate::backend::native::host::Host;
use crate::backend::native::transport::Transport;
use crate::error::Error;
use crate::options::Options;
use crate::tls::info::TlsInfo;

/// One end of connections, by one of the libraries.
pub(crate) trait Library: Send + Sync {
    fn secure<'a>(&'a self, transport: Box<dyn Transport>, peer: &'a Peer) -> Securing<'a>;
}

pub(crate) type Securing<'a> = Pin<Box<dyn Future<Output = Result<Secured, Error>> + Send + 'a>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    #[cfg(feature = "server")]
    Server,
}

/// The peer of a TLS handshake.
#[allow(dead_code)] // Not every library tells or keeps something.
#[derive(Clone)]
pub(crate) struct Peer {
    /// A server's host, as its certificate names it; nothing on the server's side.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_proxy: bool,
    /// Whether the configuration's identity, pre-shared key and server name are for it.
    pub(crate) is_ours: bool,
    /// The time that TLS may take, without that of answers.
    pub(crate) limit: Option<Duration>,
    pub(crate) sink: Arc<EventSink>,
}

impl Peer {
    /// A server; `is_ours` if it is that of the URL, and none that was redirected to.
    pub(crate) fn server(
        host: &Host,
        port: u16,
        is_ours: bool,
        options: &Options,
        sink: &Arc<EventSink>,
    ) -> Peer {
        Peer {
            host: host.name().to_owned(),
            port,
            is_proxy: false,
            is_ours,
            limit: options.get_timeouts().get_tls(),
            sink: sink.clone(),
        }
    }

    /// A proxy on the way to a server.
    #[cfg(feature = "proxy")]
    pub(crate) fn proxy(host: &Host, port: u16, options: &Options, sink: &Arc<EventSink>) -> Peer {
        Peer {
            is_proxy: true,
            ..Peer::server(host, port, options.get_tls().proxy_identity, options, sink)
        }
    }

    /// A client of ours.
    #[cfg(feature = "server")]
    pub(crate) fn client(limit: Option<Duration>, sink: Arc<EventSink>) -> Peer {
        Peer {
            host: String::new(),
            port: 0,
            is_proxy: false,
            is_ours: true,
            limit,
            sink,
        }
    }
}

/// A connection with TLS in it.
pub(crate) struct Secured {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) info: TlsInfo,
}
