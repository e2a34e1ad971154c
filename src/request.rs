use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::headers::{Headers, holds_control, is_token};
use crate::{Credentials, Error, Features};

/// What to connect to: a URL, and what the opening handshake carries besides.
///
/// Everything is checked by [`open`](crate::WebSocket::open), before any I/O.
///
/// ```
/// use qwebsocket::Request;
///
/// let request = Request::new("wss://chat.example/room?id=7")
///     .subprotocol("chat.v2")
///     .subprotocol("chat.v1")
///     .header("Cookie", "session=31");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    url: String,
    headers: Headers,
    subprotocols: Vec<String>,
    origin: Option<String>,
}

impl Request {
    /// The longest URL that is taken, in bytes.
    pub const MAX_URL: usize = 64 * 1024;

    /// A request for a `ws` or `wss` URL (RFC 6455 §3). It has a host and no fragment; CR, LF and
    /// NUL, also percent-encoded ones, are refused. Credentials in it need
    /// [`Features::AUTHENTICATION`].
    ///
    /// # Platform-specific
    ///
    /// The browser parses the URL by its own rules, so it removes dot segments from the path;
    /// natively the path is sent as it is, with what a URL may not contain percent-encoded.
    pub fn new(url: impl Into<String>) -> Request {
        Request {
            url: url.into(),
            headers: Headers::default(),
            subprotocols: Vec::new(),
            origin: None,
        }
    }

    /// Adds a header line. Case and order are kept. `Upgrade`, `Connection` and `Sec-WebSocket-*`
    /// belong to the handshake and are refused; `Host` and `Origin` replace ours.
    ///
    /// # Platform-specific
    ///
    /// Browsers have no such headers: [`Features::HEADERS`].
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.headers.push(name, value);
        self
    }

    /// Offers a subprotocol; the first is liked best. Names are tokens and unique (RFC 6455 §4.1).
    ///
    /// # Platform-specific
    ///
    /// When the server chooses none of those offered, most browsers fail the connection; natively,
    /// and in Firefox, it opens without one.
    pub fn subprotocol(mut self, name: impl Into<String>) -> Request {
        self.subprotocols.push(name.into());
        self
    }

    /// Sets the `Origin` header (RFC 6454). Default: none.
    ///
    /// # Platform-specific
    ///
    /// Browsers send the page's own: [`Features::ORIGIN`].
    pub fn origin(mut self, origin: impl Into<String>) -> Request {
        self.origin = Some(origin.into());
        self
    }

    /// The URL as it was given.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The application's header lines.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The offered subprotocols.
    pub fn subprotocols(&self) -> &[String] {
        &self.subprotocols
    }

    #[allow(dead_code)] // Not every backend may set it.
    pub(crate) fn origin_header(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The request without what is meant for one server only.
    #[allow(dead_code)] // Not every backend follows redirects.
    pub(crate) fn for_another_origin(self) -> Request {
        let is_private = |name: &str| {
            ["Authorization", "Cookie", "Host", "Proxy-Authorization"]
                .iter()
                .any(|private| name.eq_ignore_ascii_case(private))
        };
        let mut headers = Headers::default();
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_private(name)) {
            headers.push(name, value);
        }
        Request { headers, ..self }
    }

    /// What the request needs that not every platform has.
    pub(crate) fn required(&self, target: &Target<'_>) -> Features {
        let mut required = Features::NONE;
        let (userinfo, _) = split_userinfo(target.authority);
        if userinfo.is_some_and(|userinfo| !userinfo.is_empty()) {
            required |= Features::AUTHENTICATION;
        }
        if !self.headers.is_empty() {
            required |= Features::HEADERS;
        }
        if self.origin.is_some() {
            required |= Features::ORIGIN;
        }
        required
    }

    /// Checks what every platform leaves to us, and takes the URL apart.
    pub(crate) fn check(&self) -> Result<Target<'_>, Error> {
        let target = Target::parse(&self.url)?;
        self.headers.check()?;
        for (name, _) in self.headers.iter() {
            const PREFIX: &str = "Sec-WebSocket-";
            let front = name.get(..PREFIX.len()).unwrap_or(name);
            let own = ["Upgrade", "Connection", PREFIX];
            if own.iter().any(|own| front.eq_ignore_ascii_case(own)) {
                let why = " belongs to the handshake";
                return Err(Error::invalid_name("the header ", name, why));
            }
        }
        if let Some(origin) = &self.origin
            && holds_control(origin)
        {
            return Err(Error::invalid_input("the origin holds a control character"));
        }
        Ok(target)
    }

    /// Checks the names of the subprotocols.
    #[allow(dead_code)] // A browser does it by itself.
    pub(crate) fn check_subprotocols(&self) -> Result<(), Error> {
        for (index, name) in self.subprotocols.iter().enumerate() {
            if !is_token(name) {
                return Err(Error::invalid_input(
                    "the name of a subprotocol is not a token (RFC 6455 §4.1)",
                ));
            }
            if self
                .subprotocols
                .iter()
                .take(index)
                .any(|other| other == name)
            {
                let why = " is offered twice";
                return Err(Error::invalid_name("subprotocol ", name, why));
            }
        }
        Ok(())
    }
}

