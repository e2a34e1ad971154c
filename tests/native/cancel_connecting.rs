//! Sockets may be dropped at any poll of connecting.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_std::future::timeout;
use async_tungstenite::tungstenite::{self, WebSocket as Peer};
use qwebsocket::{Credentials, Event, Options, Proxy, Socket, WebSocket};
use support::{Script, Socks5};

use crate::cancel::serve;
use crate::common::{alone, assert_descriptors, descriptors, run};
use crate::scripted::Scripted;
use crate::tls_front::TlsFront;

/// Polls a new socket so often, then drops it: whether it was connected by then.
async fn drop_after(polls: usize, url: &str, options: &Options) -> bool {
    let socket = Socket::with_options(options.clone()).unwrap();
    socket.open(url.into()).unwrap();
    let mut left = polls;
    poll_fn(|cx| {
        while left > 0 {
            left -= 1;
            match socket.poll_event(cx) {
                Poll::Ready(Some(Event::Connected)) => return Poll::Ready(true),
                Poll::Ready(Some(
                    Event::Authenticate(question) | Event::ProxyAuthenticate(question),
                )) => question.answer(Credentials::new("user", "pass")),
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) => return Poll::Ready(false),
                Poll::Pending if left > 0 => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        Poll::Ready(false)
    })
    .await
}

#[test]
fn a_socket_that_is_dropped_while_it_connects_leaves_nothing() {
    alone(
        "cancel_connecting::a_socket_that_is_dropped_while_it_connects_leaves_nothing",
        || {
            let begun = Arc::<AtomicUsize>::default();
            let ended = Arc::<AtomicUsize>::default();
            let counters = (begun.clone(), ended.clone());
            let address = serve(move |stream| {
                // Its descriptor is there until the end is counted.
                let _kept = stream.try_clone().unwrap();
                counters.0.fetch_add(1, Ordering::Relaxed);
                if let Ok(mut peer) = tungstenite::accept(stream) {
                    while Peer::read(&mut peer).is_ok() {}
                }
                counters.1.fetch_add(1, Ordering::Relaxed);
            });
            let port = address.port();
            run(async {
                let url = format!("ws://localhost:{port}/");
                // The runtime gets what it needs.
                let options = Options::new();
                assert!(drop_after(usize::MAX, &url, &options).await);
                let before = descriptors();
                let mut polls = 0;
                while !drop_after(polls, &url, &options).await {
                    polls += 1;
                    assert!(polls < 1000, "it does not connect");
                }
                assert!(polls > 3, "{polls}");
                // The server waits for another kind of request than a ClientHello.
                let url = format!("wss://localhost:{port}/");
                for polls in 0..10 {
                    let dropped = drop_after(polls, &url, &options);
                    let _ = timeout(Duration::from_millis(50), dropped).await;
                }
                assert_descriptors(before);
                assert!(begun.load(Ordering::Relaxed) > 3);
                assert_eq!(begun.load(Ordering::Relaxed), ended.load(Ordering::Relaxed));
            });
        },
    );
}

const DENIED: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\
    Content-Length: 0\r\n\r\n";

/// Longer than the client takes from a request to its wait for the answer.
const WAIT_MS: u64 = 20;

/// A request that is denied, then one that is accepted; at the end the client hangs up.
fn denying(script: Script) -> Script {
    let script = script.request().sleep(WAIT_MS).raw(DENIED);
    script.request().sleep(WAIT_MS).accept().drain(20_000)
}

/// A proxy that wants to know who we are, in front of such a server.
fn denying_proxy() -> Script {
    let denied = DENIED.replace("401", "407").replace("WWW", "Proxy");
    let script = Script::new().request().sleep(WAIT_MS).raw(denied);
    let script = script.request().sleep(WAIT_MS);
    denying(script.raw("HTTP/1.1 200 OK\r\n\r\n"))
}

fn denying_socks5() -> Script {
    denying(Script::new().socks5(Socks5::new().login("user", "pass")))
}

/// Drops a socket after the first, second, … poll, until it connects: each connection that the
/// server got was ended by us, and no descriptor is left.
fn leaves_nothing(name: &str, script: Script, way: impl Fn(u16) -> (String, Options)) {
    alone(&format!("cancel_connecting::{name}"), || {
        let server = Scripted::new(script);
        run(async {
            let (url, options) = way(server.own_port().await);
            let options = options.ask_credentials(true);
            assert!(drop_after(usize::MAX, &url, &options).await);
            let before = descriptors();
            let mut polls = 0;
            while !drop_after(polls, &url, &options).await {
                polls += 1;
                assert!(polls < 1000, "it does not connect");
            }
            assert!(polls > 5, "{polls}");
            assert_descriptors(before);
            let log = server.log_of_all().await;
            assert!(log.connections.len() > 3, "{log}");
            for number in 1..=log.connections.len() {
                assert!(log.hung_up(number), "connection {number}\n{log}");
            }
        });
    });
}

#[test]
fn a_question_that_is_left_leaves_nothing() {
    let name = "a_question_that_is_left_leaves_nothing";
    leaves_nothing(name, denying(Script::new()), |port| {
        (format!("ws://127.0.0.1:{port}/"), Options::new())
    });
}

#[test]
fn a_tunnel_that_is_left_leaves_nothing() {
    let name = "a_tunnel_that_is_left_leaves_nothing";
    leaves_nothing(name, denying_proxy(), |port| {
        let options = Options::new().proxy(Proxy::http("127.0.0.1", port));
        ("ws://target.example/".to_owned(), options)
    });
}

#[test]
fn a_socks_proxy_that_is_left_leaves_nothing() {
    let name = "a_socks_proxy_that_is_left_leaves_nothing";
    leaves_nothing(name, denying_socks5(), |port| {
        let options = Options::new().proxy(Proxy::socks5("127.0.0.1", port));
        ("ws://target.example/".to_owned(), options)
    });
}

#[test]
fn tls_that_is_left_leaves_nothing() {
    let name = "tls_that_is_left_leaves_nothing";
    leaves_nothing(name, denying(Script::new()), |port| {
        let front = TlsFront::of(&format!("127.0.0.1:{port}"));
        let options = Options::new().tls(front.trusted());
        (format!("wss://localhost:{}/", front.port()), options)
    });
}

#[test]
fn tls_to_a_proxy_that_is_left_leaves_nothing() {
    let name = "tls_to_a_proxy_that_is_left_leaves_nothing";
    leaves_nothing(name, denying_proxy(), |port| {
        let front = TlsFront::of(&format!("127.0.0.1:{port}"));
        let options = Options::new().tls(front.trusted());
        let options = options.proxy(Proxy::https("localhost", front.port()));
        ("ws://target.example/".to_owned(), options)
    });
}
