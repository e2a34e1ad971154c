//! How a listener ends: `Listener::shutdown`.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use async_std::net::TcpStream;
use async_std::task;
use futures::future::{join, join_all};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use qwebsocket::{
    ErrorKind, Listener, ListenerOptions, Options, Socket, State, Timeouts, WebSocket, WebSocketExt,
};

use crate::common::{GOOD_END, run, to_end};
use crate::server::REQUEST;
use crate::server_listener::{accept, listen, raw};

/// Longer than anything takes that goes as it should.
const AMPLE: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(200);

/// The server's close frame with the code 1001.
const GOODBYE: &[u8] = b"\x88\x02\x03\xE9";

/// Sockets whose closing handshake has no time limit of its own.
fn patient() -> ListenerOptions {
    Options::new().timeouts(Timeouts::new().close(None)).into()
}

/// Both ends of a connection.
async fn connected(listener: &mut Listener, url: &str) -> (Socket, Socket) {
    let (client, server) = join(Socket::connect(url), accept(listener)).await;
    (client.unwrap(), server)
}

async fn rest(client: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = client.read_to_end(&mut bytes).await;
    bytes
}

#[test]
fn clients_that_answer_are_closed_with_1001() {
    run(async {
        let (mut listener, url) = listen(patient()).await;
        let mut ends = Vec::new();
        for _ in 0..5 {
            let (client, server) = connected(&mut listener, &url).await;
            ends.push(task::spawn(async move {
                let told = to_end(&client).await;
                (told, client.close_code().unwrap().get())
            }));
            ends.push(task::spawn(async move {
                let told = to_end(&server).await;
                (told, server.close_code().unwrap().get())
            }));
        }
        // One that went before counts no more.
        drop(connected(&mut listener, &url).await);
        let address = listener.local_address();
        let (ended, told) = join(listener.shutdown(AMPLE), join_all(ends)).await;
        assert_eq!((ended.closed, ended.aborted), (5, 0));
        for (events, code) in told {
            assert_eq!(events, GOOD_END);
            assert_eq!(code, 1001);
        }
        let refused = std::net::TcpStream::connect(address).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn without_sockets_it_ends_at_once() {
    run(async {
        let (listener, _) = listen(ListenerOptions::new()).await;
        let ended = listener.shutdown(Duration::MAX).await;
        assert_eq!((ended.closed, ended.aborted), (0, 0));
    });
}

#[test]
fn a_client_that_is_silent_is_aborted_at_the_limit() {
    run(async {
        let (mut listener, url) = listen(patient()).await;
        let (mut silent, server) = raw(&mut listener).await;
        let silent_end = task::spawn(async move { to_end(&server).await });
        let (client, server) = connected(&mut listener, &url).await;
        let ends = join(to_end(&client), to_end(&server));
        let (ended, _) = join(listener.shutdown(SHORT), ends).await;
        assert_eq!((ended.closed, ended.aborted), (1, 1));
        let told = silent_end.await;
        assert_eq!(told[..2], GOOD_END[..2]);
        assert_eq!(told.last().unwrap(), "Disconnected");
        assert_eq!(rest(&mut silent).await, GOODBYE);
    });
}

#[test]
fn a_silent_client_has_the_time_of_the_closing_handshake() {
    run(async {
        let options = Options::new().timeouts(Timeouts::new().close(SHORT));
        let (mut listener, _) = listen(options).await;
        let (_silent, server) = raw(&mut listener).await;
        let (ended, _) = join(listener.shutdown(AMPLE), to_end(&server)).await;
        assert_eq!((ended.closed, ended.aborted), (1, 0));
    });
}

#[test]
fn a_socket_that_nobody_polls_is_aborted() {
    run(async {
        let (mut listener, _) = listen(patient()).await;
        let (mut client, server) = raw(&mut listener).await;
        let ended = listener.shutdown(SHORT).await;
        assert_eq!((ended.closed, ended.aborted), (0, 1));
        // Though the socket is kept.
        rest(&mut client).await;
        assert_eq!(server.state(), State::Unconnected);
        assert_eq!(to_end(&server).await.last().unwrap(), "Disconnected");
    });
}

#[test]
fn a_socket_that_is_dropped_meanwhile_has_gone_by_itself() {
    run(async {
        let (mut listener, url) = listen(patient()).await;
        let (_client, server) = connected(&mut listener, &url).await;
        let drop_it = async {
            task::sleep(SHORT).await;
            drop(server);
        };
        let (ended, ()) = join(listener.shutdown(AMPLE), drop_it).await;
        assert_eq!((ended.closed, ended.aborted), (1, 0));
    });
}

#[test]
fn what_has_no_handshake_yet_is_ended() {
    run(async {
        let (mut listener, _) = listen(patient()).await;
        let mut half_open = TcpStream::connect(listener.local_address()).await.unwrap();
        half_open
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n")
            .await
            .unwrap();
        let reading = task::spawn(listener.next().await.unwrap().unwrap());
        let mut unpolled = TcpStream::connect(listener.local_address()).await.unwrap();
        let accepting = listener.next().await.unwrap().unwrap();
        let ended = listener.shutdown(AMPLE).await;
        assert_eq!((ended.closed, ended.aborted), (0, 0));
        assert_eq!(reading.await.unwrap_err().kind(), ErrorKind::WrongState);
        assert_eq!(rest(&mut half_open).await, b"");
        assert_eq!(accepting.await.unwrap_err().kind(), ErrorKind::WrongState);
        assert_eq!(rest(&mut unpolled).await, b"");
    });
}

#[test]
fn a_client_that_is_accepted_too_late_hears_503() {
    run(async {
        let (mut listener, _) = listen(patient()).await;
        let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
        let request = format!("{REQUEST}\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
        let late = async {
            task::sleep(SHORT).await;
            incoming.accept(None).await.unwrap_err()
        };
        let (ended, (error, answer)) =
            join(listener.shutdown(AMPLE), join(late, rest(&mut client))).await;
        assert_eq!((ended.closed, ended.aborted), (0, 0));
        assert_eq!(error.kind(), ErrorKind::WrongState);
        assert!(answer.starts_with(b"HTTP/1.1 503 "), "{answer:?}");
    });
}

#[test]
fn its_limit_holds_for_those_who_decide_nothing() {
    run(async {
        let (mut listener, _) = listen(patient()).await;
        let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
        let request = format!("{REQUEST}\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
        let begin = Instant::now();
        let ended = listener.shutdown(SHORT).await;
        assert!(begin.elapsed() >= SHORT);
        assert_eq!((ended.closed, ended.aborted), (0, 0));
        drop(incoming);
    });
}

/// Looks at a socket as soon as it is woken, as an executor may that polls there and then.
struct PollsAtOnce(Mutex<Option<Arc<Socket>>>);

impl Wake for PollsAtOnce {
    fn wake(self: Arc<Self>) {
        let socket = self.0.lock().unwrap().clone();
        if let Some(socket) = socket {
            socket.try_next();
        }
    }
}

#[test]
fn nobody_is_woken_with_a_lock_held() {
    run(async {
        let (mut listener, url) = listen(patient()).await;
        let (client, server) = connected(&mut listener, &url).await;
        let (client, server) = (Arc::new(client), Arc::new(server));
        let waker = Arc::new(PollsAtOnce(Mutex::new(Some(server.clone()))));
        let waker = Waker::from(waker);
        let mut cx = Context::from_waker(&waker);
        assert!(server.poll_event(&mut cx).is_pending());
        let mut shutdown = Box::pin(listener.shutdown(AMPLE));
        // Wakes the one who waits for the socket.
        assert!(shutdown.as_mut().poll(&mut cx).is_pending());
        let ends = join(to_end(&client), to_end(&server));
        let mut ends = Box::pin(ends);
        std::future::poll_fn(|outer| {
            let is_done = ends.as_mut().poll(outer).is_ready();
            if is_done {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        // The last to go woke it, too.
        match shutdown.as_mut().poll(&mut cx) {
            Poll::Ready(ended) => assert_eq!((ended.closed, ended.aborted), (1, 0)),
            Poll::Pending => panic!("it does not see that all have gone"),
        }
    });
}