impl From<&str> for Request {
    fn from(url: &str) -> Request {
        Request::new(url)
    }
}

impl From<String> for Request {
    fn from(url: String) -> Request {
        Request::new(url)
    }
}

/// Shows no credentials.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &without_userinfo(&self.url))
            .field("headers", &self.headers)
            .field("subprotocols", &self.subprotocols)
            .field("origin", &self.origin)
            .finish()
    }
}

/// The parts of a URL, still as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) secure: bool,
    /// Not empty, but not yet checked; see [`Authority`].
    pub(crate) authority: &'a str,
    /// Empty, or beginning with `/` or `?`.
    pub(crate) path_and_query: &'a str,
}

impl<'a> Target<'a> {
    pub(crate) fn parse(url: &'a str) -> Result<Target<'a>, Error> {
        if url.len() > Request::MAX_URL {
            return Err(refuse("longer than 64 KiB"));
        }
        if holds_control(url) || has_encoded_line_break(url) {
            return Err(refuse("it holds a control character"));
        }
        if url.bytes().any(|b| b == b'#') {
            return Err(refuse("it has a fragment (RFC 6455 §3)"));
        }
        let (scheme, rest) = split_before(url, |b| b == b':');
        let Some(rest) = rest.strip_prefix("://") else {
            return Err(refuse("it is not ws://… or wss://…"));
        };
        let secure = scheme.eq_ignore_ascii_case("wss");
        if !secure && !scheme.eq_ignore_ascii_case("ws") {
            return Err(refuse("the scheme is neither ws nor wss"));
        }
        let (authority, path_and_query) = split_before(rest, |b| matches!(b, b'/' | b'?' | b'\\'));
        if authority.is_empty() {
            return Err(refuse(NO_HOST));
        }
        Ok(Target {
            secure,
            authority,
            path_and_query,
        })
    }

    /// The URL without its credentials.
    #[allow(dead_code)] // Not every backend hands URLs on.
    pub(crate) fn without_userinfo(&self) -> String {
        let scheme = if self.secure { "wss://" } else { "ws://" };
        let (_, host_and_port) = split_userinfo(self.authority);
        scheme.to_owned() + host_and_port + self.path_and_query
    }
}

/// The part of a URL between `//` and the path.
pub(crate) struct Authority<'a> {
    pub(crate) userinfo: Option<&'a str>,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Authority<'a>, Error> {
        let (userinfo, host_and_port) = split_userinfo(text);
        let (host, port) = match host_and_port.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = split_before(bracketed, |b| b == b']');
                if !host.bytes().any(|b| b == b':') {
                    return Err(refuse("what is in brackets is not an IPv6 address"));
                }
                let Some(port) = rest.strip_prefix(']') else {
                    return Err(refuse("the IPv6 address has no end"));
                };
                (host, port)
            }
            None => split_before(host_and_port, |b| b == b':'),
        };
        if host.is_empty() {
            return Err(refuse(NO_HOST));
        }
        if host.bytes().any(|b| {
            matches!(
                b,
                b' ' | b'%' | b'<' | b'>' | b'"' | b'^' | b'|' | b'`' | b'{' | b'}'
            )
        }) {
            return Err(refuse("the host holds a character that no host has"));
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some("") => None,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
                Ok(port) => Some(port),
                Err(_) => return Err(refuse("the port is over 65535")),
            },
            _ => return Err(refuse("the port is not a number")),
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

