//! The origins whose pages may connect (RFC 6455 §10.2).

use super::refusal::Refused;
use crate::error::Error;
use crate::headers::Headers;

/// `None` for all.
pub(crate) struct Origins(Option<Vec<String>>);

impl Origins {
    pub(crate) const REFUSED: Refused = Refused {
        status: 403,
        why: "the origin of the request is not allowed",
    };

    pub(crate) fn new(allowed: Option<&[String]>) -> Result<Origins, Error> {
        let Some(allowed) = allowed else {
            return Ok(Origins(None));
        };
        let read = |origin: &String| {
            normal(origin).ok_or_else(|| {
                Error::invalid_input(format!("{origin:?} is not an origin (RFC 6454 §6.2)"))
            })
        };
        let allowed = allowed.iter().map(read);
        Ok(Origins(Some(allowed.collect::<Result<_, _>>()?)))
    }

    /// Only pages send an origin, and never two (RFC 6454 §7.3).
    pub(crate) fn allow(&self, headers: &Headers) -> bool {
        let Some(allowed) = &self.0 else {
            return true;
        };
        let mut origins = headers.get_all("Origin");
        match (origins.next(), origins.next()) {
            (None, _) => true,
            (Some(origin), None) => normal(origin).is_some_and(|origin| allowed.contains(&origin)),
            (Some(_), Some(_)) => false,
        }
    }
}

/// A serialized origin, in lower case and without the port that its scheme has anyway; `None` for
/// what is none, such as a URL with a path.
fn normal(origin: &str) -> Option<String> {
    let mut origin = origin.to_ascii_lowercase();
    if origin == "null" {
        return Some(origin);
    }
    let (scheme, authority) = origin.split_once("://")?;
    let is_foreign = |c: char| matches!(c, '/' | '?' | '#' | '@' | '*' | ',') || c <= ' ';
    if scheme.is_empty() || authority.is_empty() || authority.contains(is_foreign) {
        return None;
    }
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    if origin.ends_with(port) {
        origin.truncate(origin.len() - port.len());
    }
    Some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn allow(allowed: &[&str], origins: &[&str]) -> bool {
        let allowed: Vec<_> = allowed.iter().map(|origin| origin.to_string()).collect();
        let mut headers = Headers::default();
        for origin in origins {
            headers.push("origin", *origin);
        }
        Origins::new(Some(&allowed)).unwrap().allow(&headers)
    }

    #[test]
    fn an_origin_is_allowed_by_scheme_host_and_port() {
        let allowed = [
            "https://Example.com",
            "http://localhost:8000",
            "http://[::1]",
        ];
        for good in [
            "https://example.com",
            "HTTPS://EXAMPLE.COM",
            "https://example.com:443",
            "http://localhost:8000",
            "http://[::1]:80",
        ] {
            assert!(allow(&allowed, &[good]), "{good}");
        }
        for bad in [
            "http://example.com",
            "https://example.com:444",
            "https://example.com.evil.example",
            "https://evil.example/https://example.com",
            "https://www.example.com",
            "https://user@example.com",
            "https://example.com, https://evil.example",
            "https://example.com/",
            "http://localhost",
            "http://localhost:80",
            "null",
            "",
            "example.com",
        ] {
            assert!(!allow(&allowed, &[bad]), "{bad}");
        }
    }

    #[test]
    fn null_is_an_origin_like_others_and_a_program_has_none() {
        assert!(allow(&["null"], &["null"]));
        assert!(!allow(&[], &["null"]));
        assert!(allow(&[], &[]));
        assert!(!allow(&["http://a"], &["http://a", "http://a"]));
    }

    #[test]
    fn what_is_no_origin_cannot_be_allowed() {
        for bad in [
            "",
            "*",
            "example.com",
            "https://",
            "https://a/",
            "https://*.a",
            "http://a b",
        ] {
            let error = Origins::new(Some(&[bad.to_owned()])).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
        }
    }
}
