//! Redirects (RFC 9110 §15.4).

use super::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::grammar::without_userinfo;
use crate::options::Options;
use crate::url::Target;

pub(crate) const FEATURES: Features = Features::REDIRECTS;

/// How many are followed in a row.
pub(crate) fn limit(options: &Options) -> u32 {
    options.get_redirects()
}

/// Where a `Location` leads to from `url`.
pub(crate) fn follow(url: &Endpoint, location: &str) -> Result<Endpoint, Error> {
    let refuse = |why: &str| {
        let location = without_userinfo(location);
        let text = format!("the server redirects to {location:?}: {why}");
        Err(Error::new(ErrorKind::Handshake, text))
    };
    let base = ::url::Url::parse(&url.base());
    let Ok(mut next) = base.and_then(|base| base.join(location)) else {
        return refuse("not a URL");
    };
    // Servers that do not know the schemes of WebSocket name those of HTTP.
    let scheme = match next.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return refuse("neither ws nor wss"),
    };
    if url.secure && scheme == "ws" {
        return refuse("from wss to ws");
    }
    // These setters refuse what none of these schemes is: a URL without a host.
    let _ = next.set_scheme(scheme);
    let _ = next.set_username("");
    let _ = next.set_password(None);
    next.set_fragment(None);
    match Target::parse(next.as_str()).and_then(|target| Endpoint::new(&target)) {
        Ok(next) => Ok(next.in_zone_of(url)),
        Err(error) => refuse(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(url: &str, location: &str) -> Result<String, Error> {
        let url = Endpoint::new(&Target::parse(url).unwrap()).unwrap();
        super::follow(&url, location).map(|url| url.to_string())
    }

    #[test]
    fn locations_are_relative_to_where_they_come_from() {
        for (url, location, expected) in [
            ("ws://a/b/c?d", "e", "ws://a/b/e"),
            ("ws://a/b/c?d", "/e?f", "ws://a/e?f"),
            ("ws://a/b/c?d", "?f", "ws://a/b/c?f"),
            ("ws://a:8/b", "//c/", "ws://c/"),
            ("ws://a/", "http://b:9/", "ws://b:9/"),
            ("ws://a/", "https://b", "wss://b/"),
            ("wss://a/", "wss://u:p@b/#c", "wss://b/"),
            ("ws://a/?", "?", "ws://a/?"),
            ("ws://[fe80::1%25b]/", "c", "ws://[fe80::1%25b]/c"),
            ("ws://[fe80::1%25b]/", "//[fe80::2]/", "ws://[fe80::2]/"),
        ] {
            assert_eq!(follow(url, location).unwrap(), expected, "{url} {location}");
        }
    }

    #[test]
    fn some_are_not_followed() {
        for location in [
            "ws://a/",
            "http://a/",
            "ftp://user:secret@a/",
            "wss://",
            "wss://[/",
            "data:x",
            "//.example",
            "//[fe80::1%25b]/",
        ] {
            let error = follow("wss://a/", location).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Handshake, "{location}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
