//! A checked URL, as the native backend uses it.

use std::fmt;

use crate::auth::Credentials;
use crate::backend::native::host::Host;
use crate::error::Error;
use crate::url::{Authority, Target, credentials};

/// A parsed WebSocket URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) secure: bool,
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// Whether the port is in the URL.
    has_port: bool,
    /// The request target: path and query.
    pub(crate) target: String,
    /// Whether a `?` with nothing behind it was left out of the target.
    has_empty_query: bool,
    pub(crate) credentials: Option<Credentials>,
}

impl Endpoint {
    pub(crate) fn new(target: &Target<'_>) -> Result<Endpoint, Error> {
        let Authority { host, port, .. } = Authority::parse(target.host_and_port)?;
        let host = Host::parse(host)
            .map_err(|error| Error::invalid_input(format!("invalid URL: {error}")))?;
        // RFC 6455 §3: a `?` is there if the query is not empty.
        let without_mark = target
            .path_and_query
            .strip_suffix('?')
            .filter(|path| !path.contains('?'));
        Ok(Endpoint {
            secure: target.secure,
            host,
            port: port.unwrap_or(if target.secure { 443 } else { 80 }),
            has_port: port.is_some(),
            target: request_target(without_mark.unwrap_or(target.path_and_query)),
            has_empty_query: without_mark.is_some(),
            credentials: credentials(target.userinfo),
        })
    }

    /// The value of the `Host` header: with the port only if the URL has it.
    pub(crate) fn authority(&self) -> String {
        self.with_port(&self.host.to_header())
    }

    /// The host as it is compared, with the port in any case.
    pub(crate) fn peer(&self) -> String {
        authority(self.host.name(), self.port)
    }

    /// The base for relative references. It has no zone, which no URL of the standard has.
    #[cfg(feature = "redirects")]
    pub(crate) fn base(&self) -> String {
        self.to_text(&self.host.to_header())
    }

    /// The same in the zone of another address, if it is that address.
    #[cfg(feature = "redirects")]
    pub(crate) fn in_zone_of(self, other: &Endpoint) -> Endpoint {
        if self.host.name() != other.host.name() {
            return self;
        }
        Endpoint {
            host: other.host.clone(),
            ..self
        }
    }

    /// Returns whether both are the same server (RFC 6454 §5).
    pub(crate) fn has_origin_of(&self, other: &Endpoint) -> bool {
        (self.secure, self.port) == (other.secure, other.port) && self.host.is_same(&other.host)
    }

    fn to_text(&self, host: &str) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        let authority = self.with_port(host);
        let mark = if self.has_empty_query { "?" } else { "" };
        format!("{scheme}://{authority}{}{mark}", self.target)
    }

    fn with_port(&self, host: &str) -> String {
        match self.has_port {
            true => format!("{host}:{}", self.port),
            false => host.to_owned(),
        }
    }
}

/// Without the credentials.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(&self.host.to_url()))
    }
}

/// Host and port as they stand in a request.
pub(crate) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// Path and query with what a URL may not contain percent-encoded (RFC 3986 §3.3, §3.4).
fn request_target(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        out.push('/');
    }
    for (index, byte) in path.bytes().enumerate() {
        let keep = match byte {
            b'%' => is_encoded(&path.as_bytes()[index..]),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            byte => byte.is_ascii_graphic(),
        };
        if keep {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn is_encoded(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    fn url(text: &str) -> Endpoint {
        Endpoint::new(&Request::new(text).check().unwrap()).unwrap()
    }

    #[test]
    fn the_port_is_in_host_only_if_it_is_in_the_url() {
        assert_eq!(url("ws://a").authority(), "a");
        assert_eq!(url("ws://a").port, 80);
        assert_eq!(url("wss://a").port, 443);
        assert_eq!(url("ws://a:80/").authority(), "a:80");
        assert_eq!(url("ws://[::1]:9/").authority(), "[::1]:9");
        assert_eq!(url("ws://[::1]:9/").host.name(), "::1");
    }

    #[test]
    fn the_target_is_sent_as_it_is_but_encoded() {
        assert_eq!(url("ws://a").target, "/");
        assert_eq!(url("ws://a?q").target, "/?q");
        assert_eq!(url("ws://a/a/../b/./c//d").target, "/a/../b/./c//d");
        assert_eq!(url("ws://a/?q=one%0D%0Atwo").target, "/?q=one%0D%0Atwo");
        assert_eq!(
            url("ws://a/ü b%20%zz?x=\"ä\"").target,
            "/%C3%BC%20b%20%25zz?x=%22%C3%A4%22"
        );
    }

    /// RFC 6455 §3.
    #[test]
    fn an_empty_query_is_left_out() {
        assert_eq!(url("ws://a?").target, "/");
        assert_eq!(url("ws://a/p?").target, "/p");
        assert_eq!(url("ws://a/p??").target, "/p??");
        for text in ["ws://a/?", "ws://a/p?", "ws://a/p??", "ws://a/p"] {
            assert_eq!(url(text).to_string(), text);
        }
    }

    #[test]
    fn hosts_become_ascii_and_bad_ones_are_refused() {
        assert_eq!(
            url("ws://Bücher.example/").host.name(),
            "xn--bcher-kva.example"
        );
        assert_eq!(url("ws://user:pass@A_b/x").to_string(), "ws://a_b/x");
        let wide = ["ws://a／b/", "ws://a＠b/", "ws://a：1/", "ws://a\u{3000}b/"];
        for bad in [
            "ws://[::g]/",
            "ws://a%20b/",
            "ws://a]/",
            "ws://a[/",
            "ws://\u{3002}com/",
        ]
        .into_iter()
        .chain(wide)
        {
            let request = Request::new(bad);
            let url = request.check().and_then(|target| Endpoint::new(&target));
            assert!(url.is_err(), "{bad}");
        }
    }
    /// RFC 6874 §4.
    #[test]
    fn a_zone_is_in_the_url_and_not_in_host() {
        for text in ["ws://[fe80::1%25eth0]:9000/", "ws://[fe80::1%eth0]:9000/"] {
            let url = url(text);
            assert_eq!(url.host.to_lookup(), "fe80::1%eth0");
            assert_eq!(url.authority(), "[fe80::1]:9000");
            assert_eq!(url.to_string(), "ws://[fe80::1%25eth0]:9000/");
        }
    }

    #[test]
    fn an_origin_has_many_spellings() {
        let is_same = |a, b| url(a).has_origin_of(&url(b));
        assert!(is_same("wss://a.example/", "wss://A.example.:443/b"));
        assert!(is_same("ws://[::1]/", "ws://[0:0::1]:80/"));
        for other in ["ws://a.example/", "wss://b.example/", "wss://a.example:1/"] {
            assert!(!is_same("wss://a.example/", other), "{other}");
        }
        assert!(!is_same("ws://[fe80::1%25a]/", "ws://[fe80::1%25b]/"));
    }
}
