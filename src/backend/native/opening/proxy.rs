//! The way through a proxy: which one, and the tunnel.

mod environment;
mod socks5;
mod tunnel;

use std::sync::Arc;

use super::auth::{Authenticator, CredentialSource, Prompt};
use super::dial::dial;
use super::endpoint::Endpoint;
use super::route::Route;
use crate::backend::native::event_sink::EventSink;
use crate::backend::native::host::Host;
use crate::backend::native::tls;
use crate::backend::native::tls::library::Peer;
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::options::Options;
use crate::proxy::Proxy;
use crate::proxy::{ProxyKind, ProxyServer, ProxySource};
use crate::trace;

pub(crate) const FEATURES: Features = Features::PROXY;

/// Refuses a proxy whose host is none.
pub(crate) fn check(proxy: Option<&Proxy>) -> Result<(), Error> {
    match proxy.map(|proxy| &proxy.0) {
        Some(ProxySource::Fixed(proxy_server)) => read_host(proxy_server).map(drop),
        Some(ProxySource::Environment) | None => Ok(()),
    }
}

/// The features that the proxy needs and not every build has: HTTP authentication; SOCKS5 has its
/// own.
pub(crate) fn required(proxy: Option<&Proxy>) -> Features {
    match proxy.map(|proxy| &proxy.0) {
        Some(ProxySource::Fixed(server))
            if server.kind != ProxyKind::Socks5 && server.credentials.is_some() =>
        {
            Features::AUTHENTICATION
        }
        _ => Features::NONE,
    }
}

/// A tunnel to the server, if the options have a proxy on the way to it.
pub(crate) async fn connect_route(
    url: &Endpoint,
    options: &Options,
    proxied: &mut Option<ProxyRoute>,
    sink: &Arc<EventSink>,
) -> Result<Option<Route>, Error> {
    let Some(proxy_server) = proxy_server(options.get_proxy(), url)? else {
        return Ok(None);
    };
    // A new connection to the proxy repeats the credentials of the last one.
    let proxied = match proxied {
        Some(same) if same.is_through(&proxy_server) => same,
        other => other.insert(ProxyRoute::new(proxy_server, options, sink.clone())?),
    };
    proxied.connect_route(url, options).await.map(Some)
}

/// The proxy on the way to this URL.
fn proxy_server(proxy: Option<&Proxy>, url: &Endpoint) -> Result<Option<ProxyServer>, Error> {
    match proxy.map(|proxy| &proxy.0) {
        None => Ok(None),
        Some(ProxySource::Fixed(proxy_server)) => Ok(Some(proxy_server.clone())),
        // A value that is not UTF-8 names no proxy, and is refused rather than ignored.
        Some(ProxySource::Environment) => environment::proxy_server(url, |name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        }),
    }
}

/// Returns whether TLS is certain to be spoken on the way.
pub(crate) fn is_https(proxy: Option<&Proxy>) -> bool {
    let source = proxy.map(|proxy| &proxy.0);
    matches!(source, Some(ProxySource::Fixed(server)) if server.kind == ProxyKind::Https)
}

/// A proxy, and what it knows of us.
pub(crate) struct ProxyRoute {
    proxy_server: ProxyServer,
    host: Host,
    login: Login,
    sink: Arc<EventSink>,
}

enum Login {
    Http(Authenticator),
    Socks5(CredentialSource),
}

impl ProxyRoute {
    fn new(
        proxy_server: ProxyServer,
        options: &Options,
        sink: Arc<EventSink>,
    ) -> Result<ProxyRoute, Error> {
        let host = read_host(&proxy_server)?;
        let prompt = Prompt::proxy(host.name(), proxy_server.port, options, sink.clone());
        let preset = proxy_server.credentials.clone();
        Ok(ProxyRoute {
            login: match proxy_server.kind {
                ProxyKind::Http | ProxyKind::Https => {
                    Login::Http(Authenticator::new(prompt, preset))
                }
                ProxyKind::Socks5 => Login::Socks5(CredentialSource::new(prompt, preset)),
            },
            proxy_server,
            host,
            sink,
        })
    }

    fn is_through(&self, proxy_server: &ProxyServer) -> bool {
        self.proxy_server == *proxy_server
    }

    /// A tunnel to the server.
    async fn connect_route(&mut self, url: &Endpoint, options: &Options) -> Result<Route, Error> {
        let ProxyServer { kind, port, .. } = &self.proxy_server;
        if *kind == ProxyKind::Https {
            tls::check_library(options)?;
        }
        trace::through_proxy(kind, self.host.name(), *port);
        loop {
            let tcp = dial(&self.host.to_lookup(), *port, &options.get_timeouts()).await;
            let mut route = Route::tcp(tcp.map_err(of_proxy)?);
            if *kind == ProxyKind::Https {
                let peer = Peer::proxy(&self.host, *port, options, &self.sink);
                route = route.secure(&peer, options).await.map_err(of_proxy)?;
            }
            let stream = &mut *route.transport;
            let limit = options.get_timeouts().get_connect();
            let is_through = match &mut self.login {
                Login::Http(login) => tunnel::open(stream, url, login, limit).await,
                Login::Socks5(login) => socks5::open(stream, url, login, limit).await,
            };
            match is_through {
                Ok(true) => {
                    trace::tunnel_open();
                    return Ok(route);
                }
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

fn read_host(proxy_server: &ProxyServer) -> Result<Host, Error> {
    Host::parse(&proxy_server.host)
        .map_err(|error| Error::invalid_input(format!("invalid proxy: {error}")))
}

/// An error of the connection to the proxy.
fn of_proxy(error: Error) -> Error {
    let kind = match error.kind() {
        ErrorKind::HostNotFound => ErrorKind::ProxyNotFound,
        ErrorKind::ConnectionRefused => ErrorKind::ProxyConnectionRefused,
        ErrorKind::RemoteClosed => ErrorKind::ProxyConnectionClosed,
        kind => kind,
    };
    let tls_errors = error.tls_errors().to_vec();
    let (sent, received) = (error.alert_sent(), error.alert_received());
    Error::quoting(kind, "proxy", error)
        .with_tls_errors(tls_errors)
        .with_alerts(sent, received)
}
