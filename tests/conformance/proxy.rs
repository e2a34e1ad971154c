//! Proxies. Browsers decide about them by themselves: there the option is refused.
//!
//! The scripted server is the proxy, and behind its tunnel the server as well.

use std::collections::VecDeque;

use qwebsocket::{Credentials, ErrorKind, Features, Options, Proxy, WebSocket};
use support::{Entry, Script, Socks5};

use super::story::Story;
use super::{Lab, Target};

/// No name server knows it; it is the proxy that is asked for it.
const URL: &str = "ws://target.example:8080/path";

const THROUGH: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

const ASKED: &str = "ProxyAuthenticate(Basic, mini)";

/// `u:p`.
const BASIC: &str = "Basic dTpw";

/// `CONNECT` names the server with its port in `Host`, too (RFC 9110 §7.2), where Qt leaves it out
/// and pretends to be Mozilla; the peer's name stays the server's.
pub(crate) async fn proxy_http<T: Target>(lab: Lab<T>) {
    let Some(mut story) = behind(&lab, Kind::Http, &tunnel()).await else {
        return;
    };
    story.opened().await;
    assert_eq!(story.socket.peer_name(), "target.example");
    assert_eq!(story.socket.request_url(), URL);
    echoes(&mut story).await;
    let log = story.run.log(1).await;
    let requests: Vec<_> = log.requests(1).collect();
    let [connect, request] = requests[..] else {
        panic!("two requests\n{log}");
    };
    let expected = [
        "CONNECT target.example:8080 HTTP/1.1",
        "Host: target.example:8080",
    ];
    assert_eq!(connect, expected);
    assert_eq!(request[..2], ["GET /path HTTP/1.1", expected[1]]);
}

/// A 407 is answered when the application says who it is.
pub(crate) async fn proxy_http_auth_answered<T: Target>(lab: Lab<T>) {
    let script = with_tunnel(denied().request());
    let answers = [Credentials::new("u", "p")];
    let Some(mut story) = asked(&lab, Kind::Http, &script, answers).await else {
        return;
    };
    story.opened_after(&[ASKED]).await;
    echoes(&mut story).await;
    let sent = story.run.sent(1, "Proxy-Authorization").await;
    assert_eq!(sent, [["-", BASIC, "-"]]);
}

/// The same over a new connection to the proxy.
pub(crate) async fn proxy_http_auth_close<T: Target>(lab: Lab<T>) {
    let script = Script::new().request().raw(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"mini\"\r\n\
         Content-Length: 0\r\nProxy-Connection: close\r\nConnection: close\r\n\r\n",
    );
    let script = with_tunnel(script.fin().next_connection().request());
    let answers = [Credentials::new("u", "p")];
    let Some(mut story) = asked(&lab, Kind::Http, &script, answers).await else {
        return;
    };
    story.opened_after(&[ASKED]).await;
    story.send("via proxy");
    story.expect(["Text(via proxy)"]).await;
    story.closes().await;
    let sent = story.run.sent(2, "Proxy-Authorization").await;
    assert_eq!(sent, [vec!["-"], vec![BASIC, "-"]]);
}

/// What was wrong is in the next question.
pub(crate) async fn proxy_http_auth_wrong_then_right<T: Target>(lab: Lab<T>) {
    let script = with_tunnel(denied().request().raw(DENIED).request());
    let answers = ["bad", "good"].map(|password| Credentials::new("u", password));
    let Some(mut story) = asked(&lab, Kind::Http, &script, answers).await else {
        return;
    };
    let again = "ProxyAuthenticate(Basic, mini, not u:bad)";
    story.opened_after(&[ASKED, again]).await;
    let host = story.challenges[0].host();
    assert!(host.starts_with("127.0.0.1:") && host != story.run.authority());
    echoes(&mut story).await;
    let sent = story.run.sent(1, "Proxy-Authorization").await;
    assert_eq!(sent, [["-", "Basic dTpiYWQ=", "Basic dTpnb29k", "-"]]);
}

/// 403: not to this server.
pub(crate) async fn proxy_http_403<T: Target>(lab: Lab<T>) {
    let script = Script::new().request().raw(FORBIDDEN).drain(700);
    let Some(story) = fails(&lab, Kind::Http, &script, ErrorKind::ProxyDenied).await else {
        return;
    };
    story.run.saw(["eof"]).await;
    assert!(story.socket.error_string().contains("403 Forbidden"));
}

