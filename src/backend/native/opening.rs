//! From a URL to an established connection: the way to the server, TLS, opening handshake; all of it
//! again where the server redirects or wants the next request on a new connection.

pub(crate) mod auth;
pub(crate) mod client_handshake;
#[cfg(test)]
mod dead_end;
mod dial;
pub(crate) mod endpoint;
pub(crate) mod handshake;
pub(crate) mod http1;
pub(crate) mod own_headers;
#[cfg(feature = "proxy")]
pub(crate) mod proxy;
#[cfg(not(feature = "proxy"))]
#[path = "opening/no_proxy.rs"]
pub(crate) mod proxy;
#[cfg(feature = "redirects")]
pub(crate) mod redirect;
#[cfg(not(feature = "redirects"))]
#[path = "opening/no_redirect.rs"]
pub(crate) mod redirect;
pub(crate) mod route;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use self::auth::{Authenticator, Prompt};
use self::dial::dial;
use self::endpoint::Endpoint;
use self::handshake::{Handshake, HandshakeOutcome, Opened, refused};
use self::proxy::ProxyRoute;
use self::route::Route;
use super::event_sink::EventSink;
use super::permessage_deflate;
use super::timeout::timeout;
use super::tls;
use super::tls::library::Peer;
use super::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::options::Options;
use crate::request::Request;
use crate::trace;

/// The parameters of an attempt to connect.
pub(crate) struct Start {
    pub(crate) url: Endpoint,
    pub(crate) request: Request,
    pub(crate) options: Options,
    /// The application's own stream, instead of TCP.
    pub(crate) stream: Option<Box<dyn Transport>>,
}

/// An attempt to connect; dropping it gives up.
pub(crate) struct Connecting {
    attempt: Pin<Box<dyn Future<Output = Result<Established, Error>> + Send>>,
    pub(crate) sink: Arc<EventSink>,
}

/// A connection on which messages can be sent.
pub(crate) struct Established {
    pub(crate) url: Endpoint,
    pub(crate) route: Route,
    pub(crate) opened: Opened,
}

/// The outcome of the requests on one connection.
enum RequestOutcome {
    Opened(Opened),
    /// The next request needs a new connection.
    Again,
    Redirected(String),
}

impl Connecting {
    pub(crate) fn new(start: Start) -> Connecting {
        let sink = Arc::<EventSink>::default();
        Connecting {
            attempt: Box::pin(connect(start, sink.clone())),
            sink,
        }
    }
}

impl Future for Connecting {
    type Output = Result<Established, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.attempt.as_mut().poll(cx)
    }
}

async fn connect(start: Start, sink: Arc<EventSink>) -> Result<Established, Error> {
    let Start {
        mut url,
        mut request,
        options,
        mut stream,
    } = start;
    let preset = url
        .credentials
        .take()
        .or(options.get_credentials().cloned());
    let prompt = |url: &Endpoint| Prompt::server(url, &options, sink.clone());
    let mut auth = Authenticator::new(prompt(&url), preset);
    let has_own_stream = stream.is_some();
    let mut proxied = None;
    let mut redirects = redirect::limit(&options);
    // Another origin never becomes the first again: it chose the way back.
    let mut is_ours = true;
    loop {
        // A redirect may lead here from `ws`.
        if url.secure {
            tls::check_library(&options)?;
        }
        let route = match stream.take() {
            Some(transport) => Route {
                transport,
                local_address: None,
                peer_address: None,
                tls: None,
            },
            None if has_own_stream => {
                let text = "the server wants another connection, and there is one stream only";
                return Err(Error::new(ErrorKind::Handshake, text));
            }
            None => connect_route(&url, &options, &mut proxied, &sink).await?,
        };
        let mut route = if url.secure {
            let peer = Peer::server(&url.host, url.port, is_ours, &options, &sink);
            route.secure(&peer, &options).await?
        } else {
            route
        };
        match visit(
            &mut route, &url, &request, &options, &mut auth, redirects, &sink,
        )
        .await?
        {
            RequestOutcome::Opened(opened) => return Ok(Established { url, route, opened }),
            RequestOutcome::Again => {}
            RequestOutcome::Redirected(location) => {
                redirects -= 1;
                let next = redirect::follow(&url, &location)?;
                trace::redirected(&next.host.to_lookup());
                if !next.has_origin_of(&url) {
                    auth = Authenticator::new(prompt(&next), None);
                    request = request.for_another_origin();
                    is_ours = false;
                }
                url = next;
            }
        }
    }
}

/// The way to the server, through a proxy or not.
async fn connect_route(
    url: &Endpoint,
    options: &Options,
    proxied: &mut Option<ProxyRoute>,
    sink: &Arc<EventSink>,
) -> Result<Route, Error> {
    if let Some(route) = proxy::connect_route(url, options, proxied, sink).await? {
        return Ok(route);
    }
    dial(&url.host.to_lookup(), url.port, &options.get_timeouts())
        .await
        .map(Route::tcp)
}

/// Requests on one connection, until it is open or at its end.
async fn visit(
    route: &mut Route,
    url: &Endpoint,
    request: &Request,
    options: &Options,
    auth: &mut Authenticator,
    redirects: u32,
    sink: &EventSink,
) -> Result<RequestOutcome, Error> {
    let handshake = Handshake {
        url,
        request,
        compression: permessage_deflate::wanted(options),
    };
    let mut is_first = true;
    loop {
        let authorization = auth.authorization("GET", &url.target)?;
        let exchange = handshake.exchange(&mut *route.transport, authorization.as_deref(), sink);
        let limit = options.get_timeouts().get_handshake();
        let other = match timeout(limit, "the opening handshake took too long", exchange).await {
            Ok(HandshakeOutcome::Opened(opened)) => return Ok(RequestOutcome::Opened(*opened)),
            Ok(HandshakeOutcome::Other(other)) => other,
            // The server may have given the connection up while we were asked (RFC 9112 §9.3.1).
            Err(error) if !is_first && error.kind() == ErrorKind::RemoteClosed => {
                return Ok(RequestOutcome::Again);
            }
            Err(error) => return Err(error),
        };
        match other.response.status {
            401 => auth.respond(&other.response).await?,
            301 | 302 | 303 | 307 | 308 if redirects > 0 => {
                return match other.response.headers.get("Location") {
                    Some(location) => Ok(RequestOutcome::Redirected(location.to_owned())),
                    None => Err(refused(other.response)),
                };
            }
            _ => return Err(refused(other.response)),
        }
        if !other.is_reusable {
            return Ok(RequestOutcome::Again);
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests;
