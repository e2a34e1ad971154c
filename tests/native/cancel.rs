//! Futures may be dropped at any await, and calls may come from any thread.

use std::cell::RefCell;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use async_std::future::timeout;
use async_tungstenite::tungstenite;
use futures::executor::block_on;
use futures::{AsyncRead, AsyncWrite, FutureExt};
use qwebsocket::{Event, Options, Socket, WebSocket, WebSocketExt};

use crate::common::{GOOD_END, message, run, word};
use crate::wakes::Wakes;

/// A server whose connections are handled so, each in a thread.
pub(crate) fn serve(handle: impl Fn(TcpStream) + Send + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let handle = handle.clone();
            thread::spawn(move || handle(stream.unwrap()));
        }
    });
    address
}

thread_local! {
    static SOCKET: RefCell<Option<Socket>> = const { RefCell::new(None) };
}

#[test]
fn a_socket_may_go_with_its_thread() {
    let (told, heard) = std::sync::mpsc::channel();
    let address = serve(move |stream| {
        let mut peer = tungstenite::accept(stream).unwrap();
        while let Ok(message) = peer.read() {
            told.send(message).unwrap();
        }
    });
    let keep = move || {
        // Before what the socket has of the thread, so that it goes after that.
        SOCKET.set(None);
        let socket = run(Socket::connect(format!("ws://{address}/"))).unwrap();
        // More than the spare masks of the thread.
        for number in 0..300 {
            socket.send(format!("{number}").as_str().into()).unwrap();
        }
        run(socket.flush()).unwrap();
        SOCKET.set(Some(socket));
    };
    thread::spawn(keep).join().unwrap();
    for number in 0..300 {
        let message = heard.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(message.to_text().unwrap(), number.to_string());
    }
    match heard.recv_timeout(Duration::from_secs(10)).unwrap() {
        tungstenite::Message::Close(Some(close)) => assert_eq!(u16::from(close.code), 1001),
        other => panic!("{other:?}"),
    }
}

fn echo(stream: TcpStream) {
    let mut peer = tungstenite::accept(stream).unwrap();
    while let Ok(message) = peer.read() {
        if message.is_text() {
            peer.send(message).unwrap();
        }
    }
}

/// The messages are of all lengths, so that they end anywhere in what is read.
fn numbered(number: usize) -> String {
    format!("{number}:{}", "x".repeat(number % 997))
}

#[test]
fn an_event_that_nobody_waits_for_any_more_is_not_lost() {
    const COUNT: usize = 10_000;
    let address = serve(|stream| {
        let mut peer = tungstenite::accept(stream).unwrap();
        for number in 0..COUNT {
            // So that the client has to wait now and then.
            if number % 100 == 0 {
                peer.flush().unwrap();
                peer.read().unwrap();
                thread::sleep(Duration::from_millis(2));
            }
            peer.write(numbered(number).into()).unwrap();
        }
        peer.flush().unwrap();
        while peer.read().is_ok() {}
    });
    run(async {
        let socket = Socket::connect(format!("ws://{address}/")).await.unwrap();
        let mut received = 0;
        let mut given_up = [0; 2];
        let mut end = Vec::new();
        socket.send("begin".into()).unwrap();
        loop {
            // One future is dropped after its first poll, the next while it waits.
            let event = match socket.next_event().now_or_never() {
                Some(event) => Ok(event),
                None => {
                    given_up[0] += 1;
                    timeout(Duration::from_micros(10), socket.next_event()).await
                }
            };
            match event {
                Err(_) => given_up[1] += 1,
                Ok(None) => break,
                Ok(Some(Event::Message(message))) => {
                    assert_eq!(message.as_text(), Some(&*numbered(received)));
                    received += 1;
                    if received == COUNT {
                        socket.close(Default::default()).unwrap();
                    } else if received % 100 == 0 {
                        socket.send("more".into()).unwrap();
                    }
                }
                Ok(Some(event)) => end.extend(word(&event)),
            }
        }
        assert_eq!(received, COUNT);
        assert_eq!(end, GOOD_END);
        assert!(given_up.iter().all(|count| *count > 0), "{given_up:?}");
    });
}

