use crate::auth::Credentials;
use crate::error::Error;
use crate::url::{Authority, credentials};

/// A proxy that connections go through. One whose host is no host is refused by
/// [`Options::build`](crate::Options::build).
///
/// ```
/// use qwebsocket::{Credentials, Options, Proxy};
///
/// let proxy = Proxy::http("proxy.example", 3128).credentials(Credentials::new("user", "secret"));
/// let options = Options::new().proxy(proxy);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a proxy does nothing until options have it"]
pub struct Proxy(pub(crate) ProxySource);

/// How a proxy is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProxySource {
    Fixed(ProxyServer),
    Environment,
}

/// A proxy that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxyServer {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<Credentials>,
}

/// The protocol of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    Http,
    Https,
    Socks5,
}

impl Proxy {
    /// An HTTP proxy, which is asked to `CONNECT` (RFC 9110 §9.3.6), for `ws` too.
    pub fn http(host: impl Into<String>, port: u16) -> Proxy {
        Proxy::fixed(ProxyKind::Http, host, port)
    }

    /// An HTTP proxy that is reached by TLS, under the same [`TlsConfig`](crate::TlsConfig) as
    /// servers. It gets our identity only if
    /// [that is wanted](crate::TlsConfig::proxy_identity).
    pub fn https(host: impl Into<String>, port: u16) -> Proxy {
        Proxy::fixed(ProxyKind::Https, host, port)
    }

    /// A SOCKS5 proxy (RFC 1928). It resolves the names of servers, which have at most 255 bytes.
    pub fn socks5(host: impl Into<String>, port: u16) -> Proxy {
        Proxy::fixed(ProxyKind::Socks5, host, port)
    }

    /// The proxy that the environment names at the time of connecting: `https_proxy` for `wss`,
    /// `http_proxy` for `ws`, `all_proxy` for either, in lower case or, except for `HTTP_PROXY`, in
    /// upper case. Loopback addresses and the entries of `no_proxy` are connected to directly:
    /// names with all of their subdomains, addresses, networks in CIDR notation, each with or
    /// without a port, or `*`, separated by commas or white space. A trailing dot of a name is
    /// ignored. A value without a scheme is an HTTP proxy; one that [`from_url`](Self::from_url)
    /// refuses fails the connection.
    pub fn environment() -> Proxy {
        Proxy(ProxySource::Environment)
    }

    /// A proxy from a URL: `http`, `https`, `socks5` or `socks5h`, with or without credentials.
    /// Without a port it is 80, 443 or 1080.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for anything else.
    pub fn from_url(url: &str) -> Result<Proxy, Error> {
        ProxyServer::parse(url).map(|server| Proxy(ProxySource::Fixed(server)))
    }

    /// Credentials for a proxy that asks for them. They replace those of a URL; a proxy from the
    /// environment has those of its URL. Default: none.
    ///
    /// # Platform-specific
    ///
    /// For HTTP proxies: [`Features::AUTHENTICATION`](crate::Features::AUTHENTICATION).
    pub fn credentials(mut self, credentials: Credentials) -> Proxy {
        if let ProxySource::Fixed(server) = &mut self.0 {
            server.credentials = Some(credentials);
        }
        self
    }

    /// The host; `None` for that of the [environment](Self::environment).
    pub fn host(&self) -> Option<&str> {
        self.server().map(|server| &*server.host)
    }

    /// The port; `None` for that of the [environment](Self::environment).
    pub fn port(&self) -> Option<u16> {
        self.server().map(|server| server.port)
    }

    /// See [`credentials`](Self::credentials); those of a URL, too.
    pub fn get_credentials(&self) -> Option<&Credentials> {
        self.server()?.credentials.as_ref()
    }

    fn server(&self) -> Option<&ProxyServer> {
        match &self.0 {
            ProxySource::Fixed(server) => Some(server),
            ProxySource::Environment => None,
        }
    }

    fn fixed(kind: ProxyKind, host: impl Into<String>, port: u16) -> Proxy {
        Proxy(ProxySource::Fixed(ProxyServer {
            kind,
            host: host.into(),
            port,
            credentials: None,
        }))
    }
}

impl ProxyServer {
    pub(crate) fn parse(url: &str) -> Result<ProxyServer, Error> {
        let refuse = |why| Err(Error::invalid_name("invalid proxy: ", why, ""));
        let Some((scheme, rest)) = url.split_once("://") else {
            return refuse("it is not a URL");
        };
        let (kind, port) = match &*scheme.to_ascii_lowercase() {
            "http" => (ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
            _ => return refuse("the scheme is none of http, https, socks5 and socks5h"),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '\\']) || authority.chars().any(char::is_control) {
            return refuse("there is something behind its host");
        }
        let authority = Authority::parse(authority)?;
        Ok(ProxyServer {
            kind,
            host: authority.host.to_owned(),
            port: authority.port.unwrap_or(port),
            credentials: credentials(authority.userinfo),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let server = |kind, host: &str, port, credentials: Option<(&str, &str)>| ProxyServer {
            kind,
            host: host.into(),
            port,
            credentials: credentials.map(|(user, password)| Credentials::new(user, password)),
        };
        for (url, expected) in [
            ("http://p", server(ProxyKind::Http, "p", 80, None)),
            ("HTTPS://p:8/", server(ProxyKind::Https, "p", 8, None)),
            (
                "socks5h://[::1]",
                server(ProxyKind::Socks5, "::1", 1080, None),
            ),
            (
                "socks5://a%40b:c%3Ad@p:9",
                server(ProxyKind::Socks5, "p", 9, Some(("a@b", "c:d"))),
            ),
        ] {
            assert_eq!(ProxyServer::parse(url).unwrap(), expected, "{url}");
        }
        for bad in [
            "p:80",
            "ftp://p",
            "http://",
            "http://p/x",
            "http://p\r\n",
            "http://p:x",
        ] {
            assert!(ProxyServer::parse(bad).is_err(), "{bad:?}");
        }
    }
}
