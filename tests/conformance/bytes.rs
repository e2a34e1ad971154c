//! A stream of bytes over a socket.

use std::io;

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use qwebsocket::{ByteStream, Error, ErrorKind};
use support::{Frame, Payload, Script};

use super::{Lab, Target};

/// How the peer cuts it into messages and frames means nothing.
pub(crate) async fn bytes_any_cut<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .binary("")
        .binary("on")
        .burst([
            Frame::binary("e\nt").not_final(),
            Frame::continuation("").not_final(),
            Frame::continuation("wo"),
            Frame::binary(""),
            Frame::binary("\n"),
        ])
        .binary(Payload::pattern(100_000))
        .close(1000, "")
        .drain(500);
    let story = lab.connect(script).await;
    let mut stream = ByteStream::new(&story.socket);
    for line in ["one", "two"] {
        let mut read = String::new();
        stream.read_line(&mut read).await.expect("a line");
        assert_eq!(read.trim_end(), line);
    }
    let mut read = Vec::new();
    let mut part = [0; 1234];
    loop {
        match stream.read(&mut part).await.expect("a closing handshake") {
            0 => break,
            length => read.extend_from_slice(&part[..length]),
        }
    }
    assert!(read == Payload::pattern(100_000).to_bytes());
    assert_eq!(stream.read(&mut part).await.expect("the end stays"), 0);
    assert!(stream.fill_buf().await.expect("the end stays").is_empty());
}

/// Whatever is written arrives in its order, the close frame behind it.
pub(crate) async fn bytes_both_ways<T: Target>(lab: Lab<T>) {
    let story = lab.connect(Script::echo()).await;
    let (mut reader, mut writer) = ByteStream::new(&story.socket).split();
    let sent = Payload::pattern(500_000).to_bytes();
    let write = async {
        let (first, second) = sent.split_at(100);
        for byte in first {
            writer.write_all(&[*byte]).await?;
        }
        writer.write_all(second).await?;
        writer.flush().await
    };
    let mut received = vec![0; sent.len()];
    let (written, read) = futures::join!(write, reader.read_exact(&mut received));
    written.expect("the peer reads");
    read.expect("the peer sends it back");
    assert!(received == sent);

    let mut rest = Vec::new();
    let (closed, ended) = futures::join!(writer.close(), reader.read_to_end(&mut rest));
    closed.expect("the close frame is written");
    ended.expect("the peer answers it");
    assert!(rest.is_empty());
    let refused = writer.write_all(b"x").await.expect_err("it is closed");
    assert_eq!(refused.kind(), io::ErrorKind::NotConnected);
    story.run.saw_payload(sent.len()).await;
}

/// Text is not what a stream of bytes is made of.
pub(crate) async fn bytes_text<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().binary("ab").text("c").serve();
    let story = lab.connect(script).await;
    let mut stream = ByteStream::new(&story.socket);
    let mut read = Vec::new();
    let error = stream.read_to_end(&mut read).await.expect_err("a text");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(read, b"ab");
    let error = stream.read(&mut [0]).await.expect_err("it stays");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

/// Half of a stream is not the whole.
pub(crate) async fn bytes_lost<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().binary("half").frames(1, 8000).fin();
    let story = lab.connect(script).await;
    let mut stream = ByteStream::new(&story.socket);
    stream.write_all(b"go on").await.expect("connected");
    stream.flush().await.expect("connected");
    let mut read = Vec::new();
    for _ in 0..2 {
        let error = stream.read_to_end(&mut read).await.expect_err("no close");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Error>());
        let kind = inner.map(Error::kind);
        assert_eq!(kind, Some(ErrorKind::RemoteClosed));
    }
    assert_eq!(read, b"half");
}

/// The code of a closing handshake is no part of the bytes.
pub(crate) async fn bytes_closed_with_a_code<T: Target>(lab: Lab<T>) {
    let script = Script::new().accept().binary("all").close(4000, "why");
    let story = lab.connect(script.drain(500)).await;
    let mut stream = ByteStream::new(&story.socket);
    let mut read = Vec::new();
    let length = stream.read_to_end(&mut read).await;
    assert_eq!(length.expect("a closing handshake"), 3);
}

cases! {
    bytes_any_cut,
    bytes_both_ways,
    bytes_text,
    bytes_lost,
    bytes_closed_with_a_code,
}
