use crate::escape;
use crate::log::header_values;

/// A request head.
pub(crate) struct Head {
    pub(crate) lines: Vec<String>,
}

impl Head {
    /// The value of `Sec-WebSocket-Key`.
    pub(crate) fn key(&self) -> Option<&str> {
        header_values(&self.lines, "Sec-WebSocket-Key").next()
    }

    /// The path's segments and the query, if the request line is one of HTTP.
    pub(crate) fn target(&self) -> Option<(Vec<&str>, &str)> {
        let mut words = self.lines.first()?.split(' ');
        let (_method, target, version) = (words.next()?, words.next()?, words.next()?);
        if !version.starts_with("HTTP/1.") {
            return None;
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some((path.strip_prefix('/')?.split('/').collect(), query))
    }
}

/// The decoded value of a query's parameter.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    Some(escape::decode_text(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(line: &str) -> Head {
        Head {
            lines: vec![line.to_owned(), "sec-websocket-key:  abc ".to_owned()],
        }
    }

    #[test]
    fn tells_target_and_key() {
        let head = head("GET /run/a/b?do=x%3By&z HTTP/1.1");
        let (segments, query) = head.target().unwrap();
        assert_eq!(segments, ["run", "a", "b"]);
        assert_eq!(parameter(query, "do").as_deref(), Some("x;y"));
        assert_eq!(parameter(query, "z").as_deref(), Some(""));
        assert_eq!(parameter(query, "no"), None);
        assert_eq!(head.key(), Some("abc"));
    }

    #[test]
    fn refuses_other_protocols() {
        for line in ["", "GET", "GET / FTP/1.1", "GET x HTTP/1.1", "\u{fffd} \0"] {
            assert!(head(line).target().is_none(), "{line:?}");
        }
    }
}
