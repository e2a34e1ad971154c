//! URLs with the schemes `ws` and `wss` (RFC 6455 §3), taken apart.

use percent_encoding::percent_decode_str;

use crate::auth::Credentials;
use crate::error::Error;
use crate::grammar::{has_empty_label, holds_control, split_before, split_userinfo};

/// The longest URL that is taken, in bytes.
pub(crate) const MAX_URL: usize = 64 * 1024;

/// The parts of a URL, still as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) secure: bool,
    pub(crate) userinfo: Option<&'a str>,
    /// Not yet checked; see [`Authority`].
    pub(crate) host_and_port: &'a str,
    /// Empty, or beginning with `/` or `?`.
    pub(crate) path_and_query: &'a str,
}

impl<'a> Target<'a> {
    pub(crate) fn parse(url: &'a str) -> Result<Target<'a>, Error> {
        if url.len() > MAX_URL {
            return Err(refuse("invalid URL: longer than 64 KiB"));
        }
        // A parameter may hold a line break; no path and no name does.
        let (in_front_of_query, _) = split_before(url, |b| b == b'?');
        if holds_control(url) || has_encoded_line_break(in_front_of_query) {
            return Err(refuse("invalid URL: it holds a control character"));
        }
        if url.bytes().any(|b| b == b'#') {
            return Err(refuse("invalid URL: it has a fragment (RFC 6455 §3)"));
        }
        let (scheme, rest) = split_before(url, |b| b == b':');
        let Some(rest) = rest.strip_prefix("://") else {
            return Err(refuse("invalid URL: it is not ws://… or wss://…"));
        };
        let secure = scheme.eq_ignore_ascii_case("wss");
        if !secure && !scheme.eq_ignore_ascii_case("ws") {
            return Err(refuse("invalid URL: the scheme is neither ws nor wss"));
        }
        let (authority, path_and_query) = split_before(rest, |b| matches!(b, b'/' | b'?' | b'\\'));
        if authority.is_empty() {
            return Err(refuse(NO_HOST));
        }
        let (userinfo, host_and_port) = split_userinfo(authority);
        let (name, _) = split_before(host_and_port, |b| b == b':');
        check_labels(name)?;
        Ok(Target {
            secure,
            userinfo,
            host_and_port,
            path_and_query,
        })
    }

    /// Returns whether the host is an IPv6 address with a zone (RFC 6874).
    #[allow(dead_code)] // Only a browser lacks them.
    pub(crate) fn has_zone(&self) -> bool {
        self.host_and_port.starts_with('[') && self.host_and_port.bytes().any(|b| b == b'%')
    }

    /// The URL without its credentials.
    #[allow(dead_code)] // Not every backend hands URLs on.
    pub(crate) fn without_userinfo(&self) -> String {
        let scheme = if self.secure { "wss://" } else { "ws://" };
        scheme.to_owned() + self.host_and_port + self.path_and_query
    }
}

/// The part of a URL between `//` and the path.
pub(crate) struct Authority<'a> {
    pub(crate) userinfo: Option<&'a str>,
    /// Without the brackets of an IPv6 address, but with its zone.
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Authority<'a>, Error> {
        let (userinfo, host_and_port) = split_userinfo(text);
        let bracketed = host_and_port.strip_prefix('[');
        let (host, port) = match bracketed {
            Some(bracketed) => {
                let (host, rest) = split_before(bracketed, |b| b == b']');
                if !host.bytes().any(|b| b == b':') {
                    return Err(refuse(
                        "invalid URL: what is in brackets is not an IPv6 address",
                    ));
                }
                let Some(port) = rest.strip_prefix(']') else {
                    return Err(refuse("invalid URL: the IPv6 address has no end"));
                };
                (host, port)
            }
            None => split_before(host_and_port, |b| b == b':'),
        };
        if host.is_empty() {
            return Err(refuse(NO_HOST));
        }
        let is_in_no_host = |b| match b {
            b' ' | b'<' | b'>' | b'"' | b'^' | b'|' | b'`' | b'{' | b'}' => true,
            // A zone is behind it.
            b'%' => bracketed.is_none(),
            _ => false,
        };
        if host.bytes().any(is_in_no_host) {
            return Err(refuse(
                "invalid URL: the host holds a character that no host has",
            ));
        }
        check_labels(host)?;
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some("") => None,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
                Ok(port) => Some(port),
                Err(_) => return Err(refuse("invalid URL: the port is over 65535")),
            },
            _ => return Err(refuse("invalid URL: the port is not a number")),
        };
        Ok(Authority {
            userinfo,
            host,
            port,
        })
    }
}

