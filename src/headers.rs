#[cfg(feature = "http")]
mod from_http;

use std::borrow::Cow;
use std::fmt;

use crate::grammar::without_secrets;

/// Header lines of an HTTP message, in their order and with their case.
///
/// Names compare without regard to case (RFC 9110 §5.1). `Debug` shows the values of those headers
/// only that are known to carry no secret: an application names its own as it likes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

/// Headers whose values `Debug` shows.
const HARMLESS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "host",
    "origin",
    "retry-after",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "server",
    "upgrade",
    "user-agent",
];

impl Headers {
    /// The value of the first line with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The values of all lines with this name.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The number of lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there are no lines.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds lines behind the others.
    #[allow(dead_code)] // Not every backend answers.
    pub(crate) fn append(&mut self, mut other: Headers) {
        self.0.append(&mut other.0);
    }

    /// All lines, with their values to be changed.
    #[allow(dead_code)] // Not every backend sends headers.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut String)> {
        self.0.iter_mut().map(|(name, value)| (&**name, value))
    }

    /// The comma-separated items of all lines with this name (RFC 9110 §5.6.1).
    #[allow(dead_code)] // Not every backend reads headers.
    pub(crate) fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.get_all(name)
            .flat_map(|value| value.split(','))
            .map(|item| item.trim_matches([' ', '\t']))
            .filter(|item| !item.is_empty())
    }

    #[allow(dead_code)] // As above.
    pub(crate) fn has_token(&self, name: &str, token: &str) -> bool {
        self.tokens(name)
            .any(|item| item.eq_ignore_ascii_case(token))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Headers {
        let lines = lines.into_iter();
        Headers(lines.map(|(n, v)| (n.into(), v.into())).collect())
    }
}

impl<N: Into<String>, V: Into<String>, const LINES: usize> From<[(N, V); LINES]> for Headers {
    fn from(lines: [(N, V); LINES]) -> Headers {
        lines.into_iter().collect()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(name, value)| {
                let is = |other: &&str| name.eq_ignore_ascii_case(other);
                let shown = match () {
                    () if HARMLESS.iter().any(is) => value.into(),
                    () if is(&"location") => without_secrets(value),
                    () => "…".into(),
                };
                (name, shown)
            }))
            .finish()
    }
}

/// The value of a line; bytes that are not UTF-8 are taken as Latin-1 (RFC 9110 §5.5).
#[allow(dead_code)] // Not every backend reads headers.
pub(crate) fn text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(value) => value.into(),
        Err(_) => Cow::Owned(value.iter().map(|&byte| char::from(byte)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(*name, *value);
        }
        headers
    }

    #[test]
    fn lists_are_read_over_lines_and_commas() {
        let headers = headers(&[
            ("Connection", "keep-alive,  Upgrade"),
            ("connection", "x,,"),
        ]);
        let tokens: Vec<_> = headers.tokens("CONNECTION").collect();
        assert_eq!(tokens, ["keep-alive", "Upgrade", "x"]);
        assert!(headers.has_token("connection", "upgrade"));
    }

    #[test]
    fn debug_hides_credentials() {
        let headers = headers(&[
            ("Authorization", "Basic secret"),
            ("location", "ws://user:secret@b/?token=secret"),
            ("X-Api-Key", "secret"),
            ("Server", "nginx"),
        ]);
        let shown = r#"{"Authorization": "…", "location": "ws://b/?…", "X-Api-Key": "…", "Server": "nginx"}"#;
        assert_eq!(format!("{headers:?}"), shown);
    }
}
