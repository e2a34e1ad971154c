//! `ByteStream` in memory: backpressure, and what other traits make of it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use qwebsocket::{ByteStream, Event, Messages, Options, Socket, WebSocket, WebSocketExt};
use tokio_util::compat::FuturesAsyncReadCompatExt;

use crate::common::run;
use crate::duplex::stream;
use crate::upgraded::negotiated;

/// What each direction between the two ends holds.
const ROOM: usize = 1000;

/// A client and a server, connected in memory.
fn connected(options: &Options) -> (Socket, Socket) {
    let (of_client, of_server) = negotiated(options, options).unwrap();
    let (left, right) = stream(ROOM);
    let client = Socket::upgraded(left, of_client, options.clone()).unwrap();
    let server = Socket::upgraded(right, of_server, options.clone()).unwrap();
    (client, server)
}

/// Writes as much as is taken without waiting.
fn write_all_that_fits(stream: &mut ByteStream<&Socket>, part: &[u8]) -> usize {
    let mut written = 0;
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(length) = Pin::new(&mut *stream).poll_write(&mut cx, part) {
        written += length.unwrap();
        assert!(written < 100 << 20, "nothing holds it back");
    }
    written
}

#[test]
fn a_writer_waits_for_a_peer_that_does_not_read() {
    for part in [10, 1000, 1 << 20] {
        run(async {
            let (client, server) = connected(&Options::new());
            let mut writer = ByteStream::new(&client);
            let written = write_all_that_fits(&mut writer, &vec![7; part]);
            let most = 2 * Messages::<Socket>::HIGH_WATER + ROOM;
            assert!((Messages::<Socket>::HIGH_WATER / 2..most).contains(&written));
            // Once more, since what is written goes on when there is room.
            let mut reader = ByteStream::new(&server);
            let mut bytes = vec![0; written + part];
            let rest = vec![7; part];
            let (read, more) = futures::join!(reader.read_exact(&mut bytes), async {
                writer.write_all(&rest).await?;
                writer.flush().await
            });
            read.unwrap();
            more.unwrap();
            assert!(bytes.iter().all(|byte| *byte == 7));
        });
    }
}

/// A reader takes no more than it is asked for, and the rest is not sent.
#[test]
fn a_peer_waits_for_a_reader_that_stops() {
    const BUFFER: usize = 4096;
    run(async {
        let options = Options::new().read_buffer_size(BUFFER);
        let (client, server) = connected(&options);
        let mut reader = ByteStream::new(&server);
        let mut writer = ByteStream::new(&client);
        let part = [7; 500];
        let mut written = write_all_that_fits(&mut writer, &part);
        reader.read_exact(&mut [0]).await.unwrap();
        // Whatever the reader has made room for, until all buffers are full.
        loop {
            match write_all_that_fits(&mut writer, &part) {
                0 => break,
                more => written += more,
            }
        }
        let waits = client.bytes_to_write();
        assert!(
            waits >= Messages::<Socket>::HIGH_WATER,
            "{waits} of {written}"
        );
        let arrived = written - waits.min(written);
        assert!(arrived <= 2 * BUFFER + ROOM, "{arrived} of {written}");
    });
}

#[test]
fn a_write_is_a_message_of_64_kib_at_most() {
    run(async {
        let (client, server) = connected(&Options::new());
        let mut writer = ByteStream::new(&client);
        let write = async {
            assert_eq!(writer.write(&[]).await?, 0);
            writer.write_all(&[1, 2, 3]).await?;
            writer.write_all(&vec![7; 150_000]).await?;
            writer.close().await?;
            writer.read(&mut [0]).await
        };
        let read = async {
            let mut lengths = Vec::new();
            while let Some(event) = server.next_event().await {
                if let Event::Message(message) = event {
                    assert!(message.as_text().is_none());
                    lengths.push(message.len());
                }
            }
            lengths
        };
        let (written, lengths) = futures::join!(write, read);
        assert_eq!(written.unwrap(), 0);
        assert_eq!(lengths, [3, 65_536, 65_536, 150_000 - 2 * 65_536]);
        assert_eq!(server.close_code().unwrap().get(), 1000);
    });
}

#[test]
fn a_stream_without_a_connection_is_an_error() {
    run(async {
        let mut never_opened = ByteStream::new(Socket::new());
        let error = never_opened.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        let error = never_opened.write(&[0]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);

        let (client, _server) = connected(&Options::new());
        client.abort();
        let error = ByteStream::new(&client).read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
    });
}

#[test]
fn what_was_not_read_can_be_taken() {
    run(async {
        let (client, server) = connected(&Options::new());
        let mut reader = ByteStream::new(client);
        server.send("abc".as_bytes().into()).unwrap();
        let (read, flushed) = futures::join!(read_one(&mut reader), server.flush());
        flushed.unwrap();
        assert_eq!(read.unwrap(), b'a');
        let (socket, unread) = reader.into_parts();
        assert!(socket.is_valid());
        assert_eq!(unread, "bc");
    });
}

async fn read_one(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<u8> {
    let mut byte = [0];
    stream.read_exact(&mut byte).await?;
    Ok(byte[0])
}

/// A tunnel, as tokio's programs make one.
#[test]
fn tokio_copies_both_ways() {
    run(async {
        let (client, server) = connected(&Options::new());
        let (mut inside, tunnel) = tokio::io::duplex(100);
        let sent = vec![7; 200_000];
        let served = async {
            let mut server = ByteStream::new(server).compat();
            let (mut read, mut write) = tokio::io::split(&mut server);
            tokio::io::copy(&mut read, &mut write).await
        };
        let tunnelled = async {
            let (mut tunnel, mut client) = (tunnel, ByteStream::new(client).compat());
            tokio::io::copy_bidirectional(&mut tunnel, &mut client).await
        };
        let asked = async {
            let (mut read, mut write) = tokio::io::split(&mut inside);
            let mut back = vec![0; sent.len()];
            let (written, read) = futures::join!(
                tokio::io::AsyncWriteExt::write_all(&mut write, &sent),
                tokio::io::AsyncReadExt::read_exact(&mut read, &mut back),
            );
            written.unwrap();
            read.unwrap();
            assert!(back == sent);
            tokio::io::AsyncWriteExt::shutdown(&mut write).await
        };
        let (served, tunnelled, asked) = futures::join!(served, tunnelled, asked);
        let length = sent.len() as u64;
        asked.unwrap();
        assert_eq!(tunnelled.unwrap(), (length, length));
        assert_eq!(served.unwrap(), length);
    });
}
