//! Where a server listens.

use std::net::SocketAddr;

use crate::backend::native::host::Host;
use crate::error::Error;
use crate::platform::native::runtime;

/// Reads an IP address with a port; one of IPv6 may have a zone, by its number or its name.
pub(crate) async fn parse(text: &str) -> Result<SocketAddr, Error> {
    let error = match text.parse() {
        Ok(address) => return Ok(address),
        Err(error) => error,
    };
    let refused = || Error::invalid_input(format!("{text:?} is not an address with a port"));
    let Some((host, port)) = split_zoned(text) else {
        return Err(refused().with_source(error));
    };
    let addresses = runtime::resolve(&host.to_lookup(), port).await;
    let address = addresses.map_err(|error| refused().with_source(error))?;
    address.first().copied().ok_or_else(refused)
}

/// An address with a zone, which only the system can read, and a port.
fn split_zoned(text: &str) -> Option<(Host, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let is_zoned = host.starts_with('[') && host.ends_with(']') && host.contains('%');
    let port = port.parse().ok().filter(|_| is_zoned)?;
    Some((Host::parse(host).ok()?, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_with_zones_are_looked_up() {
        let (host, port) = split_zoned("[fe80::1%25eth0]:9000").unwrap();
        assert_eq!((&*host.to_lookup(), port), ("fe80::1%eth0", 9000));
        for text in [
            "localhost:80",
            "a%b:80",
            "[a%b]:80",
            "[::1]:80",
            "fe80::1%eth0:80",
            "[fe80::1%eth0]",
            "[fe80::1%eth0]:",
            "[fe80::1%eth0]:65536",
        ] {
            assert!(split_zoned(text).is_none(), "{text}");
        }
    }
}
