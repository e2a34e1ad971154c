#[cfg(feature = "http")]
mod from_http;

use std::fmt;

use crate::error::Error;
use crate::features::Features;
use crate::grammar::{holds_control, is_token, without_secrets};
use crate::headers::Headers;
use crate::url::{self, Target};

/// The target of a connection: a URL, and the additional contents of the opening handshake.
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
#[must_use = "a request does nothing until a socket opens it"]
pub struct Request {
    url: String,
    headers: Headers,
    subprotocols: Vec<String>,
    origin: Option<String>,
}

impl Request {
    /// The longest URL that is taken, in bytes.
    pub const MAX_URL: usize = url::MAX_URL;

    /// A request for a `ws` or `wss` URL (RFC 6455 §3). It has a host, of which no label is empty,
    /// and no fragment. Control characters are refused; CR, LF and NUL in percent-encoding as well,
    /// apart from the query, where they are a parameter's. Credentials in it need
    /// [`Features::AUTHENTICATION`].
    ///
    /// # Platform-specific
    ///
    /// The browser parses the URL by its own rules, so it removes dot segments from the path, and
    /// sends a `?` with nothing behind it; natively the path is sent as it is, with what a URL may
    /// not contain percent-encoded, and without that `?`.
    ///
    /// An IPv6 address may have a zone natively, as in `ws://[fe80::1%25eth0]/` (RFC 6874) or with
    /// a bare `%`. It is looked up and never sent. Browsers take none; it is refused there.
    pub fn new(url: impl Into<String>) -> Request {
        Request {
            url: url.into(),
            headers: Headers::default(),
            subprotocols: Vec::new(),
            origin: None,
        }
    }

