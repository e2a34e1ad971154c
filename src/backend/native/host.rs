//! Hosts in canonical form, as compared, passed to TLS and looked up in `no_proxy`.

#[cfg(feature = "idna")]
mod ascii;
#[cfg(not(feature = "idna"))]
#[path = "host/no_idna.rs"]
mod ascii;

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::Error;
use crate::grammar::has_empty_label;

/// Forbidden in hosts (RFC 3986 §3.2.2), before and after wide forms are mapped to ASCII; so are
/// blanks and control characters.
const NOT_IN_HOSTS: &str = "\"#%/:<>?@[\\]^`{|}";

/// Escaped in the zone of a URL (RFC 6874 §2).
const NOT_IN_ZONES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A name or an address that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    name: String,
    /// Whether the name ends with the root's dot, so that no search list is tried.
    is_absolute: bool,
    zone: Option<String>,
}

impl Host {
    /// Reads a name in any script, or an address; one of IPv6 with or without brackets and zone.
    pub(crate) fn parse(text: &str) -> Result<Host, Error> {
        let bracketed = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let bare = bracketed.unwrap_or(text);
        let host = match bare.contains(':') {
            true => Host::ipv6(bare),
            false => Host::named(text),
        };
        host.ok_or_else(|| Error::invalid_input(format!("{text:?} {}", ascii::NO_HOST)))
    }

    fn ipv6(text: &str) -> Option<Host> {
        let (address, zone) = match text.split_once('%') {
            Some((address, zone)) => (address, Some(decode_zone(zone)?)),
            None => (text, None),
        };
        Some(Host {
            name: address.parse::<Ipv6Addr>().ok()?.to_string(),
            is_absolute: false,
            zone,
        })
    }

    fn named(text: &str) -> Option<Host> {
        let ascii = ascii::lower(text)?;
        let name = ascii.strip_suffix('.').unwrap_or(&ascii);
        if name.is_empty() || has_empty_label(&ascii) {
            return None;
        }
        let is_address = name.parse::<Ipv4Addr>().is_ok();
        Some(Host {
            name: name.to_owned(),
            is_absolute: !is_address && name.len() < ascii.len(),
            zone: None,
        })
    }

    /// As it is compared and as certificates name it: ASCII in lower case (RFC 5891), without the
    /// root's dot; an address in its shortest form (RFC 5952), without brackets and zone.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    #[cfg(feature = "proxy")]
    pub(crate) fn address(&self) -> Option<std::net::IpAddr> {
        self.name.parse().ok()
    }

    /// Returns whether both are the same; the root's dot makes no difference.
    pub(crate) fn is_same(&self, other: &Host) -> bool {
        (&self.name, &self.zone) == (&other.name, &other.zone)
    }

    /// As it is looked up.
    pub(crate) fn to_lookup(&self) -> Cow<'_, str> {
        match &self.zone {
            Some(zone) => format!("{}%{zone}", self.name).into(),
            None if self.is_absolute => format!("{}.", self.name).into(),
            None => (&*self.name).into(),
        }
    }

    /// As a proxy looks it up, to which a zone of this machine means nothing.
    #[cfg(feature = "proxy")]
    pub(crate) fn to_proxy(&self) -> Cow<'_, str> {
        match self.zone {
            Some(_) => (&*self.name).into(),
            None => self.to_lookup(),
        }
    }

    /// As it stands in a request. A zone is for this machine only (RFC 6874 §4).
    pub(crate) fn to_header(&self) -> Cow<'_, str> {
        match self.name.contains(':') {
            true => format!("[{}]", self.name).into(),
            false => self.to_lookup(),
        }
    }

    /// As it stands in a URL.
    pub(crate) fn to_url(&self) -> Cow<'_, str> {
        match &self.zone {
            Some(zone) => {
                let zone = utf8_percent_encode(zone, NOT_IN_ZONES);
                format!("[{}%25{zone}]", self.name).into()
            }
            None => self.to_header(),
        }
    }
}

/// The zone behind a `%`: as RFC 6874 §2 writes it in URLs, or as it is.
fn decode_zone(text: &str) -> Option<String> {
    let encoded = text.strip_prefix("25").filter(|zone| !zone.is_empty());
    let zone = match encoded {
        Some(zone) => percent_decode_str(zone).decode_utf8().ok()?,
        None => text.into(),
    };
    let is_in_zones = |b: u8| b.is_ascii_graphic() && !matches!(b, b'%' | b'/' | b'[' | b']');
    (!zone.is_empty() && zone.bytes().all(is_in_zones)).then(|| zone.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_host_are_one() {
        for (text, name) in [
            ("svc.example", "svc.example"),
            ("SVC.Example.", "svc.example"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example.", "xn--bcher-kva.example"),
            ("a\u{3002}example\u{FF0E}", "a.example"),
            ("a_b", "a_b"),
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1.", "127.0.0.1"),
            ("[0:0::0:1]", "::1"),
            ("FE80::A", "fe80::a"),
            ("[fe80::1%25eth0]", "fe80::1"),
        ] {
            assert_eq!(Host::parse(text).unwrap().name(), name, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for bad in [
            "",
            ".",
            "..",
            ".com",
            "a..b",
            "a.b..",
            "\u{3002}com",
            "\u{AD}.example.com",
            "a b",
            "a/b",
            "a@b",
            "a%41",
            "a,b c",
            "[a]",
            "[::1",
            "::1]",
            "[::g]",
            "::1:8:9000x",
            "[fe80::1%]",
            "[fe80::1%25a%2Fb]",
            "[fe80::1%a b]",
        ] {
            assert!(Host::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_zone_and_the_root_are_kept_for_the_lookup() {
        for (text, lookup, header, url) in [
            ("A.example.", "a.example.", "a.example.", "a.example."),
            ("::1", "::1", "[::1]", "[::1]"),
            (
                "[fe80::1%eth0]",
                "fe80::1%eth0",
                "[fe80::1]",
                "[fe80::1%25eth0]",
            ),
            (
                "[fe80::1%25eth0]",
                "fe80::1%eth0",
                "[fe80::1]",
                "[fe80::1%25eth0]",
            ),
            (
                "[fe80::1%25a%2Bb]",
                "fe80::1%a+b",
                "[fe80::1]",
                "[fe80::1%25a%2Bb]",
            ),
            ("[fe80::1%25]", "fe80::1%25", "[fe80::1]", "[fe80::1%2525]"),
        ] {
            let host = Host::parse(text).unwrap();
            let forms = (&*host.to_lookup(), &*host.to_header(), &*host.to_url());
            assert_eq!(forms, (lookup, header, url));
            assert_eq!(Host::parse(url).unwrap(), host);
        }
    }

    #[test]
    fn zones_and_names_tell_hosts_apart() {
        let is_same = |a, b| Host::parse(a).unwrap().is_same(&Host::parse(b).unwrap());
        assert!(is_same("a.example.", "A.Example"));
        assert!(is_same("[fe80::1%25b]", "fe80::1%b"));
        assert!(!is_same("fe80::1%a", "fe80::1%b"));
        assert!(!is_same("a.example", "b.example"));
    }
}
