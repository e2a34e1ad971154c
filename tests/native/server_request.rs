//! What a request may carry besides the opening handshake.

use async_std::net::TcpStream;
use async_std::task;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use qwebsocket::{ErrorKind, Listener, WebSocket};

use crate::common::{message, run};
use crate::server::{HELLO, REQUEST};

/// The answer to these bytes, and what the server's side tells.
async fn refused(bytes: &[u8]) -> (String, ErrorKind) {
    let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
    client.write_all(bytes).await.unwrap();
    let answer = task::spawn(async move {
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    });
    let error = listener.next().await.unwrap().unwrap().await.unwrap_err();
    (answer.await, error.kind())
}

/// RFC 6455 §4.2.1 knows no content, and RFC 9110 §7.8 starts the new protocol behind the request.
#[test]
fn content_is_refused_and_never_read_as_frames() {
    run(async {
        for lines in [
            "Content-Length: 11\r\n",
            "Content-Length: 0, 11\r\n",
            "Content-Length: 0\r\nContent-Length: 11\r\n",
            "content-length: eleven\r\n",
            "Content-Length: 11\r\nExpect: 100-continue\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip\r\nContent-Length: 0\r\n",
        ] {
            let bytes = [REQUEST.as_bytes(), lines.as_bytes(), b"\r\n", HELLO].concat();
            let (answer, kind) = refused(&bytes).await;
            assert_eq!(kind, ErrorKind::Handshake);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{lines}{answer}");
        }
    });
}

#[test]
fn a_host_that_is_none_is_refused() {
    run(async {
        for (line, replaced) in [
            ("Host: localhost", "Host: a b/c@d"),
            ("Host: localhost", "Host: inside.example/admin?"),
            ("Host: localhost", "Host: "),
            ("Host: localhost", "Host: .example"),
            ("GET /chat?a", "GET /x#f"),
            ("GET /chat?a", "GET http://user@a/x"),
        ] {
            let bytes = REQUEST.replace(line, replaced) + "\r\n";
            let (answer, kind) = refused(bytes.as_bytes()).await;
            assert_eq!(kind, ErrorKind::Handshake);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{replaced}: {answer}");
        }
    });
}

/// RFC 9112 §5.2: a fold is for a server to refuse.
#[test]
fn a_folded_line_is_refused() {
    run(async {
        let bytes = format!("{REQUEST}X: one\r\n two\r\n\r\n");
        assert!(
            refused(bytes.as_bytes())
                .await
                .0
                .starts_with("HTTP/1.1 400 ")
        );
    });
}

/// RFC 9110 §7.8, and some clients say that there is no content.
#[test]
fn who_expects_100_is_told_to_go_on_before_anybody_decides() {
    const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    run(async {
        for line in [
            "Expect: 100-Continue\r\n",
            "Expect: 100-continue\r\nContent-Length: 0\r\n",
        ] {
            let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
            let mut client = TcpStream::connect(listener.local_address()).await.unwrap();
            let head = format!("{REQUEST}{line}\r\n");
            client.write_all(head.as_bytes()).await.unwrap();
            let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
            // Nobody has accepted it yet.
            let mut answer = vec![0; CONTINUE.len()];
            client.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, CONTINUE);

            let socket = incoming.accept(None).await.unwrap();
            client.write_all(HELLO).await.unwrap();
            assert_eq!(message(&socket).await, "Hello".into());
            let mut answer = vec![0; 256];
            let length = client.read(&mut answer).await.unwrap();
            assert!(answer[..length].starts_with(b"HTTP/1.1 101 "), "{line}");
            socket.abort();
        }
    });
}