/// What answers is no proxy.
pub(crate) async fn proxy_http_garbage<T: Target>(lab: Lab<T>) {
    let script = Script::new().request().raw("what?\r\n\r\n").drain(700);
    if let Some(story) = fails(&lab, Kind::Http, &script, ErrorKind::ProxyProtocol).await {
        story.run.saw(["eof"]).await;
    }
}

/// The server hangs up behind the tunnel, which is not the proxy's doing.
pub(crate) async fn proxy_http_target_drop<T: Target>(lab: Lab<T>) {
    let script = Script::new().request().raw("HTTP/1.1 200 OK\r\n\r\n");
    let script = script.request().fin();
    if let Some(story) = fails(&lab, Kind::Http, &script, ErrorKind::RemoteClosed).await {
        story.run.saw(["eof"]).await;
    }
}

/// The server's close comes through; our code answers it.
pub(crate) async fn proxy_http_close_server<T: Target>(lab: Lab<T>) {
    let script = Script::new().request().raw("HTTP/1.1 200 OK\r\n\r\n");
    let script = script.request().accept().close(1001, "bye").drain(700);
    let Some(mut story) = behind(&lab, Kind::Http, &script).await else {
        return;
    };
    story.opened().await;
    assert!(story.is_closed(1001, "bye").await);
    story.run.saw(["Close(1001, bye)", "eof"]).await;
}

/// The proxy resolves the name.
pub(crate) async fn proxy_socks5<T: Target>(lab: Lab<T>) {
    let script = Script::new().socks5(Socks5::new());
    let script = script.request().accept().serve();
    let Some(mut story) = behind(&lab, Kind::Socks5, &script).await else {
        return;
    };
    story.opened().await;
    assert_eq!(story.socket.peer_name(), "target.example");
    passes(&mut story, &["Socks5(methods 0)", TO_TARGET]).await;
    assert_eq!(story.run.sent(1, "Host").await, [["target.example:8080"]]);
}

/// Credentials that were given beforehand. Both ways to log in are offered at once; Qt offers only
/// the one.
pub(crate) async fn proxy_socks5_auth<T: Target>(lab: Lab<T>) {
    let kind = Kind::Socks5With(Credentials::new("u", "p"));
    let Some(mut story) = behind(&lab, kind, &socks5_login()).await else {
        return;
    };
    story.opened().await;
    passes(&mut story, &LOGGED_IN).await;
}

/// They are asked for on the same connection; Qt makes a second one.
pub(crate) async fn proxy_socks5_auth_answered<T: Target>(lab: Lab<T>) {
    let answers = [Credentials::new("u", "p")];
    let Some(mut story) = asked(&lab, Kind::Socks5, &socks5_login(), answers).await else {
        return;
    };
    story.opened_after(&["ProxyAuthenticate(Socks5, )"]).await;
    passes(&mut story, &LOGGED_IN).await;
}

/// A general failure is the proxy's; in Qt the name is not found.
pub(crate) async fn proxy_socks5_reply_1<T: Target>(lab: Lab<T>) {
    replies(&lab, 1, ErrorKind::ProxyUnreachable).await;
}

/// The proxy did not find the host.
pub(crate) async fn proxy_socks5_reply_4<T: Target>(lab: Lab<T>) {
    replies(&lab, 4, ErrorKind::HostNotFound).await;
}

/// The proxy does not know what it is asked for.
pub(crate) async fn proxy_socks5_reply_7<T: Target>(lab: Lab<T>) {
    replies(&lab, 7, ErrorKind::ProxyProtocol).await;
}

/// No proxy, after all.
pub(crate) async fn proxy_none<T: Target>(lab: Lab<T>) {
    let proxy = Kind::Http.proxy(port_of(&T::nobody()));
    let lab = lab.and(|options| options.proxy(proxy).proxy(None));
    let mut story = lab.connect(Script::echo()).await;
    echoes(&mut story).await;
}