/// The credentials of a URL; no user is no credentials.
#[allow(dead_code)] // Not every backend may send them.
pub(crate) fn credentials(userinfo: Option<&str>) -> Option<Credentials> {
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = match userinfo?.split_once(':') {
        Some((user, password)) => (user, password),
        None => (userinfo?, ""),
    };
    (!user.is_empty()).then(|| Credentials::new(decoded(user), decoded(password)))
}

const NO_HOST: &str = "invalid URL: it has no host";

#[inline(never)] // The code is there once, not at each call.
fn refuse(why: &'static str) -> Error {
    Error::invalid_input(why)
}

/// A name with an empty label in front is a pattern for some TLS libraries.
fn check_labels(host: &str) -> Result<(), Error> {
    if has_empty_label(host) {
        return Err(refuse("invalid URL: a label of the host is empty"));
    }
    Ok(())
}

/// An encoded CR, LF or NUL does no harm to us, but to many a server behind us.
fn has_encoded_line_break(url: &str) -> bool {
    url.as_bytes().windows(3).any(|w| {
        w[0] == b'%' && w[1] == b'0' && matches!(w[2].to_ascii_lowercase(), b'0' | b'a' | b'd')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("WSS://u:p@[::1]:9000/a?b").unwrap();
        assert!(target.secure);
        assert_eq!(target.path_and_query, "/a?b");
        let authority = Authority::parse(target.host_and_port).unwrap();
        assert_eq!(target.userinfo, Some("u:p"));
        assert_eq!((authority.host, authority.port), ("::1", Some(9000)));
        let target = Target::parse("ws://example?x").unwrap();
        assert_eq!(target.path_and_query, "?x");
        let authority = Authority::parse(target.host_and_port).unwrap();
        assert_eq!((authority.host, authority.port), ("example", None));
    }

    #[test]
    fn bad_urls_are_refused() {
        for url in [
            "",
            "example",
            "http://example/",
            "ftp://example/",
            "ws:///path",
            "ws://:80/",
            "ws://user@/",
            "ws://a/#f",
            "ws://a/\r\nX: y",
            "ws://a\r\n/",
            "ws://a/\0",
            "ws://a/%0d%0aX",
            "ws://a/%0D%0A",
            "ws://a/%00",
            "ws://a/%0D%0A?b",
            "ws://u%0D%0A:p@a/",
            "ws://u:p%0A@a/?b",
            "ws://a/?b\r\nX: y",
            "ws://a:65536/",
            "ws://a:-1/",
            "ws://[::1/",
            "ws://[a]/",
            "ws://a b/",
            "ws://.com/",
            "ws://user@.a.example:80/",
            "ws://a..b/",
            "ws://a../",
            "ws://./",
        ] {
            let target = Target::parse(url);
            let authority = target.and_then(|target| Authority::parse(target.host_and_port));
            assert!(authority.is_err(), "{url:?}");
        }
        let long = format!("ws://a/{}", "x".repeat(MAX_URL));
        assert!(Target::parse(&long).is_err());
    }

    #[test]
    fn a_host_may_have_the_roots_dot_or_a_zone() {
        for (url, host, has_zone) in [
            ("ws://a.example./", "a.example.", false),
            ("ws://[fe80::1%25eth0]:9/%41", "fe80::1%25eth0", true),
            ("ws://u%41@[fe80::1%eth0]", "fe80::1%eth0", true),
            ("ws://u%41@[::1]/%41", "::1", false),
            ("ws://[::ffff:1.2.3.4]/", "::ffff:1.2.3.4", false),
        ] {
            let target = Target::parse(url).expect(url);
            let authority = Authority::parse(target.host_and_port).expect(url);
            assert_eq!((authority.host, target.has_zone()), (host, has_zone));
        }
    }

    #[test]
    fn a_query_may_have_encoded_line_breaks() {
        for query in ["a=%0D%0Ab", "%0a", "a/%0d?%0D"] {
            let url = format!("ws://a/b?{query}");
            let target = Target::parse(&url).expect(query);
            assert_eq!(target.path_and_query, format!("/b?{query}"));
        }
    }
}
