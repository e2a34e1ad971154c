//! The proxy that the environment names, by the variables that curl and Qt know.

use ipnet::IpNet;

use crate::backend::native::host::Host;
use crate::backend::native::opening::endpoint::Endpoint;
use crate::error::Error;
use crate::proxy::ProxyServer;

/// The proxy for this URL, by what `variable` says.
pub(crate) fn proxy_server(
    url: &Endpoint,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ProxyServer>, Error> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let either = |lower: &str, upper: &str| variable(lower).or_else(|| variable(upper));
    let exempt = either("no_proxy", "NO_PROXY").unwrap_or_default();
    if is_loopback(&url.host) || is_listed(&exempt, url) {
        return Ok(None);
    }
    // Under CGI, HTTP_PROXY is a header of whoever asks.
    let plain = || variable("http_proxy");
    let proxy = if url.secure {
        either("https_proxy", "HTTPS_PROXY").or_else(plain)
    } else {
        plain()
    };
    let Some(proxy) = proxy.or_else(|| either("all_proxy", "ALL_PROXY")) else {
        return Ok(None);
    };
    // As curl, which takes a name without a scheme for an HTTP proxy.
    if proxy.contains("://") {
        ProxyServer::parse(&proxy).map(Some)
    } else {
        ProxyServer::parse(&format!("http://{proxy}")).map(Some)
    }
}

fn is_loopback(host: &Host) -> bool {
    match host.address() {
        Some(address) => address.to_canonical().is_loopback(),
        None => host.name() == "localhost" || host.name().ends_with(".localhost"),
    }
}

/// Returns whether an entry of `no_proxy` means this URL.
fn is_listed(entries: &str, url: &Endpoint) -> bool {
    let separators = [',', ' ', '\t', '\r', '\n'];
    entries.split(separators).any(|entry| {
        let (name, port) = split_port(entry);
        port.is_none_or(|port| port == url.port) && is_named(name, &url.host)
    })
}

fn is_named(name: &str, host: &Host) -> bool {
    if name == "*" {
        return true;
    }
    if let Some(address) = host.address() {
        return match name.parse::<IpNet>() {
            Ok(network) => network.contains(&address),
            Err(_) => Host::parse(name).is_ok_and(|named| named.address() == Some(address)),
        };
    }
    let name = name.strip_prefix('*').unwrap_or(name);
    let name = name.strip_prefix('.').unwrap_or(name);
    // An entry that is not a host matches nothing.
    let Ok(named) = Host::parse(name) else {
        return false;
    };
    match host.name().strip_suffix(named.name()) {
        Some(rest) => rest.is_empty() || rest.ends_with('.'),
        None => false,
    }
}

/// `name:port`, `[address]:port`, or either without a port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    let bracketed = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    match bracketed {
        Some((address, port)) => (address, port.strip_prefix(':').and_then(|p| p.parse().ok())),
        None => match entry.split_once(':') {
            Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
            _ => (entry, None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::Target;

    fn proxy_server(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let url = Endpoint::new(&Target::parse(url).unwrap()).unwrap();
        let variable = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| value.to_string())
        };
        super::proxy_server(&url, variable)
            .unwrap()
            .map(|proxy_server| proxy_server.host)
    }

    #[test]
    fn each_scheme_has_its_variable() {
        let all = [
            ("http_proxy", "http://plain"),
            ("https_proxy", "http://secure"),
            ("all_proxy", "socks5://all"),
        ];
        assert_eq!(proxy_server("ws://a/", &all).unwrap(), "plain");
        assert_eq!(proxy_server("wss://a/", &all).unwrap(), "secure");
        assert_eq!(proxy_server("ws://a/", &all[1..]).unwrap(), "all");
        assert_eq!(proxy_server("wss://a/", &all[..1]).unwrap(), "plain");
        assert_eq!(
            proxy_server("ws://a/", &[("HTTP_PROXY", "http://cgi")]),
            None
        );
        assert_eq!(
            proxy_server("ws://a/", &[("ALL_PROXY", "all:1")]).unwrap(),
            "all"
        );
        assert_eq!(proxy_server("ws://a/", &[("http_proxy", "")]), None);
        assert_eq!(proxy_server("ws://a/", &[]), None);
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        let goes_through = |url: &str, exempt: &str| {
            proxy_server(url, &[("http_proxy", "http://p"), ("no_proxy", exempt)]).is_some()
        };
        for (url, exempt) in [
            ("ws://localhost/", ""),
            ("ws://127.0.0.9/", ""),
            ("ws://[::1]:8/", ""),
            ("ws://a.example/", "*"),
            ("ws://a.example/", "b, example"),
            ("ws://a.example/", ".example"),
            ("ws://a.example/", "*.example"),
            ("ws://A.Example/", "a.EXAMPLE"),
            ("ws://a.example:81/", "a.example:81"),
            ("ws://10.1.2.3/", "10.0.0.0/8"),
            ("ws://10.1.2.3/", "10.1.2.3:80"),
            ("ws://[fd00::1]/", "fd00::/8"),
            ("ws://[fd00::1]:9/", "[fd00::1]:9"),
            ("ws://[fd00::1]/", "fd00::1"),
            ("ws://[fd00::1]/", "[FD00:0::1]"),
            ("ws://[::ffff:127.0.0.1]/", ""),
            // The root's dot makes no difference.
            ("ws://localhost./", ""),
            ("ws://a.localhost.:1/", ""),
            ("ws://127.0.0.1./", ""),
            ("ws://svc.example./", "svc.example"),
            ("ws://svc.example/", "svc.example."),
            ("ws://svc.example./", ".example."),
            ("ws://svc.example:81/", "svc.example.:81"),
            ("ws://svc.example/", "foo,\tsvc.example"),
            ("ws://svc.example/", "foo\nsvc.example"),
            ("ws://xn--bcher-kva.example/", "Bücher.example"),
        ] {
            assert!(!goes_through(url, exempt), "{url} {exempt}");
        }
        for (url, exempt) in [
            ("ws://a.example/", ""),
            ("ws://a.example/", "xample"),
            ("ws://a.example/", "b.example"),
            ("ws://a.example/", "."),
            ("ws://a.example/", "*."),
            ("ws://a.example/", "..example"),
            ("ws://a.example./", "xample."),
            ("ws://a.example/", "a.example:81"),
            ("ws://11.1.2.3/", "10.0.0.0/8"),
            ("ws://10.example/", "10.0.0.0/8"),
        ] {
            assert!(goes_through(url, exempt), "{url} {exempt}");
        }
    }
}