/// There is no proxy of the whole application: options can be used for all of its sockets.
pub(crate) async fn proxy_application<T: Target>(lab: Lab<T>) {
    let Some(mut first) = behind(&lab, Kind::Http, &tunnel()).await else {
        return;
    };
    first.opened().await;
    let mut second = first.lab.story();
    second.socket.open(URL.into()).expect("a good URL");
    second.opened().await;
    first.closes().await;
    second.closes().await;
    let expected = &["Close(1000)", "eof"][..];
    first.run.saw_each(&[expected, expected]).await;
    let log = first.run.log(2).await;
    for connection in [1, 2] {
        let line = &log.request(connection)[0];
        assert_eq!(line, "CONNECT target.example:8080 HTTP/1.1");
    }
}

/// `https_proxy` does not concern `localhost`.
pub(crate) async fn proxy_env_https<T: Target>(lab: Lab<T>) {
    let url = T::nobody().replace("ws://127.0.0.1", "wss://localhost") + "/path";
    let kind = ErrorKind::ConnectionRefused;
    let script = Script::new().request().raw(FORBIDDEN).drain(700);
    if let Some(parent) = in_environment(&lab, ENV_HTTPS, &url, &script, kind).await {
        parent.run.saw_nobody().await;
    }
}

/// `http_proxy` is for `wss` as well, and asked for what does not resolve.
pub(crate) async fn proxy_env_wss_http_proxy<T: Target>(lab: Lab<T>) {
    let url = "wss://target.example:8443/";
    let kind = ErrorKind::ProxyDenied;
    let script = Script::new().request().raw(FORBIDDEN).drain(700);
    let Some(parent) = in_environment(&lab, ENV_HTTP, url, &script, kind).await else {
        return;
    };
    parent.run.saw(["eof"]).await;
    let log = parent.run.log(1).await;
    assert_eq!(log.request(1)[0], "CONNECT target.example:8443 HTTP/1.1");
}

/// `all_proxy` is for `ws`, too; Qt does not look at it.
pub(crate) async fn proxy_env_ws_all_proxy<T: Target>(lab: Lab<T>) {
    let kind = ErrorKind::ProxyDenied;
    let script = Script::new().request().raw(FORBIDDEN).drain(700);
    let Some(parent) = in_environment(&lab, ENV_ALL, URL, &script, kind).await else {
        return;
    };
    parent.run.saw(["eof"]).await;
    let log = parent.run.log(1).await;
    assert_eq!(log.request(1)[0], "CONNECT target.example:8080 HTTP/1.1");
}

const ENV_HTTPS: [&str; 2] = ["proxy_env_https", "https_proxy"];
const ENV_HTTP: [&str; 2] = ["proxy_env_wss_http_proxy", "http_proxy"];
const ENV_ALL: [&str; 2] = ["proxy_env_ws_all_proxy", "all_proxy"];

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

const DENIED: &str = "HTTP/1.1 407 Proxy Authentication Required\r\n\
     Proxy-Authenticate: Basic realm=\"mini\"\r\nContent-Length: 0\r\n\
     Connection: keep-alive\r\n\r\n";

const TO_TARGET: &str = "Socks5(connect name target.example:8080)";

const LOGGED_IN: [&str; 3] = ["Socks5(methods 0 2)", "Socks5(login u p)", TO_TARGET];

#[derive(Clone)]
enum Kind {
    Http,
    Socks5,
    Socks5With(Credentials),
}

impl Kind {
    fn proxy(self, port: u16) -> Proxy {
        match self {
            Kind::Http => Proxy::http("127.0.0.1", port),
            Kind::Socks5 => Proxy::socks5("127.0.0.1", port),
            Kind::Socks5With(credentials) => {
                Proxy::socks5("127.0.0.1", port).credentials(credentials)
            }
        }
    }
}

fn port_of(base: &str) -> u16 {
    let (_, port) = base.rsplit_once(':').expect("a port");
    port.parse().expect("a port")
}

/// What follows `CONNECT` is a tunnel, and the server behind it echoes.
fn with_tunnel(script: Script) -> Script {
    script.raw(THROUGH).request().accept().serve()
}

fn tunnel() -> Script {
    with_tunnel(Script::new().request())
}

fn denied() -> Script {
    Script::new().request().raw(DENIED)
}

