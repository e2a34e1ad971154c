//! Whom a certificate names, and who a server may know us as.

use ::openssl::ssl::{SslContextBuilder, SslVerifyMode};
use async_std::net::TcpStream;
use qwebsocket::{Error, Options, Proxy, Socket, TlsConfig, WebSocket};
use support::Script;

use super::{Authority, LIBRARIES, TlsFront, echo, front, invalid, named, params};
use crate::common::run;
use crate::scripted::Scripted;
use crate::tls_front::{Ending, demand, shows};

/// Connects to a front by another name than where it is.
async fn reach(front: &TlsFront, host: &str, tls: TlsConfig) -> Result<Socket, Error> {
    let stream = TcpStream::connect(front.address()).await.unwrap();
    let url = format!("wss://{host}/run/echo");
    Socket::connect_over(stream, url, Options::new().tls(tls)).await
}

/// RFC 6066 §3: it is in no SNI, and in no certificate.
#[test]
fn the_roots_dot_is_in_the_url_only() {
    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["svc.example", "127.0.0.1"]));
    for library in LIBRARIES {
        let front = front(shows(&pem));
        run(async {
            let tls = || authority.trusted().library(*library);
            for (host, tls) in [
                ("svc.example.", tls()),
                ("SVC.Example", tls()),
                ("other.example", tls().server_name("Svc.example.")),
            ] {
                let socket = reach(&front, host, tls).await.expect(host);
                drop(socket);
                assert_eq!(front.saw().await, "accepted");
                assert_eq!(front.saw().await, "secure TLSv1.3 sni=svc.example client=-");
                front.saw_close_notify().await;
            }
            let socket = reach(&front, "127.0.0.1.", tls()).await.unwrap();
            drop(socket);
            assert_eq!(front.saw().await, "accepted");
            assert_eq!(front.saw().await, "secure TLSv1.3 sni=- client=-");
        });
    }
}

/// OpenSSL would take `.example` for a pattern that `svc.example` fits.
#[test]
fn a_server_name_is_a_host() {
    for library in LIBRARIES {
        for name in ["", ".", ".example", "a..example", "a b", "a\0b", "a/b"] {
            let tls = TlsConfig::new().library(*library).server_name(name);
            assert!(invalid(tls).contains("name of a server"), "{name:?}");
        }
    }
}

/// Asks for a certificate, and takes a client without one.
fn ask(context: &mut SslContextBuilder, authority: &Authority) {
    demand(context, authority);
    context.set_verify(SslVerifyMode::PEER);
}

/// A front that asks for certificates, before this `HOST:PORT`.
fn asking(authority: &Authority, names: &[&str], behind: &str) -> TlsFront {
    let mut context = shows(&authority.pem(params(names)));
    ask(&mut context, authority);
    TlsFront::with(context, Ending::Told, behind)
}

async fn saw(front: &TlsFront) -> String {
    assert_eq!(front.saw().await, "accepted");
    front.saw().await
}

fn leading(location: &str) -> Scripted {
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    Scripted::new(Script::new().raw(answer))
}

#[test]
fn another_origin_does_not_learn_who_we_are() {
    let authority = Authority::new("authority");
    let client = authority.pem(named("client", &[]));
    for library in LIBRARIES {
        let there = asking(&authority, &["localhost"], &echo());
        let location = format!("https://localhost:{}/run/echo", there.port());
        let leading = leading(&location);
        // What we call the first server is not the name of the other.
        let here = asking(&authority, &["svc.example"], &leading.authority());
        run(async {
            let tls = authority.trusted().library(*library);
            let tls = tls.identity(client.identity()).server_name("svc.example");
            let path = leading
                .url()
                .replace(&format!("ws://{}", leading.authority()), "");
            let url = format!("wss://localhost:{}{path}", here.port());
            let options = Options::new().redirects(1).tls(tls);
            let socket = Socket::connect_with(url, options).await.unwrap();
            assert_eq!(socket.request_url(), location.replace("https", "wss"));
            assert_eq!(
                saw(&here).await,
                "secure TLSv1.3 sni=svc.example client=client"
            );
            assert_eq!(saw(&there).await, "secure TLSv1.3 sni=localhost client=-");
        });
    }
}

/// The same server by another path is told the same.
#[test]
fn the_same_origin_is_shown_the_certificate_again() {
    let authority = Authority::new("authority");
    let client = authority.pem(named("client", &[]));
    for library in LIBRARIES {
        let again = "HTTP/1.1 302 Found\r\nLocation: again\r\nContent-Length: 0\r\n\r\n";
        let script = Script::new().request().raw(again).next_connection();
        let server = Scripted::new(script.request().accept().serve());
        run(async {
            let behind = format!("127.0.0.1:{}", server.own_port().await);
            let here = asking(&authority, &["localhost"], &behind);
            let tls = authority.trusted().library(*library);
            let options = Options::new()
                .redirects(1)
                .tls(tls.identity(client.identity()));
            let url = format!("wss://localhost:{}/", here.port());
            let socket = Socket::connect_with(&*url, options).await.unwrap();
            assert_eq!(socket.request_url(), url + "again");
            let mut seen = here.has_seen();
            seen.retain(|word| word.starts_with("secure"));
            assert_eq!(seen, ["secure TLSv1.3 sni=localhost client=client"; 2]);
        });
    }
}

/// Only a proxy for which that is wanted.
#[test]
fn a_proxy_does_not_learn_who_we_are_unless_wanted() {
    let authority = Authority::new("authority");
    let client = authority.pem(named("client", &[]));
    for library in LIBRARIES {
        for (is_wanted, name) in [(false, "-"), (true, "client")] {
            let through = Script::new().request().raw("HTTP/1.1 200 OK\r\n\r\n");
            let server = Scripted::new(through.request().accept().serve());
            run(async {
                let port = server.own_port().await;
                let proxy = asking(&authority, &["localhost"], &format!("127.0.0.1:{port}"));
                let tls = authority.trusted().library(*library);
                let tls = tls.identity(client.identity()).proxy_identity(is_wanted);
                let options = Options::new().tls(tls);
                let options = options.proxy(Proxy::https("localhost", proxy.port()));
                let socket = Socket::connect_with("ws://a.example/", options).await;
                drop(socket.unwrap());
                let seen = saw(&proxy).await;
                assert_eq!(seen, format!("secure TLSv1.3 sni=localhost client={name}"));
            });
        }
    }
}

#[cfg(feature = "openssl")]
#[test]
fn another_origin_is_not_offered_our_key() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["localhost"]));
    let there = front(shows(&pem));
    let leading = leading(&format!("https://localhost:{}/run/echo", there.port()));
    let here = TlsFront::with(shows(&pem), Ending::Told, &leading.authority());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let tls = authority.trusted().library(qwebsocket::TlsLibrary::OpenSsl);
    let tls = tls.pre_shared_key(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        None
    });
    run(async {
        let path = leading
            .url()
            .replace(&format!("ws://{}", leading.authority()), "");
        let url = format!("wss://localhost:{}{path}", here.port());
        let direct = format!("wss://localhost:{}/run/echo", there.port());
        let options = Options::new().redirects(1).tls(tls);
        drop(Socket::connect_with(direct, options.clone()).await.unwrap());
        let once = asked.swap(0, Ordering::Relaxed);
        assert!(once > 0, "it is offered to the server of the URL");
        drop(Socket::connect_with(url, options).await.unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), once);
    });
}