/// A URL, well-formed or not, without what stands in front of its host.
pub(crate) fn without_userinfo(url: &str) -> Cow<'_, str> {
    let rest = match split_before(url, |b| b == b':').1.strip_prefix("://") {
        Some(rest) => rest,
        None => url,
    };
    let scheme_and_slashes = url.strip_suffix(rest).unwrap_or_default();
    let (authority, path) = split_before(rest, |b| matches!(b, b'/' | b'?' | b'#' | b'\\'));
    match split_userinfo(authority) {
        (Some(_), host) => (scheme_and_slashes.to_owned() + host + path).into(),
        (None, _) => url.into(),
    }
}

/// What is in front of the last `@`, and what is behind it.
fn split_userinfo(authority: &str) -> (Option<&str>, &str) {
    let at = authority.bytes().rposition(|b| b == b'@');
    match at.and_then(|at| authority.split_at_checked(at)) {
        Some((userinfo, host)) => (Some(userinfo), host.trim_start_matches('@')),
        None => (None, authority),
    }
}

/// What is in front of the first such ASCII character, and what is from it on.
pub(crate) fn split_before(text: &str, is_stop: fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(is_stop);
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or((text, ""))
}

const NO_HOST: &str = "it has no host";

fn refuse(why: &str) -> Error {
    Error::invalid_name("invalid URL: ", why, "")
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
    fn credentials_are_not_shown() {
        for (url, expected) in [
            ("ws://u:p@h/a@b", "ws://h/a@b"),
            ("u:p@h", "h"),
            ("ws://u:p@q@h?@", "ws://h?@"),
            ("ws://h/", "ws://h/"),
        ] {
            let shown = format!("{:?}", Request::new(url));
            assert!(shown.contains(&format!("{expected:?}")), "{shown}");
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("WSS://u:p@[::1]:9000/a?b").unwrap();
        assert!(target.secure);
        assert_eq!(target.path_and_query, "/a?b");
        let authority = Authority::parse(target.authority).unwrap();
        assert_eq!(authority.userinfo, Some("u:p"));
        assert_eq!((authority.host, authority.port), ("::1", Some(9000)));
        let target = Target::parse("ws://example?x").unwrap();
        assert_eq!(target.path_and_query, "?x");
        let authority = Authority::parse(target.authority).unwrap();
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
        ] {
            let target = Target::parse(url);
            let authority = target.and_then(|target| Authority::parse(target.authority));
            assert!(authority.is_err(), "{url:?}");
        }
        let long = format!("ws://a/{}", "x".repeat(Request::MAX_URL));
        assert!(Target::parse(&long).is_err());
    }

    #[test]
    fn a_query_may_have_encoded_line_breaks() {
        for query in ["a=%0D%0Ab", "%0a", "a/%0d?%0D"] {
            let url = format!("ws://a/b?{query}");
            let target = Target::parse(&url).expect(query);
            assert_eq!(target.path_and_query, format!("/b?{query}"));
        }
    }

    #[test]
    fn the_rest_of_a_request_is_checked() {
        let fine = Request::new("ws://a/");
        assert!(fine.check().is_ok());
        for bad in [
            fine.clone().origin("http://a\nEvil: yes"),
            fine.clone().header("Connection", "close"),
            fine.clone().header("sec-websocket-key", "AAAA"),
            fine.clone().header("a b", "c"),
            fine.clone().header("X", "a\r\nb: c"),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        for bad in [
            fine.clone().subprotocol("a b"),
            fine.clone().subprotocol(""),
            fine.clone().subprotocol("a").subprotocol("a"),
        ] {
            assert!(bad.check_subprotocols().is_err(), "{bad:?}");
        }
        for (request, expected) in [
            (fine.clone(), Features::NONE),
            (
                fine.clone().header("X", "y").origin("http://a"),
                Features::HEADERS | Features::ORIGIN,
            ),
            (Request::new("ws://u:p@a/"), Features::AUTHENTICATION),
        ] {
            let target = request.check().unwrap();
            assert_eq!(request.required(&target), expected);
        }
    }
}
