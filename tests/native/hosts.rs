//! How hosts are written: zones of IPv6, the root's dot, other scripts, and what is none.

use std::fs;

use futures::StreamExt;
use futures::future::join;
use qwebsocket::{Error, ErrorKind, Listener, Options, Proxy, Request, Socket, WebSocket};
use support::Script;

use crate::common::run;
use crate::scripted::Scripted;

fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

/// `.example` would be a pattern for every name below it.
#[test]
fn a_name_with_an_empty_label_is_refused() {
    for host in [
        ".example",
        "a..example",
        "a.example..",
        ".",
        "\u{3002}example",
    ] {
        for scheme in ["ws", "wss"] {
            let request = Request::new(format!("{scheme}://{host}/"));
            let refused = kind(Socket::new().open(request));
            assert_eq!(refused, Some(ErrorKind::InvalidInput), "{host}");
        }
        for new in [Proxy::http, Proxy::https, Proxy::socks5] {
            let refused = kind(Options::new().proxy(new(host.to_owned(), 1)).build());
            assert_eq!(refused, Some(ErrorKind::InvalidInput), "{host}");
        }
        let through = Proxy::from_url(&format!("http://{host}:1"));
        let refused = kind(through.and_then(|proxy| Options::new().proxy(proxy).build()));
        assert_eq!(refused, Some(ErrorKind::InvalidInput), "{host}");
        let request = Request::new("ws://a/").header("Host", host);
        assert_eq!(
            kind(Socket::new().open(request)),
            Some(ErrorKind::InvalidInput)
        );
    }
}

/// Addresses with zones of this machine: its loopback by the number of the interface, and those
/// that are link-local by its name.
fn zoned() -> Vec<(String, String)> {
    let mut zoned = vec![("::1".to_owned(), "1".to_owned())];
    // Address, index, length, scope, flags, name.
    for line in fs::read_to_string("/proc/net/if_inet6")
        .unwrap_or_default()
        .lines()
    {
        let fields: Vec<_> = line.split_whitespace().collect();
        if let [address, _, _, "20", _, name] = fields[..] {
            let address = u128::from_str_radix(address, 16).unwrap();
            zoned.push((
                std::net::Ipv6Addr::from(address).to_string(),
                name.to_owned(),
            ));
        }
    }
    zoned
}

#[test]
fn an_address_may_have_a_zone_on_either_side() {
    for (address, zone) in zoned() {
        for listening in ["%", "%25"] {
            run(async {
                let bound = format!("[{address}{listening}{zone}]:0");
                let mut listener = Listener::bind(&bound).await.unwrap();
                let port = listener.local_address().port();
                for mark in ["%", "%25"] {
                    let url = format!("ws://[{address}{mark}{zone}]:{port}/a");
                    let accept = async {
                        let incoming = listener.next().await.unwrap()?.await?;
                        assert_eq!(
                            incoming.headers().get("Host"),
                            Some(&*format!("[{address}]:{port}"))
                        );
                        incoming.accept(None).await
                    };
                    let (client, server) = join(Socket::connect(url), accept).await;
                    let (client, server) = (client.unwrap(), server.unwrap());
                    let named = format!("ws://[{address}%25{zone}]:{port}/a");
                    assert_eq!(client.request_url(), named);
                    assert_eq!(client.peer_name(), format!("{address}%{zone}"));
                    assert_eq!(server.request_url(), format!("ws://[{address}]:{port}/a"));
                }
            });
        }
    }
}

#[test]
fn a_zone_that_is_none_is_not_found() {
    run(async {
        let error = Socket::connect("ws://[fe80::1%25nowhere0]:9/")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HostNotFound);
        for address in ["[fe80::1%nowhere0]:0", "[fe80::1%]:0"] {
            let refused = kind(Listener::bind(address).await);
            assert_eq!(refused, Some(ErrorKind::InvalidInput), "{address}");
        }
        for url in ["ws://[fe80::1%25]x/", "ws://[fe80::1%]/", "ws://a%25b/"] {
            let refused = kind(Socket::new().open(url.into()));
            assert_eq!(refused, Some(ErrorKind::InvalidInput), "{url}");
        }
    });
}

/// A zone of this machine means nothing to a proxy.
#[test]
fn a_proxy_is_told_no_zone() {
    let through = Script::new().request().raw("HTTP/1.1 200 OK\r\n\r\n");
    let server = Scripted::new(through.request().accept().serve());
    run(async {
        let proxy = Proxy::http("127.0.0.1.", server.own_port().await);
        let options = Options::new().proxy(proxy);
        drop(
            Socket::connect_with("ws://[fe80::1%25eth0]/", options)
                .await
                .unwrap(),
        );
        let log = server.log(1).await;
        let lines: Vec<_> = log.requests(1).map(|lines| &*lines[0]).collect();
        assert_eq!(lines, ["CONNECT [fe80::1]:80 HTTP/1.1", "GET / HTTP/1.1"]);
    });
}

#[test]
fn hosts_in_headers_are_sent_in_ascii() {
    let server = Scripted::new(Script::echo());
    run(async {
        let request = Request::new(server.url())
            .origin(" https://bücher.example ")
            .header("Host", "Bücher.example:80\t")
            .header("X-Padded", " \tvalue\t ");
        drop(Socket::connect(request).await.unwrap());
        for (name, value) in [
            ("Origin", "https://xn--bcher-kva.example"),
            ("Host", "xn--bcher-kva.example:80"),
            ("X-Padded", "value"),
        ] {
            assert_eq!(server.sent(1, name).await, [value]);
        }
    });
    for origin in ["http://a/ü", "grün"] {
        for request in [
            Request::new("ws://a/").origin(origin),
            Request::new("ws://a/").header("Origin", origin),
        ] {
            let refused = kind(Socket::new().open(request));
            assert_eq!(refused, Some(ErrorKind::InvalidInput), "{origin}");
        }
    }
}
