//! A checked URL, as the native backend uses it.

use idna::AsciiDenyList;

use crate::auth::Credentials;
use crate::error::Error;
use crate::url::{Authority, Target, credentials};

/// What no host has (RFC 3986 §3.2.2), neither as it was given nor when a wide form of it has become
/// ASCII.
const NOT_IN_HOSTS: AsciiDenyList = AsciiDenyList::new(true, "\"#%/:<>?@[\\]^`{|}");

/// What a URL says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) secure: bool,
    /// As it is looked up and as certificates name it: ASCII, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The value of the `Host` header: with the port only if the URL has it.
    pub(crate) authority: String,
    /// The request target: path and query.
    pub(crate) target: String,
    pub(crate) credentials: Option<Credentials>,
}

impl Endpoint {
    pub(crate) fn new(target: &Target<'_>) -> Result<Endpoint, Error> {
        let Authority {
            userinfo,
            host,
            port,
        } = Authority::parse(target.authority)?;
        let host = ascii_host(host)?;
        let mut authority = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        if let Some(port) = port {
            authority.push_str(&format!(":{port}"));
        }
        Ok(Endpoint {
            secure: target.secure,
            port: port.unwrap_or(if target.secure { 443 } else { 80 }),
            target: request_target(target),
            credentials: credentials(userinfo),
            host,
            authority,
        })
    }

    /// Whether both are the same server (RFC 6454 §5).
    pub(crate) fn has_origin_of(&self, other: &Endpoint) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }
}

/// Without the credentials.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        write!(f, "{scheme}://{}{}", self.authority, self.target)
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

/// Names in other scripts are looked up in their ASCII form (RFC 5891).
fn ascii_host(host: &str) -> Result<String, Error> {
    if host.contains(':') {
        return match host.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(host.to_owned()),
            Err(_) => Err(Error::invalid_input("invalid URL: not an IPv6 address")),
        };
    }
    match idna::domain_to_ascii_cow(host.as_bytes(), NOT_IN_HOSTS) {
        Ok(host) if !host.is_empty() => Ok(host.into_owned()),
        _ => Err(Error::invalid_input("invalid URL: not the name of a host")),
    }
}

/// Path and query with what a URL may not contain percent-encoded (RFC 3986 §3.3, §3.4).
fn request_target(target: &Target<'_>) -> String {
    let path = target.path_and_query;
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
        assert_eq!(url("ws://a").authority, "a");
        assert_eq!(url("ws://a").port, 80);
        assert_eq!(url("wss://a").port, 443);
        assert_eq!(url("ws://a:80/").authority, "a:80");
        assert_eq!(url("ws://[::1]:9/").authority, "[::1]:9");
        assert_eq!(url("ws://[::1]:9/").host, "::1");
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
    }

    #[test]
    fn hosts_become_ascii_and_bad_ones_are_refused() {
        assert_eq!(url("ws://Bücher.example/").host, "xn--bcher-kva.example");
        assert_eq!(url("ws://user:pass@A_b/x").to_string(), "ws://a_b/x");
        let wide = ["ws://a／b/", "ws://a＠b/", "ws://a：1/", "ws://a\u{3000}b/"];
        for bad in ["ws://[::g]/", "ws://a%20b/", "ws://a]/", "ws://a[/"]
            .into_iter()
            .chain(wide)
        {
            let request = Request::new(bad);
            let url = request.check().and_then(|target| Endpoint::new(&target));
            assert!(url.is_err(), "{bad}");
        }
    }
}
