//! Proxies that nobody here wrote.

use std::net::Ipv4Addr;

use qwebsocket::{
    AuthScheme, Challenge, Credentials, ErrorKind, Event, Options, Proxy, Socket, TlsConfig,
    WebSocket, WebSocketExt,
};

use crate::common::{Counterpart, GOOD_END, Peer, again, fail, is_again, message, run, to_end};
use crate::programs::{PASSWORD, Program, Squid, TARGET, USER};
use crate::tls::{Authority, Files, params};
use crate::tls_front::TlsFront;

fn right() -> Credentials {
    Credentials::new(USER, PASSWORD)
}

/// A server without TLS and one with it.
struct Servers {
    authority: Authority,
    files: Files,
    _counterparts: [Counterpart; 2],
    ports: [u16; 2],
}

impl Servers {
    fn start(test: &str) -> Servers {
        let authority = Authority::new("authority");
        let files = authority.issue(test, params(&["localhost", TARGET]));
        let (plain, plain_port) = Counterpart::server(Peer::Node, &[]);
        let arguments = files.each_ref().map(String::as_str);
        let (secure, secure_port) = Counterpart::server(Peer::Node, &arguments);
        Servers {
            authority,
            files,
            _counterparts: [plain, secure],
            ports: [plain_port, secure_port],
        }
    }

    fn urls(&self, host: &str) -> [String; 2] {
        let [plain, secure] = self.ports;
        [
            format!("ws://{host}:{plain}/echo"),
            format!("wss://{host}:{secure}/echo"),
        ]
    }

    fn tls(&self) -> TlsConfig {
        self.authority.trusted()
    }

    fn options(&self, proxy: &Proxy) -> Options {
        Options::new().tls(self.tls()).proxy(proxy.clone())
    }
}

/// A message comes back, and the connection ends well.
async fn echoes(socket: &Socket) {
    let large = vec![9; 300_000];
    socket.send(large.clone().into()).unwrap();
    assert!(message(socket).await == large.into());
    socket.close(Default::default()).unwrap();
    assert_eq!(to_end(socket).await, GOOD_END);
}

/// Opens, and answers all questions so, until it is connected: the questions.
async fn answer(socket: &Socket, url: &str, answers: &[Credentials]) -> Vec<Challenge> {
    let mut answers = answers.iter();
    let mut asked = Vec::new();
    socket.open(url.into()).unwrap();
    loop {
        match socket.next_event().await.expect("it connects") {
            Event::ProxyAuthenticate(decision) => {
                asked.push(decision.question().clone());
                decision.answer(answers.next().expect("one more answer").clone());
            }
            Event::Connected => return asked,
            Event::Error(error) => panic!("{error}"),
            _ => {}
        }
    }
}

/// Goes to both servers through a proxy that wants to know who comes, with the right credentials,
/// with wrong ones, without any, and with an application that is asked.
fn asks(servers: &Servers, proxy: &Proxy, port: u16, scheme: AuthScheme) {
    refuses_and_asks(servers, proxy, port, scheme, true);
}

/// The same, for a proxy that may not ask again after wrong ones.
fn refuses_and_asks(
    servers: &Servers,
    proxy: &Proxy,
    port: u16,
    scheme: AuthScheme,
    asks_again: bool,
) {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    let wrong = Credentials::new(USER, "wrong");
    for url in &servers.urls("localhost") {
        run(async {
            let known = proxy.clone().credentials(right());
            let socket = Socket::connect_with(&**url, servers.options(&known)).await;
            let socket = socket.unwrap();
            assert_eq!(socket.request_url(), *url);
            // The name of the server, the address of the proxy.
            assert_eq!(socket.peer_name(), "localhost");
            assert_eq!(socket.peer_address(), Some(address));
            echoes(&socket).await;

            let mistaken = proxy.clone().credentials(wrong.clone());
            for proxy in [proxy, &mistaken] {
                let socket = Socket::with_options(servers.options(proxy)).unwrap();
                let error = fail(&socket, &**url).await;
                assert_eq!(error.kind(), ErrorKind::ProxyAuthentication, "{error}");
            }

            let options = servers.options(proxy).ask_credentials(true);
            let socket = Socket::with_options(options).unwrap();
            let (answers, tried) = if asks_again {
                (vec![wrong.clone(), right()], vec![None, Some(&wrong)])
            } else {
                (vec![right()], vec![None])
            };
            let asked = answer(&socket, url, &answers).await;
            assert!(asked.iter().all(|challenge| challenge.scheme() == scheme));
            assert!(asked.iter().map(Challenge::tried).eq(tried), "{asked:?}");
            echoes(&socket).await;
        });
    }
}