#[test]
fn one_task_waits_for_events_while_another_thread_sends() {
    const COUNT: usize = 3000;
    let address = serve(echo);
    run(async {
        let socket = Socket::connect(format!("ws://{address}/")).await.unwrap();
        let socket = Arc::new(socket);
        let sender = socket.clone();
        let sender = thread::spawn(move || {
            for number in 0..COUNT {
                sender.send(numbered(number).into()).unwrap();
                match number % 4 {
                    0 => block_on(sender.flush()).unwrap(),
                    // A flush that is given up loses nothing.
                    1 => drop(block_on(timeout(Duration::ZERO, sender.flush()))),
                    2 => drop(sender.try_flush().unwrap()),
                    // Then the waiting task is woken, and writes.
                    _ => thread::sleep(Duration::from_micros(10)),
                }
            }
        });
        for number in 0..COUNT {
            assert_eq!(message(&socket).await.as_text(), Some(&*numbered(number)));
        }
        sender.join().unwrap();
        assert_eq!(socket.bytes_to_write(), 0);
    });
}

/// A transport that never wakes anybody: what happens is done by whom one sees.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    is_open: bool,
    arriving: Vec<u8>,
    written: usize,
}

impl Gate {
    fn set_open(&self, is_open: bool) {
        self.0.lock().unwrap().is_open = is_open;
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let arriving = &mut self.0.lock().unwrap().arriving;
        if arriving.is_empty() {
            return Poll::Pending;
        }
        let length = arriving.len().min(out.len());
        out[..length].copy_from_slice(&arriving[..length]);
        arriving.drain(..length);
        Poll::Ready(Ok(length))
    }
}

impl AsyncWrite for Gate {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let inside = &mut self.0.lock().unwrap();
        if !inside.is_open {
            return Poll::Pending;
        }
        inside.written += bytes.len();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A connection over a gate, which is shut.
fn behind_gate() -> (Socket, Gate) {
    let gate = Gate::default();
    gate.set_open(true);
    gate.0.lock().unwrap().arriving = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n"
        .to_vec();
    let accepting = Socket::accept(gate.clone(), Options::new()).unwrap();
    let socket = run(async { accepting.await.unwrap().accept(None).await.unwrap() });
    gate.set_open(false);
    (socket, gate)
}

#[test]
fn who_flushes_is_woken_when_another_task_writes_everything() {
    let (socket, gate) = behind_gate();
    let wakes = Arc::<Wakes>::default();
    let waker = Waker::from(wakes.clone());
    let mut flushing = Context::from_waker(&waker);
    socket.send(vec![0; 1 << 20].into()).unwrap();
    assert!(socket.poll_flush(&mut flushing).is_pending());
    assert!(wakes.take() == 0);
    gate.set_open(true);
    while socket.try_next().is_some() {}
    assert_eq!(socket.bytes_to_write(), 0);
    assert!(wakes.take() > 0);
    assert!(matches!(
        socket.poll_flush(&mut flushing),
        Poll::Ready(Ok(()))
    ));
}

#[test]
fn who_flushes_is_woken_when_the_connection_ends() {
    let (socket, _gate) = behind_gate();
    let wakes = Arc::<Wakes>::default();
    let waker = Waker::from(wakes.clone());
    let mut flushing = Context::from_waker(&waker);
    socket.send("never".into()).unwrap();
    assert!(socket.poll_flush(&mut flushing).is_pending());
    socket.abort();
    assert!(wakes.take() > 0);
    assert!(socket.poll_flush(&mut flushing).is_ready());
}

#[test]
fn who_waits_for_events_is_woken_by_calls_that_lead_to_some() {
    run(async {
        let (socket, gate) = behind_gate();
        let wakes = Arc::<Wakes>::default();
        let waker = Waker::from(wakes.clone());
        let mut waiting = Context::from_waker(&waker);
        let mut is_parked = || socket.poll_event(&mut waiting).is_pending();

        assert!(is_parked());
        socket.send("hi".into()).unwrap();
        assert!(wakes.take() > 0, "there is something to write");
        assert!(is_parked());
        gate.set_open(true);
        assert!(socket.try_flush().unwrap());
        assert!(wakes.take() > 0, "there is a BytesWritten");
        assert!(!is_parked() && is_parked());
        socket.ping("p".into()).unwrap();
        assert!(wakes.take() > 0);
        assert!(!is_parked() && is_parked());
        socket.close(Default::default()).unwrap();
        assert!(wakes.take() > 0);
        // AboutToClose, Closing, and the bytes of the close frame.
        assert!(!is_parked() && !is_parked() && !is_parked() && is_parked());
        socket.abort();
        assert!(wakes.take() > 0);
    });
}
