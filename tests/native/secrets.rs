//! Credentials are shown nowhere: not by `Debug`, not in an error, and in no line of a log, neither of
//! ours nor of what is below.

use std::error::Error as _;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use qwebsocket::{
    Credentials, Error, Event, Options, Proxy, Request, Socket, WebSocket, WebSocketExt,
};
use support::{Script, Socks5};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::common::{alone, run};
use crate::scripted::Scripted;

/// The password, `user:` in Base64, and what only the answer to a digest has.
const SECRETS: [&str; 4] = ["hunter", "dXNlcj", "cnonce=", "response="];

fn credentials() -> Credentials {
    Credentials::new("user", "hunter2")
}

/// All that was shown.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Shown {
    /// What is logged from now on, by whomever, at each level.
    fn logs() -> Shown {
        let shown = Shown::default();
        let writer = shown.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish()
            .init();
        shown
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn error(&self, error: &Error) {
        self.line(format_args!("{error} {error:?}"));
        let mut source = error.source();
        while let Some(error) = source {
            self.line(format_args!("{error} {error:?}"));
            source = error.source();
        }
    }

    fn line(&self, line: impl std::fmt::Display) {
        writeln!(self.0.lock().unwrap(), "{line}").unwrap();
    }

    /// Connects, and shows all that can be shown. Each question is answered once.
    async fn connect(&self, request: Request, options: Options) {
        self.line(format_args!("{request:?} {options:?}"));
        let socket = Socket::with_options(options).unwrap();
        if let Err(error) = socket.open(request) {
            return self.error(&error);
        }
        let mut answers = vec![credentials()];
        while let Some(event) = socket.next_event().await {
            self.line(format_args!("{event:?} {socket:?} {:?}", socket.info()));
            match event {
                Event::Authenticate(decision) | Event::ProxyAuthenticate(decision) => {
                    if let Some(answer) = answers.pop() {
                        decision.answer(answer);
                    }
                }
                Event::Error(error) => self.error(&error),
                Event::Connected => socket.close(Default::default()).unwrap(),
                _ => {}
            }
        }
    }
}

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn refusing(status: &str, header: &str, challenge: &str) -> String {
    format!("HTTP/1.1 {status} Who\r\n{header}: {challenge}\r\nContent-Length: 0\r\n\r\n")
}

const CHALLENGES: [&str; 3] = [
    "Basic realm=\"shadow\"",
    "Digest realm=\"shadow\", nonce=\"n\", qop=\"auth\"",
    "Digest realm=\"shadow\", nonce=\"n\", algorithm=SHA-256-sess, qop=\"auth-int\"",
];

#[test]
fn credentials_are_shown_nowhere() {
    alone("secrets::credentials_are_shown_nowhere", || {
        let shown = Shown::logs();
        run(async {
            for challenge in CHALLENGES {
                servers(&shown, challenge).await;
                http_proxies(&shown, challenge).await;
            }
            socks5(&shown).await;
            what_cannot_be_used(&shown).await;
        });
        let text = shown.text();
        for proof in ["shadow", "Connected", "refused", "invalid URL", "255 bytes"] {
            assert!(text.contains(proof), "{proof} is not in {text}");
        }
        if cfg!(feature = "tracing") {
            assert!(text.contains("state changed"), "{text}");
        }
        for line in text.lines() {
            let secret = SECRETS.iter().find(|secret| line.contains(**secret));
            assert_eq!(secret, None, "in {line}");
        }
    });
}

/// A server that lets us in, one that never does, and one that leads elsewhere.
async fn servers(shown: &Shown, challenge: &str) {
    let denied = refusing("401", "WWW-Authenticate", challenge);
    let begin = Script::new().request().raw(&*denied).request();
    let twice = begin.clone().raw(&*denied).request();
    let elsewhere = "HTTP/1.1 302 Found\r\nLocation: ftp://user:hunter2@a/\r\n\r\n";
    for script in [
        begin.clone().accept().serve(),
        twice.clone().raw(&*denied).drain(500),
        twice.raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        begin.raw(elsewhere),
    ] {
        let options = Options::new().ask_credentials(true).redirects(1);
        for (userinfo, options) in [
            ("user:hunter2", options.clone()),
            ("user:hunter3", options.clone().credentials(credentials())),
        ] {
            let server = Scripted::new(script.clone());
            let port = server.own_port().await;
            let request = Request::new(format!("ws://{userinfo}@127.0.0.1:{port}/"));
            shown.connect(request, options).await;
        }
    }
    let server = Scripted::new(Script::echo());
    let request = Request::new(server.url())
        .header("Authorization", "Basic dXNlcjpodW50ZXIy")
        .header("Cookie", "session=hunter2");
    shown.connect(request, Options::new()).await;
}

async fn http_proxies(shown: &Shown, challenge: &str) {
    let denied = refusing("407", "Proxy-Authenticate", challenge);
    let begin = Script::new().request().raw(&*denied).request();
    let through = "HTTP/1.1 200 OK\r\n\r\n";
    for script in [
        begin.clone().raw(through).request().accept().serve(),
        begin.clone().raw("HTTP/1.1 403 Forbidden\r\n\r\n").fin(),
        begin.raw(&*denied).request().raw(&*denied).fin(),
    ] {
        let port = Scripted::new(script).own_port().await;
        let known = Proxy::http("127.0.0.1", port).credentials(credentials());
        let named = format!("http://user:hunter3@127.0.0.1:{port}");
        for proxy in [known, Proxy::from_url(&named).unwrap()] {
            let options = Options::new().proxy(proxy).ask_credentials(true);
            shown.connect("ws://target.example/".into(), options).await;
        }
    }
}

async fn socks5(shown: &Shown) {
    for password in ["hunter2", "hunter4"] {
        let script = Script::new().socks5(Socks5::new().login("user", password));
        let server = Scripted::new(script.request().accept().serve());
        let port = server.own_port().await;
        let long = Credentials::new("user", "hunter2".repeat(50));
        for credentials in [credentials(), long] {
            let proxy = Proxy::socks5("127.0.0.1", port).credentials(credentials);
            let options = Options::new().proxy(proxy).ask_credentials(true);
            shown.connect("ws://target.example/".into(), options).await;
        }
    }
}

/// What is refused before anything is sent, and names that Basic cannot send.
async fn what_cannot_be_used(shown: &Shown) {
    for url in [
        "ws://user:hunter2@a b/",
        "ws://user:hunter2@[a]/",
        "ws://user:hunter2@a:port/",
        "ws://user:hunter2@a/#fragment",
        "ftp://user:hunter2@a/",
        "user:hunter2@a",
    ] {
        shown.connect(url.into(), Options::new()).await;
        let proxy = url.replace("ws:", "http:").replace("/#", "/x");
        shown.error(&Proxy::from_url(&proxy).unwrap_err());
    }
    let denied = refusing("401", "WWW-Authenticate", CHALLENGES[0]);
    let server = Scripted::new(Script::new().raw(denied).drain(500));
    let options = Options::new().credentials(Credentials::new("hunter:2", "hunter2"));
    shown.connect(server.url().into(), options).await;
}