    /// Adds a header line. Case and order are kept, white space around the value is not (RFC 9110
    /// §5.5). `Upgrade`, `Connection`, `Transfer-Encoding` and `Sec-WebSocket-*` belong to the handshake
    /// and are refused, and so is a `Content-Length` other than 0; `Host` and `Origin` replace ours,
    /// and are sent in ASCII like [`origin`](Self::origin).
    ///
    /// # Platform-specific
    ///
    /// Browsers have no such headers: [`Features::HEADERS`].
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.headers.push(name, trimmed(value.into()));
        self
    }

    /// Offers a subprotocol, in order of preference. Names are tokens and unique (RFC 6455 §4.1).
    ///
    /// # Platform-specific
    ///
    /// When the server chooses none of those offered, most browsers fail the connection; natively,
    /// and in Firefox, it opens without one. Natively an empty `Sec-WebSocket-Protocol` in the
    /// answer, which old servers send, means none.
    pub fn subprotocol(mut self, name: impl Into<String>) -> Request {
        self.subprotocols.push(name.into());
        self
    }

    /// Sets the `Origin` header (RFC 6454), without white space around it. Its host is sent in
    /// ASCII (RFC 5891); anything else that is not ASCII is refused. Default: none.
    ///
    /// # Platform-specific
    ///
    /// Browsers send the page's own: [`Features::ORIGIN`].
    pub fn origin(mut self, origin: impl Into<String>) -> Request {
        self.origin = Some(trimmed(origin.into()));
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

    /// See [`origin`](Self::origin).
    pub fn get_origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The request without the application's headers, any of which may hold a token.
    #[allow(dead_code)] // Not every backend follows redirects.
    pub(crate) fn for_another_origin(self) -> Request {
        Request {
            headers: Headers::default(),
            ..self
        }
    }

    /// Changes the values of the header lines, that of [`origin`](Self::origin) included.
    #[allow(dead_code)] // Not every backend sends headers.
    pub(crate) fn change_values(
        &mut self,
        change: impl Fn(&str, &mut String) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(origin) = &mut self.origin {
            change("Origin", origin)?;
        }
        self.headers
            .iter_mut()
            .try_for_each(|(name, value)| change(name, value))
    }

    /// The features that the request needs and not every platform has.
    pub(crate) fn required(&self, target: &Target<'_>) -> Features {
        let mut required = Features::NONE;
        if target.userinfo.is_some_and(|userinfo| !userinfo.is_empty()) {
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
        check_lines(&self.headers)?;
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
                // Without the name, which may be a token.
                return Err(Error::invalid_input(
                    "a subprotocol is offered twice (RFC 6455 §4.1)",
                ));
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

impl From<&String> for Request {
    fn from(url: &String) -> Request {
        Request::new(url.as_str())
    }
}

impl From<String> for Request {
    fn from(url: String) -> Request {
        Request::new(url)
    }
}

/// Shows no credentials, no query and no subprotocols: that is where tokens live.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &without_secrets(&self.url))
            .field("headers", &self.headers)
            .field("subprotocols", &self.subprotocols.len())
            .field("origin", &self.origin)
            .finish()
    }
}

/// A value without the white space around it, which is none of it (RFC 9110 §5.5).
fn trimmed(value: String) -> String {
    match value.trim_matches([' ', '\t']) {
        inner if inner.len() == value.len() => value,
        inner => inner.to_owned(),
    }
}

/// Checks that every line may be sent with a handshake, and none is the handshake's own.
pub(crate) fn check_lines(headers: &Headers) -> Result<(), Error> {
    check_headers(headers)?;
    for (name, value) in headers.iter() {
        const PREFIX: &str = "Sec-WebSocket-";
        let front = name.get(..PREFIX.len()).unwrap_or(name);
        let is = |other: &&str| name.eq_ignore_ascii_case(other);
        let own = ["Upgrade", "Connection", "Transfer-Encoding"];
        // The first frames would be taken for content.
        let has_content = is(&"Content-Length") && value != "0";
        if own.iter().any(is) || has_content || front.eq_ignore_ascii_case(PREFIX) {
            let why = " belongs to the handshake";
            return Err(Error::invalid_name("the header ", name, why));
        }
    }
    Ok(())
}

/// Checks that every line may be sent: names are tokens, values hold no CR, LF, NUL or other
/// control character (RFC 9110 §5.5).
fn check_headers(headers: &Headers) -> Result<(), Error> {
    for (name, value) in headers.iter() {
        if !is_token(name) {
            return Err(Error::invalid_input(
                "the name of a header is not a token (RFC 9110 §5.1)",
            ));
        }
        if value.split('\t').any(holds_control) {
            let why = [
                "the value of the header ",
                name,
                " holds a control character",
            ];
            return Err(Error::invalid_input(why.concat()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        for (url, expected) in [
            ("ws://u:p@h/a@b", "ws://h/a@b"),
            ("u:p@h", "h"),
            ("ws://u:p@q@h?@", "ws://h?…"),
            ("ws://h/", "ws://h/"),
        ] {
            let shown = format!("{:?}", Request::new(url));
            assert!(shown.contains(&format!("{expected:?}")), "{shown}");
        }
    }

    #[test]
    fn what_may_hold_a_token_is_not_shown() {
        let request = Request::new("wss://h/room?token=hunter2")
            .header("X-Api-Key", "hunter2")
            .header("Cookie", "id=hunter2")
            .header("User-Agent", "app/1")
            .subprotocol("bearer.hunter2");
        let shown = format!("{request:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            shown.contains("wss://h/room?…") && shown.contains("app/1"),
            "{shown}"
        );
    }

    #[test]
    fn the_rest_of_a_request_is_checked() {
        let fine = Request::new("ws://a/");
        assert!(fine.check().is_ok());
        assert!(fine.clone().header("Content-Length", "0").check().is_ok());
        for bad in [
            fine.clone().origin("http://a\nEvil: yes"),
            fine.clone().header("Connection", "close"),
            fine.clone().header("sec-websocket-key", "AAAA"),
            fine.clone().header("Transfer-encoding", "chunked"),
            fine.clone().header("content-length", "5"),
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

    #[test]
    fn white_space_around_a_value_is_none_of_it() {
        let request = Request::new("ws://a/")
            .header("X", " \ta b\t ")
            .header("Y", " \t")
            .header("Z", "\u{A0}a")
            .origin("\thttp://a ");
        let values: Vec<_> = request.headers().iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["a b", "", "\u{A0}a"]);
        assert_eq!(request.get_origin(), Some("http://a"));
        // It is no white space of HTTP, and could split a line.
        assert!(
            Request::new("ws://a/")
                .header("X", "a\r\n")
                .check()
                .is_err()
        );
    }

    #[test]
    fn what_could_split_a_line_is_refused() {
        let check = |lines: &[(&str, &str)]| {
            let mut headers = Headers::default();
            for (name, value) in lines {
                headers.push(*name, *value);
            }
            check_headers(&headers)
        };
        for value in ["a\r\nb: c", "a\nb", "a\0b", "a\x7fb"] {
            assert!(check(&[("X", value)]).is_err(), "{value:?}");
        }
        for name in ["", "a b", "a:b", "a\n", "ü"] {
            assert!(check(&[(name, "v")]).is_err(), "{name:?}");
        }
        assert!(check(&[("X-Y", "grün\tüber")]).is_ok());
    }
}
