use std::fmt;

use crate::Error;
use crate::request::without_userinfo;

/// Header lines of an HTTP message, in their order and with their case.
///
/// Names compare without regard to case (RFC 9110 §5.1). The values of headers that carry
/// credentials are not shown by `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

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

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
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

    /// Whether every line may be sent: names are tokens, values hold no CR, LF, NUL or other
    /// control character (RFC 9110 §5.5).
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (name, value) in self.iter() {
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
}

/// Whether one of the characters is a control character, C1 ones included.
pub(crate) fn holds_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Whether `text` is a token of RFC 9110 §5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~'))
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECRET: [&str; 5] = [
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "sec-websocket-key",
        ];
        f.debug_map()
            .entries(self.iter().map(|(name, value)| {
                let is = |other: &&str| name.eq_ignore_ascii_case(other);
                let shown = if SECRET.iter().any(is) {
                    "…".into()
                } else if is(&"location") {
                    without_userinfo(value)
                } else {
                    value.into()
                };
                (name, shown)
            }))
            .finish()
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
    fn what_could_split_a_line_is_refused() {
        for value in ["a\r\nb: c", "a\nb", "a\0b", "a\x7fb"] {
            assert!(headers(&[("X", value)]).check().is_err(), "{value:?}");
        }
        for name in ["", "a b", "a:b", "a\n", "ü"] {
            assert!(headers(&[(name, "v")]).check().is_err(), "{name:?}");
        }
        assert!(headers(&[("X-Y", "grün\tüber")]).check().is_ok());
    }

    #[test]
    fn debug_hides_credentials() {
        let headers = headers(&[
            ("Authorization", "Basic secret"),
            ("location", "ws://user:secret@b/"),
            ("a", "b@c"),
        ]);
        let shown = r#"{"Authorization": "…", "location": "ws://b/", "a": "b@c"}"#;
        assert_eq!(format!("{headers:?}"), shown);
    }
}
