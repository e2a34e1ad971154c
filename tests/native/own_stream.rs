//! Connections over streams of the application's own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_std::net::TcpStream;
use futures::channel::mpsc;
use futures::stream::IntoAsyncRead;
use futures::{AsyncRead, AsyncWrite, FutureExt, TryStreamExt, ready};
use qwebsocket::{
    Credentials, Error, ErrorKind, Event, Options, Proxy, Request, Socket, State, WebSocket,
    WebSocketExt,
};
use support::Script;

use crate::common::{GOOD_END, message, run, to_end};
use crate::scripted::Scripted;
use crate::server::REQUEST;
use crate::tls_front::TlsFront;

/// One end of a stream that nobody but we sees.
pub(crate) struct InMemory {
    incoming: IntoAsyncRead<mpsc::Receiver<io::Result<Vec<u8>>>>,
    outgoing: mpsc::Sender<io::Result<Vec<u8>>>,
}

pub(crate) fn in_memory() -> (InMemory, InMemory) {
    let (to_right, from_left) = mpsc::channel(1);
    let (to_left, from_right) = mpsc::channel(1);
    let end = |incoming: mpsc::Receiver<_>, outgoing| InMemory {
        incoming: incoming.into_async_read(),
        outgoing,
    };
    (end(from_right, to_right), end(from_left, to_left))
}

impl AsyncRead for InMemory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.incoming).poll_read(cx, out)
    }
}

impl AsyncWrite for InMemory {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        ready!(self.outgoing.poll_ready(cx)).map_err(gone)?;
        let sent = self.outgoing.start_send(Ok(bytes.to_vec()));
        Poll::Ready(sent.map(|()| bytes.len()).map_err(gone))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.close_channel();
        Poll::Ready(Ok(()))
    }
}

/// A client and a server with these streams between them.
async fn pair<S>(streams: (S, S)) -> (Socket, Socket)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let request = Request::new("ws://inside.example/path").subprotocol("chat");
    let client = Socket::connect_over(streams.0, request, Options::new());
    let server = async {
        let incoming = Socket::accept(streams.1, Options::new())?.await?;
        incoming.accept(Some("chat")).await
    };
    futures::try_join!(client, server).unwrap()
}

async fn talk((client, server): (Socket, Socket)) {
    assert_eq!(client.request_url(), "ws://inside.example/path");
    assert_eq!(client.peer_name(), "inside.example");
    assert_eq!(
        (client.local_address(), client.peer_address()),
        (None, None)
    );
    assert_eq!(server.subprotocol().as_deref(), Some("chat"));
    let large = vec![7; 1 << 20];
    let ask = async {
        client.send(large.clone().into()).unwrap();
        assert_eq!(message(&client).await, "got it".into());
        client.close(Default::default()).unwrap();
        to_end(&client).await
    };
    let answer = async {
        assert!(message(&server).await == large.clone().into());
        server.send("got it".into()).unwrap();
        to_end(&server).await
    };
    let (client_end, server_end) = futures::join!(ask, answer);
    assert_eq!(client_end, GOOD_END);
    assert_eq!(server_end, GOOD_END);
}

#[test]
fn memory_will_do() {
    run(async { talk(pair(in_memory()).await).await });
}

/// A server that has refused and is gone.
struct Refused(&'static [u8]);

impl AsyncRead for Refused {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(io::Read::read(&mut self.0, out))
    }
}

impl AsyncWrite for Refused {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// RFC 9112 §9.5: the answer may be there before the request is written.
#[test]
fn a_refusal_that_is_there_before_the_request_is_read() {
    let open = |answer: &'static [u8]| {
        let open = Socket::connect_over(Refused(answer), "ws://host/", Options::new());
        run(open).unwrap_err()
    };
    let error = open(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n");
    let response = error.response().unwrap();
    assert_eq!((response.status(), response.reason()), (503, "Busy"));
    assert_eq!(open(b"HTTP/1.1 503").kind(), ErrorKind::RemoteClosed);
}

/// A client that connects, begins a message and goes on with empty frames without end.
struct Endless(io::Cursor<Vec<u8>>);

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let begin = io::Read::read(&mut self.0, out)?;
        if begin > 0 {
            return Poll::Ready(Ok(begin));
        }
        let frame = b"\x00\x80\0\0\0\0";
        for (byte, part) in out.iter_mut().zip(frame.iter().cycle()) {
            *byte = *part;
        }
        Poll::Ready(Ok(out.len() / frame.len() * frame.len()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_peer_that_sends_without_end_leaves_time_for_others() {
    run(async {
        let mut begin = format!("{REQUEST}\r\n").into_bytes();
        begin.extend(b"\x01\x80\0\0\0\0");
        let endless = Endless(io::Cursor::new(begin));
        let incoming = Socket::accept(endless, Options::new()).unwrap().await;
        let server = incoming.unwrap().accept(None).await.unwrap();
        for _ in 0..100 {
            let event = server.next_event().now_or_never();
            assert!(matches!(event, None | Some(Some(Event::BytesWritten(_)))));
        }
        assert_eq!(server.state(), State::Connected);
    });
}

#[cfg(unix)]
#[test]
fn unix_sockets_will_do() {
    use async_std::os::unix::net::UnixStream;
    run(async { talk(pair(UnixStream::pair().unwrap()).await).await });
}

#[test]
fn tls_runs_over_it() {
    let server = Scripted::new(Script::echo());
    let front = TlsFront::of(&server.authority());
    run(async {
        let stream = TcpStream::connect(front.address()).await.unwrap();
        let options = Options::new().tls(front.trusted());
        // The proxy is not asked.
        let options = options.proxy(Proxy::http("127.0.0.1", 1));
        let url = server.url().replace("ws://127.0.0.1", "wss://localhost");
        let socket = Socket::connect_over(stream, url, options).await.unwrap();
        socket.send("hello".into()).unwrap();
        assert_eq!(message(&socket).await, "hello".into());
        socket.close(Default::default()).unwrap();
        assert_eq!(to_end(&socket).await, GOOD_END);
        let stream = TcpStream::connect(front.address()).await.unwrap();
        let url = "wss://other.example/";
        let options = Options::new().tls(front.trusted());
        let error = Socket::connect_over(stream, url, options).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Tls);
    });
}

/// What comes of an answer over a stream of our own.
async fn after(answer: &str) -> Result<Socket, Error> {
    let script = Script::new().raw(answer).request().accept().serve();
    let server = Scripted::new(script);
    let stream = TcpStream::connect(server.authority()).await.unwrap();
    let options = Options::new()
        .credentials(Credentials::new("user", "pass"))
        .redirects(3);
    Socket::connect_over(stream, server.url(), options).await
}

#[test]
fn what_needs_another_connection_fails() {
    const UNAUTHORIZED: &str = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\n";
    run(async {
        let again = format!("HTTP/1.1 {UNAUTHORIZED}Content-Length: 0\r\n\r\n");
        after(&again).await.unwrap();
        for answer in [
            format!("HTTP/1.1 {UNAUTHORIZED}Content-Length: 0\r\nConnection: close\r\n\r\n"),
            format!("HTTP/1.0 {UNAUTHORIZED}Content-Length: 0\r\n\r\n"),
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ] {
            let error = after(&answer).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Handshake, "{answer}");
            assert!(error.to_string().contains("another connection"), "{error}");
        }
    });
}
