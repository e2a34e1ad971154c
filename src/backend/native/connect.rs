//! From a URL to an established connection: the way to the server, TLS, opening handshake; all of it
//! again where the server redirects or wants the next request on a new connection.

use std::future::Future;
use std::mem;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::auth::{Asker, Authenticator};
use super::clock::within;
use super::dial::dial;
use super::handshake::{Answer, Handshake, Opened, refused};
use super::proxy::{self, Proxied};
use super::redirect;
use super::runtime::TcpStream;
use super::tls;
use super::url::Url;
use super::wire::Transport;
use crate::{Error, ErrorKind, Event, Options, Request};

/// What a connection is made from.
pub(super) struct Start {
    pub(super) url: Url,
    pub(super) request: Request,
    pub(super) options: Options,
    /// The application's own stream, instead of TCP.
    pub(super) stream: Option<Box<dyn Transport>>,
}

/// An attempt to connect; dropping it gives up.
pub(super) struct Connecting {
    attempt: Pin<Box<dyn Future<Output = Result<Established, Error>> + Send>>,
    told: Arc<Told>,
}

/// What an attempt tells while it lasts.
#[derive(Default)]
pub(super) struct Told {
    written: AtomicUsize,
    questions: Mutex<Vec<Event>>,
}

/// A connection on which messages can be sent.
pub(super) struct Established {
    pub(super) url: Url,
    pub(super) way: Way,
    pub(super) opened: Opened,
}

/// A stream to the server, or as far to it as it goes.
pub(super) struct Way {
    pub(super) transport: Box<dyn Transport>,
    pub(super) local_address: Option<SocketAddr>,
    pub(super) peer_address: Option<SocketAddr>,
}

/// What came of the requests on one connection.
enum Visit {
    Opened(Opened),
    /// The next request needs a new connection.
    Again,
    Redirected(String),
}

impl Connecting {
    pub(super) fn new(start: Start) -> Connecting {
        let told = Arc::<Told>::default();
        Connecting {
            attempt: Box::pin(connect(start, told.clone())),
            told,
        }
    }

    /// The bytes that were written to the server since this was last asked.
    pub(super) fn take_written(&self) -> usize {
        self.told.written.swap(0, Ordering::Relaxed)
    }

    /// The questions that were asked since this was last asked.
    pub(super) fn take_questions(&self) -> Vec<Event> {
        mem::take(&mut self.told.questions())
    }
}

impl Future for Connecting {
    type Output = Result<Established, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.attempt.as_mut().poll(cx)
    }
}

impl Told {
    pub(super) fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn ask(&self, question: Event) {
        self.questions().push(question);
    }

    fn questions(&self) -> MutexGuard<'_, Vec<Event>> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(start: Start, told: Arc<Told>) -> Result<Established, Error> {
    let Start {
        mut url,
        mut request,
        options,
        mut stream,
    } = start;
    let preset = url.credentials.take().or(options.credentials.clone());
    let asker = |url: &Url| Asker::server(url, &options, told.clone());
    let mut auth = Authenticator::new(asker(&url), preset);
    let has_own_stream = stream.is_some();
    let mut proxied = None;
    let mut redirects = options.redirects;
    loop {
        let way = match stream.take() {
            Some(transport) => Way {
                transport,
                local_address: None,
                peer_address: None,
            },
            None if has_own_stream => {
                let text = "the server wants another connection, and there is one stream only";
                return Err(Error::new(ErrorKind::Handshake, text));
            }
            None => reach(&url, &options, &mut proxied, &told).await?,
        };
        let mut way = if url.secure {
            way.secure(&url.host, &options).await?
        } else {
            way
        };
        match visit(
            &mut way, &url, &request, &options, &mut auth, redirects, &told,
        )
        .await?
        {
            Visit::Opened(opened) => return Ok(Established { url, way, opened }),
            Visit::Again => {}
            Visit::Redirected(location) => {
                redirects -= 1;
                let next = redirect::follow(&url, &location)?;
                if !next.has_origin_of(&url) {
                    auth = Authenticator::new(asker(&next), None);
                    request = request.for_another_origin();
                }
                url = next;
            }
        }
    }
}

/// The way to the server, through a proxy or not.
async fn reach(
    url: &Url,
    options: &Options,
    proxied: &mut Option<Proxied>,
    told: &Arc<Told>,
) -> Result<Way, Error> {
    let Some(hop) = proxy::hop(options.proxy.as_ref(), url)? else {
        return dial(&url.host, url.port, &options.timeouts)
            .await
            .map(Way::tcp);
    };
    // What the proxy was told before, it is told again.
    match proxied {
        Some(same) if same.is_through(&hop) => same,
        other => other.insert(Proxied::new(hop, options, told.clone())),
    }
    .reach(url, options)
    .await
}

/// Requests on one connection, until it is open or at its end.
async fn visit(
    way: &mut Way,
    url: &Url,
    request: &Request,
    options: &Options,
    auth: &mut Authenticator,
    redirects: u32,
    told: &Told,
) -> Result<Visit, Error> {
    let handshake = Handshake {
        url,
        request,
        compression: options.compression.as_ref(),
    };
    let mut is_first = true;
    loop {
        let authorization = auth.authorization("GET", &url.target)?;
        let exchange = handshake.exchange(&mut *way.transport, authorization.as_deref(), told);
        let limit = options.timeouts.handshake_limit();
        let other = match within(limit, "the opening handshake took too long", exchange).await {
            Ok(Answer::Opened(opened)) => return Ok(Visit::Opened(*opened)),
            Ok(Answer::Other(other)) => other,
            // The server may have given the connection up while we were asked (RFC 9112 §9.3.1).
            Err(error) if !is_first && error.kind() == ErrorKind::RemoteClosed => {
                return Ok(Visit::Again);
            }
            Err(error) => return Err(error),
        };
        match other.response.status {
            401 => auth.respond(&other.response).await?,
            301 | 302 | 303 | 307 | 308 if redirects > 0 => {
                return match other.response.headers.get("Location") {
                    Some(location) => Ok(Visit::Redirected(location.to_owned())),
                    None => Err(refused(other.response)),
                };
            }
            _ => return Err(refused(other.response)),
        }
        if !other.is_reusable {
            return Ok(Visit::Again);
        }
        is_first = false;
    }
}

impl Way {
    pub(super) fn tcp(tcp: TcpStream) -> Way {
        Way {
            local_address: tcp.local_address(),
            peer_address: tcp.peer_address(),
            transport: Box::new(tcp),
        }
    }

    /// The same with TLS in it.
    pub(super) async fn secure(self, host: &str, options: &Options) -> Result<Way, Error> {
        let connect = tls::connect(self.transport, host, &options.tls);
        let limit = options.timeouts.tls_limit();
        Ok(Way {
            transport: within(limit, "the TLS handshake took too long", connect).await?,
            ..self
        })
    }
}

#[cfg(test)]
#[path = "connect_tests.rs"]
mod tests;