#[test]
fn squid_with_basic() {
    let servers = Servers::start("squid-basic");
    let squid = Program::squid(Squid::Basic, None);
    let proxy = Proxy::http("127.0.0.1", squid.port());
    asks(&servers, &proxy, squid.port(), AuthScheme::Basic);
}

#[test]
fn squid_with_digest() {
    let servers = Servers::start("squid-digest");
    let squid = Program::squid(Squid::Digest, None);
    let proxy = Proxy::http("127.0.0.1", squid.port());
    asks(&servers, &proxy, squid.port(), AuthScheme::Digest);
}

#[test]
fn squid_by_tls() {
    let servers = Servers::start("squid-tls");
    let squid = Program::squid(Squid::Basic, Some(&servers.files));
    let proxy = Proxy::https("localhost", squid.port());
    asks(&servers, &proxy, squid.port(), AuthScheme::Basic);

    // Its certificate is looked at as those of servers are.
    run(async {
        for (proxy, tls) in [
            (Proxy::https("127.0.0.1", squid.port()), servers.tls()),
            (proxy, TlsConfig::new()),
        ] {
            let options = Options::new().tls(tls).proxy(proxy);
            let socket = Socket::with_options(options).unwrap();
            let error = fail(&socket, &*servers.urls("localhost")[0]).await;
            assert_eq!(error.kind(), ErrorKind::Tls);
            assert!(error.to_string().contains("proxy"), "{error}");
        }
    });
}

#[test]
fn tinyproxy_with_basic() {
    let servers = Servers::start("tinyproxy");
    let tinyproxy = Program::tinyproxy(true);
    let proxy = Proxy::http("127.0.0.1", tinyproxy.port());
    // To wrong credentials it says 401, and does not ask again.
    refuses_and_asks(&servers, &proxy, tinyproxy.port(), AuthScheme::Basic, false);
}

#[test]
fn tinyproxy_by_tls() {
    let servers = Servers::start("tinyproxy-tls");
    let tinyproxy = Program::tinyproxy(false);
    let front = TlsFront::of(&format!("127.0.0.1:{}", tinyproxy.port()));
    let [url, _] = servers.urls("localhost");
    run(async {
        let options = Options::new().tls(front.trusted());
        let options = options.proxy(Proxy::https("localhost", front.port()));
        echoes(&Socket::connect_with(url, options).await.unwrap()).await;
    });
}

#[test]
fn microsocks_with_a_login() {
    let servers = Servers::start("microsocks");
    let microsocks = Program::microsocks(true);
    let proxy = Proxy::socks5("127.0.0.1", microsocks.port());
    asks(&servers, &proxy, microsocks.port(), AuthScheme::Socks5);
}

#[test]
fn who_asks_for_nothing_is_told_nothing() {
    let servers = Servers::start("open");
    let (tinyproxy, microsocks) = (Program::tinyproxy(false), Program::microsocks(false));
    for proxy in [
        Proxy::http("127.0.0.1", tinyproxy.port()),
        Proxy::socks5("127.0.0.1", microsocks.port()),
    ] {
        for proxy in [proxy.clone(), proxy.credentials(right())] {
            for url in servers.urls("localhost") {
                run(async {
                    let options = servers.options(&proxy).ask_credentials(true);
                    let socket = Socket::with_options(options).unwrap();
                    assert_eq!(answer(&socket, &url, &[]).await, []);
                    echoes(&socket).await;
                });
            }
        }
    }
}

