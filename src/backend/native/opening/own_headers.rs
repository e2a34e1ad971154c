//! Hosts in the headers of the application, which are sent in ASCII.

use crate::backend::native::host::Host;
use crate::error::Error;
use crate::request::Request;
use crate::url::Authority;

/// Writes the hosts in `Host` and `Origin` in ASCII (RFC 5891), and refuses those that are none.
pub(crate) fn to_ascii(request: &mut Request) -> Result<(), Error> {
    request.change_values(|name, value| {
        let ascii = if name.eq_ignore_ascii_case("Host") {
            host(value)
        } else if name.eq_ignore_ascii_case("Origin") && !value.is_ascii() {
            origin(value)
        } else {
            return Ok(());
        };
        *value = ascii
            .ok_or_else(|| Error::invalid_name("the header ", name, " holds no valid host"))?;
        Ok(())
    })
}

/// `Host` is a host with or without a port (RFC 9110 §7.2).
fn host(value: &str) -> Option<String> {
    let Authority {
        userinfo: None,
        host,
        port,
    } = Authority::parse(value).ok()?
    else {
        return None;
    };
    let host = Host::parse(host).ok()?;
    // Its case stays as it is.
    if value.is_ascii() && !value.contains('%') {
        return Some(value.to_owned());
    }
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", host.to_header()))
}

/// `Origin` is a scheme and such a host (RFC 6454 §7.1).
fn origin(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let authority = host(authority)?;
    (scheme.is_ascii() && rest.is_ascii()).then(|| format!("{scheme}://{authority}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a header as it is sent, through its dedicated setter where there is one.
    fn sent(name: &str, value: &str) -> Option<String> {
        let mut request = Request::new("ws://a/").header(name, value);
        to_ascii(&mut request).ok()?;
        request.headers().get(name).map(str::to_owned)
    }

    #[test]
    fn hosts_are_sent_in_ascii() {
        for (name, value, expected) in [
            ("host", "Virtual.Example:80", "Virtual.Example:80"),
            ("Host", "bücher.example:80", "xn--bcher-kva.example:80"),
            ("Host", "a.example.", "a.example."),
            ("Host", "[::1]:80", "[::1]:80"),
            ("Host", "[fe80::1%25eth0]:80", "[fe80::1]:80"),
            ("Origin", "null", "null"),
            ("Origin", "anything at all", "anything at all"),
            (
                "origin",
                "https://bücher.example",
                "https://xn--bcher-kva.example",
            ),
            ("Origin", "app://Grün:8/x", "app://xn--grn-ioa:8/x"),
            ("X", "grün", "grün"),
        ] {
            assert_eq!(sent(name, value).as_deref(), Some(expected), "{value}");
        }
        let mut request = Request::new("ws://a/").origin("http://bücher.example");
        to_ascii(&mut request).unwrap();
        assert_eq!(request.get_origin(), Some("http://xn--bcher-kva.example"));
    }

    #[test]
    fn what_has_no_ascii_form_is_refused() {
        for (name, value) in [
            ("Host", ""),
            ("Host", "a b"),
            ("Host", "a/b"),
            ("Host", "user@a"),
            ("Host", "a:b"),
            ("Host", ".a"),
            ("Host", "ü b"),
            ("Origin", "ünull"),
            ("Origin", "http://a/ü"),
            ("Origin", "ü://a"),
            ("Origin", "http://ü b"),
            ("Origin", "http://u@ü"),
            ("Origin", "http://a http://ü"),
        ] {
            assert_eq!(sent(name, value), None, "{name}: {value}");
        }
        let mut request = Request::new("ws://a/").origin("http://a/ü");
        assert!(to_ascii(&mut request).is_err());
    }
}
