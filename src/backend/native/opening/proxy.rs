//! The way through a proxy: which one, and the tunnel.

mod environment;
mod socks5;
mod tunnel;

use std::sync::Arc;

use super::auth::{Asker, Authenticator, Supply};
use super::dial::dial;
use super::endpoint::Url;
use super::route::Way;
use crate::backend::native::event_sink::Told;
use crate::backend::native::tls::library::Peer;
use crate::error::{Error, ErrorKind};
use crate::options::Options;
use crate::proxy::Proxy;
use crate::proxy::{Hop, ProxyKind, Route};

/// The proxy on the way to this URL.
pub(crate) fn hop(proxy: Option<&Proxy>, url: &Url) -> Result<Option<Hop>, Error> {
    match proxy.map(|proxy| &proxy.0) {
        None => Ok(None),
        Some(Route::Fixed(hop)) => Ok(Some(hop.clone())),
        // What is not UTF-8 names no proxy, and is refused rather than ignored.
        Some(Route::Environment) => environment::hop(url, |name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        }),
    }
}

/// A proxy, and what it knows of us.
pub(crate) struct Proxied {
    hop: Hop,
    login: Login,
    told: Arc<Told>,
}

enum Login {
    Http(Authenticator),
    Socks5(Supply),
}

impl Proxied {
    pub(crate) fn new(hop: Hop, options: &Options, told: Arc<Told>) -> Proxied {
        let asker = Asker::proxy(&hop.host, hop.port, options, told.clone());
        let preset = hop.credentials.clone();
        Proxied {
            login: match hop.kind {
                ProxyKind::Http | ProxyKind::Https => {
                    Login::Http(Authenticator::new(asker, preset))
                }
                ProxyKind::Socks5 => Login::Socks5(Supply::new(asker, preset)),
            },
            hop,
            told,
        }
    }

    pub(crate) fn is_through(&self, hop: &Hop) -> bool {
        self.hop == *hop
    }

    /// A tunnel to the server.
    pub(crate) async fn reach(&mut self, url: &Url, options: &Options) -> Result<Way, Error> {
        let Hop {
            kind, host, port, ..
        } = &self.hop;
        loop {
            let tcp = dial(host, *port, &options.timeouts).await;
            let mut way = Way::tcp(tcp.map_err(of_proxy)?);
            if *kind == ProxyKind::Https {
                let peer = Peer::server(host, *port, true, options, &self.told);
                way = way.secure(&peer, options).await.map_err(of_proxy)?;
            }
            let stream = &mut *way.transport;
            let limit = options.timeouts.connect_limit();
            let is_through = match &mut self.login {
                Login::Http(login) => tunnel::open(stream, url, login, limit).await,
                Login::Socks5(login) => socks5::open(stream, url, login, limit).await,
            };
            match is_through {
                Ok(true) => return Ok(way),
                Ok(false) => {}
                // Other kinds are what the proxy says of the server.
                Err(error) if error.kind() == ErrorKind::RemoteClosed => {
                    return Err(of_proxy(error));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// An error of the connection to the proxy.
fn of_proxy(error: Error) -> Error {
    let kind = match error.kind() {
        ErrorKind::HostNotFound => ErrorKind::ProxyNotFound,
        ErrorKind::ConnectionRefused => ErrorKind::ProxyConnectionRefused,
        ErrorKind::RemoteClosed => ErrorKind::ProxyConnectionClosed,
        kind => kind,
    };
    Error::new(kind, format!("proxy: {error}"))
        .with_tls_errors(error.tls_errors().to_vec())
        .with_source(error)
}
