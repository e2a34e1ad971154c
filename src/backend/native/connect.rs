//! From a URL to an established connection: addresses, TCP, TLS, opening handshake.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};

use super::handshake::{self, Opened};
use super::link::io_error;
use super::runtime::{self, TcpStream};
use super::tls;
use super::url::Url;
use super::wire::Transport;
use crate::{Error, ErrorKind, Options, Request};

/// How long one address has before the next is tried beside it (RFC 8305 §5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// An attempt to connect; dropping it gives up.
pub(super) struct Connecting {
    attempt: Pin<Box<dyn Future<Output = Result<Established, Error>> + Send>>,
    written: Arc<AtomicUsize>,
}

impl Connecting {
    pub(super) fn new(url: Url, request: Request, options: Options) -> Connecting {
        let written = Arc::<AtomicUsize>::default();
        Connecting {
            attempt: Box::pin(connect(url, request, options, written.clone())),
            written,
        }
    }

    /// The bytes that were written to the server since this was last asked.
    pub(super) fn take_written(&self) -> usize {
        self.written.swap(0, Ordering::Relaxed)
    }
}

impl Future for Connecting {
    type Output = Result<Established, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.attempt.as_mut().poll(cx)
    }
}

/// A connection on which messages can be sent.
pub(super) struct Established {
    pub(super) transport: Box<dyn Transport>,
    pub(super) opened: Opened,
    pub(super) local_address: Option<SocketAddr>,
    pub(super) peer_address: Option<SocketAddr>,
}

/// Connects within the time limits.
async fn connect(
    url: Url,
    request: Request,
    options: Options,
    written: Arc<AtomicUsize>,
) -> Result<Established, Error> {
    let timeouts = options.timeouts;
    let tcp = within(
        timeouts.connect_limit(),
        "connecting took too long",
        dial(&url),
    )
    .await?;
    let local_address = tcp.local_address();
    let peer_address = tcp.peer_address();
    let shake_hands = async {
        let mut transport: Box<dyn Transport> = if url.secure {
            tls::connect(tcp, &url.host, &options.tls).await?
        } else {
            Box::new(tcp)
        };
        let compression = options.compression.as_ref();
        let stream = &mut *transport;
        let opened = handshake::shake_hands(stream, &url, &request, compression, &written).await?;
        Ok((transport, opened))
    };
    let (transport, opened) = within(
        timeouts.handshake_limit(),
        "the opening handshake took too long",
        shake_hands,
    )
    .await?;
    Ok(Established {
        transport,
        opened,
        local_address,
        peer_address,
    })
}

/// `future`, or [`ErrorKind::TimedOut`] after `limit`.
pub(super) async fn within<T>(
    limit: Option<Duration>,
    text: &'static str,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else {
        return future.await;
    };
    match select(pin!(future), runtime::sleep(limit)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::new(ErrorKind::TimedOut, text)),
    }
}

async fn dial(url: &Url) -> Result<TcpStream, Error> {
    let addresses = runtime::resolve(&url.host, url.port)
        .await
        .map_err(|error| {
            Error::new(
                ErrorKind::HostNotFound,
                format!("host {} not found", url.host),
            )
            .with_source(error)
        })?;
    race(interleave(addresses)).await.map_err(|error| {
        let kind = match error.kind() {
            io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
            io::ErrorKind::TimedOut => ErrorKind::TimedOut,
            _ => return io_error(error),
        };
        let text = format!("{kind}: {}", url.authority);
        Error::new(kind, text).with_source(error)
    })
}

/// Happy Eyeballs (RFC 8305 §5): each address gets a head start; the first that connects wins, and
/// a failure starts the next at once.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        attempts.push(TcpStream::connect(address));
        match select(attempts.next(), runtime::sleep(ATTEMPT_DELAY)).await {
            Either::Left((Some(Ok(stream)), _)) => return Ok(stream),
            Either::Left((Some(Err(error)), _)) => failure = error,
            Either::Left((None, _)) | Either::Right(_) => {}
        }
    }
    while let Some(result) = attempts.next().await {
        match result {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Alternates the address families, beginning with that of the first (RFC 8305 §4).
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut second = second.into_iter();
    let mut mixed = Vec::new();
    for address in first {
        mixed.push(address);
        mixed.extend(second.next());
    }
    mixed.extend(second);
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_alternate() {
        let parse = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|a| a.parse().unwrap()).collect()
        };
        assert_eq!(
            interleave(parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"])),
            parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"])
        );
        assert_eq!(
            interleave(parse(&["1.1.1.1:1", "[::1]:1", "[::2]:1"])),
            parse(&["1.1.1.1:1", "[::1]:1", "[::2]:1"])
        );
    }

    #[test]
    fn a_silent_address_does_not_hold_up_the_next() {
        let silent = support::blackhole().unwrap();
        let live = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let live = live.local_addr().unwrap();
        let stream = async_std::task::block_on(race(vec![silent.address(), live])).unwrap();
        assert_eq!(stream.peer_address(), Some(live));
    }

    #[test]
    fn a_refusal_starts_the_next_and_the_last_one_counts() {
        let refused = support::refused_port().unwrap();
        let live = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let live = live.local_addr().unwrap();
        let stream = async_std::task::block_on(race(vec![refused.address(), live])).unwrap();
        assert_eq!(stream.peer_address(), Some(live));
        let error = async_std::task::block_on(race(vec![refused.address()])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