#[test]
fn a_server_that_is_down_is_not_the_proxys_fault() {
    let squid = Program::squid(Squid::Basic, None);
    let (tinyproxy, microsocks) = (Program::tinyproxy(false), Program::microsocks(false));
    let nobody = support::refused_port().unwrap();
    let squid = Proxy::http("127.0.0.1", squid.port()).credentials(right());
    let tinyproxy = Proxy::http("127.0.0.1", tinyproxy.port());
    let microsocks = Proxy::socks5("127.0.0.1", microsocks.port());
    run(async {
        for proxy in [&squid, &tinyproxy, &microsocks] {
            let options = Options::new().proxy(proxy.clone());
            let socket = Socket::with_options(options).unwrap();
            for url in [&*nobody.base(), "ws://host.invalid/"] {
                let error = fail(&socket, url).await;
                assert_eq!(
                    error.kind(),
                    ErrorKind::ProxyUnreachable,
                    "{proxy:?}: {error}"
                );
            }
        }
    });
}

#[test]
fn a_proxy_that_is_down_is_told_from_a_server_that_is() {
    let port = support::refused_port().unwrap().address().port();
    let constructors = [Proxy::http, Proxy::https, Proxy::socks5];
    run(async {
        for new in constructors {
            let options = |host| Options::new().proxy(new(host, port));
            let socket = Socket::with_options(options("127.0.0.1".to_owned())).unwrap();
            let error = fail(&socket, "ws://host.invalid/").await;
            assert_eq!(error.kind(), ErrorKind::ProxyConnectionRefused);
            let socket = Socket::with_options(options("proxy.invalid".to_owned())).unwrap();
            let error = fail(&socket, "ws://host.invalid/").await;
            assert_eq!(error.kind(), ErrorKind::ProxyNotFound);
        }
    });
}

#[test]
fn the_environment_names_a_proxy_and_exceptions() {
    const URLS: &str = "QWEBSOCKET_TEST_URLS";
    const ROOT: &str = "QWEBSOCKET_TEST_ROOT";
    let name = "proxies::the_environment_names_a_proxy_and_exceptions";
    if is_again() {
        let variable = |name| std::env::var(name).unwrap();
        let tls = TlsConfig::new().root_pem(variable(ROOT));
        let options = Options::new().tls(tls).proxy(Proxy::environment());
        return run(async {
            for url in variable(URLS).split(' ') {
                let socket = Socket::with_options(options.clone()).unwrap();
                if std::env::var_os("no_proxy").is_some() {
                    let error = fail(&socket, url).await;
                    assert_eq!(error.kind(), ErrorKind::HostNotFound, "{url}");
                } else {
                    assert_eq!(answer(&socket, url, &[]).await, []);
                    echoes(&socket).await;
                }
            }
        });
    }
    let servers = Servers::start("environment");
    let squid = Program::squid(Squid::Basic, None);
    let proxy = format!("http://{USER}:{PASSWORD}@127.0.0.1:{}", squid.port());
    let urls = servers.urls(TARGET).join(" ");
    let root = servers.authority.root();
    for [plain, secure] in [
        ["http_proxy", "https_proxy"],
        ["all_proxy", "NO_PROXY_AT_ALL"],
        ["http_proxy", "HTTPS_PROXY"],
    ] {
        let variables = [
            (plain, &*proxy),
            (secure, &proxy),
            (URLS, &urls),
            (ROOT, &root),
        ];
        again(name, &variables);
        let exempt = [&variables[..], &[("no_proxy", "other.test,.test")]].concat();
        again(name, &exempt);
    }
}
