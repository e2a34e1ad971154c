//! What every TLS library does for a connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::native::event_sink::EventSink;
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
    Server,
}

/// Whom TLS is done with.
#[allow(dead_code)] // Not every library tells or keeps something.
pub(crate) struct Peer {
    /// A server's host, as it is known to its client; nothing on the server's side.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_proxy: bool,
    /// The time that TLS may take, without that of answers.
    pub(crate) limit: Option<Duration>,
    pub(crate) sink: Arc<EventSink>,
}

impl Peer {
    /// A server, or a proxy on the way to one.
    pub(crate) fn server(
        host: &str,
        port: u16,
        is_proxy: bool,
        options: &Options,
        sink: &Arc<EventSink>,
    ) -> Peer {
        Peer {
            host: host.to_owned(),
            port,
            is_proxy,
            limit: options.get_timeouts().get_tls(),
            sink: sink.clone(),
        }
    }

    /// A client of ours.
    pub(crate) fn client(limit: Option<Duration>, sink: Arc<EventSink>) -> Peer {
        Peer {
            host: String::new(),
            port: 0,
            is_proxy: false,
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
