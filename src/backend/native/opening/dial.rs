//! From a name to TCP: look-up, and the race of the addresses.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};

use super::endpoint::authority;
use crate::backend::native::error::io_error;
use crate::backend::native::timeout::timeout;
use crate::error::{Error, ErrorKind};
use crate::options::timeouts::Timeouts;
use crate::platform;
use crate::platform::native::runtime;
use crate::platform::native::runtime::TcpStream;
use crate::trace;

/// How long one address has before the next is tried beside it (RFC 8305 §5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to a host by its name or address.
pub(crate) async fn dial(host: &str, port: u16, timeouts: &Timeouts) -> Result<TcpStream, Error> {
    runtime::check().map_err(io_error)?;
    let resolve = async {
        runtime::resolve(host, port).await.map_err(|error| {
            let text = format!("host {host} not found");
            Error::new(ErrorKind::HostNotFound, text).with_source(error)
        })
    };
    let limit = timeouts.get_resolve();
    let addresses = timeout(limit, "looking up the host took too long", resolve).await?;
    trace::resolved(host, &addresses);
    let connect = async {
        race(interleave(addresses)).await.map_err(|error| {
            let kind = match error.kind() {
                io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
                io::ErrorKind::TimedOut => ErrorKind::TimedOut,
                _ => return io_error(error),
            };
            let text = format!("{kind}: {}", authority(host, port));
            Error::new(kind, text).with_source(error)
        })
    };
    let tcp = timeout(timeouts.get_connect(), "connecting took too long", connect).await?;
    trace::dialed(tcp.local_address(), tcp.peer_address());
    Ok(tcp)
}

/// Happy Eyeballs (RFC 8305 §5): each address gets a head start; the first that connects wins, and
/// a failure starts the next at once.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        trace::dialing(address);
        attempts.push(TcpStream::connect(address));
        match select(attempts.next(), platform::sleep(ATTEMPT_DELAY)).await {
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
    use crate::backend::native::opening::dead_end;

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
        let silent = dead_end::blackhole().unwrap();
        let live = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let live = live.local_addr().unwrap();
        let stream = async_std::task::block_on(race(vec![silent.address(), live])).unwrap();
        assert_eq!(stream.peer_address(), Some(live));
    }

    #[test]
    fn a_refusal_starts_the_next_and_the_last_one_counts() {
        let refused = dead_end::refused_port().unwrap();
        let live = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let live = live.local_addr().unwrap();
        let stream = async_std::task::block_on(race(vec![refused.address(), live])).unwrap();
        assert_eq!(stream.peer_address(), Some(live));
        let error = async_std::task::block_on(race(vec![refused.address()])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
