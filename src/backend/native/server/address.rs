//! Where a server listens.

use std::net::SocketAddr;

use crate::backend::native::host::Host;
use crate::error::{Error, ErrorKind};
use crate::platform::native::runtime;

/// The addresses of a name or an IP address with a port; one of IPv6 may have a zone, by its number
/// or its name.
pub(crate) async fn resolve(text: &str) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = text.parse() {
        return Ok(vec![address]);
    }
    let refused = |kind| {
        let why = format!("{text:?} is not an address or a name with a port");
        Error::new(kind, why)
    };
    let Some((host, port)) = split(text) else {
        return Err(refused(ErrorKind::InvalidInput));
    };
    let addresses = runtime::resolve(&host.to_lookup(), port).await;
    addresses.map_err(|error| match text.starts_with('[') {
        true => refused(ErrorKind::InvalidInput).with_source(error),
        false => refused(ErrorKind::HostNotFound).with_source(error),
    })
}

/// A name, or an address with a zone, which only the system can read; and a port.
fn split(text: &str) -> Option<(Host, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let is_zoned = host.starts_with('[') && host.ends_with(']') && host.contains('%');
    let is_name = !host.contains(['[', ':']);
    let port = port.parse().ok().filter(|_| is_zoned || is_name)?;
    Some((Host::parse(host).ok()?, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_with_zones_are_looked_up() {
        let (host, port) = split("[fe80::1%25eth0]:9000").unwrap();
        assert_eq!((&*host.to_lookup(), port), ("fe80::1%eth0", 9000));
        let (host, port) = split("localhost:80").unwrap();
        assert_eq!((&*host.to_lookup(), port), ("localhost", 80));
        for text in [
            "a%b:80",
            ":80",
            "localhost:",
            "localhost",
            "[a%b]:80",
            "[::1]:80",
            "fe80::1%eth0:80",
            "[fe80::1%eth0]",
            "[fe80::1%eth0]:",
            "[fe80::1%eth0]:65536",
        ] {
            assert!(split(text).is_none(), "{text}");
        }
    }
}
