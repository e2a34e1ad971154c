//! The time limits of connecting and closing, to the millisecond, in virtual time.

use std::io::{self, Read};
use std::net::TcpListener;
use std::thread;

use async_tungstenite::tungstenite::handshake::derive_accept_key;
use futures::{AsyncRead, AsyncWrite, FutureExt};

use super::*;
use crate::backend::Socket;
use crate::close::Close;
use crate::event::State;
use crate::options::timeouts::Timeouts;
use crate::platform::native::virtual_time::{NEVER_RESOLVES, VirtualTime};
use crate::proxy::Proxy;
use crate::socket::WebSocket;
use crate::socket::ext::WebSocketExt;

const LIMIT: std::time::Duration = std::time::Duration::from_secs(7);
const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

/// A peer that takes everything. It answers the opening handshake, if that, and nothing else.
struct Peer {
    answers: bool,
    request: String,
}

impl AsyncRead for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !self.answers || !self.request.ends_with("\r\n\r\n") {
            return Poll::Pending;
        }
        let request = std::mem::take(&mut self.request);
        let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap();
        let accept = derive_accept_key(key.lines().next().unwrap().as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        out[..answer.len()].copy_from_slice(answer.as_bytes());
        Poll::Ready(Ok(answer.len()))
    }
}

impl AsyncWrite for Peer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.request.push_str(&String::from_utf8_lossy(bytes));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn peer(answers: bool) -> Peer {
    Peer {
        answers,
        request: String::new(),
    }
}

fn socket(timeouts: Timeouts) -> Socket {
    Socket::with_options(Options::new().timeouts(timeouts)).unwrap()
}

/// No limit but those that a test sets.
fn without_limits() -> Timeouts {
    let timeouts = Timeouts::new().resolve(None).connect(None).tls(None);
    timeouts.handshake(None).close(None)
}

/// Polls until there is nothing more to do without time, or the other side.
fn settle(socket: &Socket) {
    while let Some(Some(_)) = socket.next_event().now_or_never() {}
}

/// Time passes up to the limit, and something happens there, not a millisecond before.
fn times_out(socket: &Socket, time: &VirtualTime, text: &str) {
    settle(socket);
    time.advance(LIMIT - MILLISECOND);
    settle(socket);
    assert_eq!(socket.state(), State::Connecting);
    time.advance(MILLISECOND);
    settle(socket);
    assert_eq!(socket.state(), State::Unconnected);
    let error = socket.last_error().unwrap();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.to_string(), text);
}

#[test]
fn the_name_look_up_has_its_limit() {
    let time = VirtualTime::start().unwrap();
    let socket = socket(without_limits().resolve(LIMIT));
    socket
        .open(format!("ws://{NEVER_RESOLVES}/").into())
        .unwrap();
    times_out(&socket, &time, "looking up the host took too long");
}

#[test]
fn tcp_has_its_limit() {
    let silent = dead_end::blackhole().unwrap();
    let time = VirtualTime::start().unwrap();
    let socket = socket(without_limits().connect(LIMIT));
    socket
        .open(format!("ws://{}/", silent.address()).into())
        .unwrap();
    // An address needs no look-up, but the runtime may ask another thread for it all the same.
    for _ in 0..100 {
        settle(&socket);
        thread::sleep(MILLISECOND);
    }
    times_out(&socket, &time, "connecting took too long");
}

#[test]
fn tls_has_its_limit() {
    let time = VirtualTime::start().unwrap();
    let socket = socket(without_limits().tls(LIMIT));
    socket.open_over(peer(false), "wss://a/").unwrap();
    times_out(&socket, &time, "the TLS handshake took too long");
}

#[test]
fn the_opening_handshake_has_its_limit() {
    let time = VirtualTime::start().unwrap();
    let socket = socket(without_limits().handshake(LIMIT));
    socket.open_over(peer(false), "ws://a/").unwrap();
    times_out(&socket, &time, "the opening handshake took too long");
}

#[test]
fn proxies_have_the_limit_of_connecting() {
    for (new, begin) in [
        (Proxy::http as fn(_, _) -> _, &b"CONNECT"[..]),
        (Proxy::socks5, b"\x05\x01\0"),
    ] {
        let timeouts = without_limits().connect(LIMIT);
        a_proxy_times_out(new, begin, timeouts, "the proxy took too long");
    }
    let text = "proxy: the TLS handshake took too long";
    a_proxy_times_out(Proxy::https, &[22, 3], without_limits().tls(LIMIT), text);
}

/// A proxy that answers nothing to what begins so.
fn a_proxy_times_out(
    new: fn(&'static str, u16) -> Proxy,
    begin: &'static [u8],
    timeouts: Timeouts,
    text: &str,
) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = new("127.0.0.1", listener.local_addr().unwrap().port());
    let time = VirtualTime::start().unwrap();
    let options = Options::new().timeouts(timeouts).proxy(proxy);
    let socket = Socket::with_options(options).unwrap();
    socket.open("ws://target.example/".into()).unwrap();
    let accepted = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut begun = vec![0; begin.len()];
        stream.read_exact(&mut begun).unwrap();
        assert_eq!(begun, begin);
        stream
    });
    while !accepted.is_finished() {
        settle(&socket);
        thread::sleep(MILLISECOND);
    }
    let _silent = accepted.join().unwrap();
    times_out(&socket, &time, text);
}

#[test]
fn the_closing_handshake_has_its_limit() {
    let time = VirtualTime::start().unwrap();
    let socket = socket(without_limits().close(LIMIT));
    socket.open_over(peer(true), "ws://a/").unwrap();
    settle(&socket);
    assert_eq!(socket.state(), State::Connected);
    time.advance(LIMIT * 100);
    settle(&socket);
    socket.close(Close::default()).unwrap();
    settle(&socket);
    time.advance(LIMIT - MILLISECOND);
    settle(&socket);
    assert_eq!(socket.state(), State::Closing);
    time.advance(MILLISECOND);
    settle(&socket);
    assert_eq!(socket.state(), State::Unconnected);
    assert!(socket.last_error().is_none());
}

#[test]
fn every_step_but_closing_has_half_a_minute() {
    let timeouts = Timeouts::new();
    for limit in [
        timeouts.get_resolve(),
        timeouts.get_connect(),
        timeouts.get_tls(),
        timeouts.get_handshake(),
    ] {
        assert_eq!(limit.unwrap().as_secs(), 30);
    }
    assert_eq!(timeouts.get_close().unwrap().as_secs(), 3);
}