fn socks5_login() -> Script {
    let script = Script::new().socks5(Socks5::new().login("u", "p"));
    script.request().accept().serve()
}

/// Opens the URL behind a proxy that follows this script, where the platform lets us.
async fn behind<T: Target>(lab: &Lab<T>, kind: Kind, script: &Script) -> Option<Story<T>> {
    through(lab, Features::PROXY, kind, script, Options::new()).await
}

/// The same with sockets that ask, and these answers.
async fn asked<T: Target>(
    lab: &Lab<T>,
    kind: Kind,
    script: &Script,
    answers: impl Into<VecDeque<Credentials>>,
) -> Option<Story<T>> {
    let needed = Features::PROXY | Features::AUTHENTICATION;
    let options = Options::new().ask_credentials(true);
    let mut story = through(lab, needed, kind, script, options).await?;
    story.answers = answers.into();
    Some(story)
}

async fn through<T: Target>(
    lab: &Lab<T>,
    needed: Features,
    kind: Kind,
    script: &Script,
    options: Options,
) -> Option<Story<T>> {
    let run = lab.story().into_run();
    let port = run.own_port(script).await;
    let lab = lab.with(needed, options.proxy(kind.proxy(port)))?;
    let mut story = lab.story();
    story.run = run;
    story.socket.open(URL.into()).expect("a good URL");
    Some(story)
}

/// A message comes back through the proxy, and the closing handshake works.
async fn echoes<T: Target>(story: &mut Story<T>) {
    passes(story, &[]).await;
}

/// The same, after the proxy saw this.
async fn passes<T: Target>(story: &mut Story<T>, before: &[&str]) {
    story.send("via proxy");
    story.expect(["Text(via proxy)"]).await;
    story.closes().await;
    let saw = ["Text(via proxy)", "Close(1000)", "eof"];
    story.run.saw([before, &saw].concat()).await;
}

async fn fails<T: Target>(
    lab: &Lab<T>,
    kind: Kind,
    script: &Script,
    error: ErrorKind,
) -> Option<Story<T>> {
    let mut story = behind(lab, kind, script).await?;
    story.fails_to_open(error).await;
    Some(story)
}

async fn replies<T: Target>(lab: &Lab<T>, reply: u8, error: ErrorKind) {
    let script = Script::new().socks5(Socks5::new().reply(reply));
    if let Some(story) = fails(lab, Kind::Socks5, &script, error).await {
        // What the proxy says behind its refusal is not read, so the end may be a reset.
        let log = story.run.log(1).await;
        let entries = ["methods 0", "connect name target.example:8080"];
        let entries = entries.map(|text| Entry::Socks5(text.to_owned()));
        assert!(log.connection(1).starts_with(&entries), "{log}");
        assert!(log.hung_up(1), "{log}");
    }
}

/// Opens the URL in vain, in a process whose environment names the proxy. The story of the process
/// that made it comes back: its run saw the proxy.
async fn in_environment<T: Target>(
    lab: &Lab<T>,
    [case, variable]: [&str; 2],
    url: &str,
    script: &Script,
    error: ErrorKind,
) -> Option<Story<T>> {
    let options = Options::new().proxy(Proxy::environment());
    let mut story = lab.with(Features::PROXY, options)?.story();
    if T::is_again() {
        story.socket.open(url.into()).expect("a good URL");
        story.fails_to_open(error).await;
        return None;
    }
    let port = story.run.own_port(script).await;
    let proxy = format!("http://127.0.0.1:{port}");
    T::again(&format!("proxy::tests::{case}"), variable, &proxy);
    Some(story)
}

cases! {
    proxy_http,
    proxy_http_auth_answered,
    proxy_http_auth_close,
    proxy_http_auth_wrong_then_right,
    proxy_http_403,
    proxy_http_garbage,
    proxy_http_target_drop,
    proxy_http_close_server,
    proxy_socks5,
    proxy_socks5_auth,
    proxy_socks5_auth_answered,
    proxy_socks5_reply_1,
    proxy_socks5_reply_4,
    proxy_socks5_reply_7,
    proxy_none,
    proxy_application,
    proxy_env_https,
    proxy_env_wss_http_proxy,
    proxy_env_ws_all_proxy,
}
