//! Header lines of the `http` crate.

use super::{Headers, text};

/// With the crate feature `http`. Names come in lower case, as that crate has them.
impl From<&http::HeaderMap> for Headers {
    fn from(map: &http::HeaderMap) -> Headers {
        map.iter()
            .map(|(name, value)| (name.as_str(), text(value.as_bytes())))
            .collect()
    }
}

/// With the crate feature `http`. What that crate takes for no header is left out; an answer or a
/// request of ours holds none of it.
impl From<&Headers> for http::HeaderMap {
    fn from(headers: &Headers) -> http::HeaderMap {
        let line = |(name, value): (&str, &str)| Some((name.parse().ok()?, value.parse().ok()?));
        headers.iter().filter_map(line).collect()
    }
}
