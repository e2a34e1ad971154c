//! What a client that sends and never reads makes the example of an echo server keep.

use std::fs;
use std::time::Duration;

use async_std::future::timeout;
use async_std::net::TcpStream;
use async_std::os::unix::net::UnixStream;
use async_std::task;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use qwebsocket::{Listener, Options, Socket};

use crate::common::{alone, run};
use crate::server::REQUEST;

#[allow(dead_code)]
#[path = "../../examples/echo_server.rs"]
mod echo_server;

const MIB: usize = 1 << 20;

/// More than the server takes before it stops to read.
const FLOOD: usize = 256 * MIB;

/// Some 64 KiB of messages of zeros, masked with zeros.
fn messages(length: usize) -> Vec<u8> {
    let mut message = match length {
        0..=125 => vec![0x82, 0x80 | length as u8],
        126..=0xFFFF => [&[0x82, 0xFE], &(length as u16).to_be_bytes()[..]].concat(),
        _ => [&[0x82, 0xFF], &(length as u64).to_be_bytes()[..]].concat(),
    };
    message.extend([0; 4]);
    message.resize(message.len() + length, 0);
    match (64 << 10) / message.len() {
        0 => message,
        count => message.repeat(count),
    }
}

/// Sends until the server takes no more, or has `most`: how much it took.
async fn flood(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    messages: &[u8],
    most: usize,
) -> usize {
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    client.write_all(b"\r\n").await.unwrap();
    client.read_exact(&mut [0; 12]).await.unwrap();
    let mut taken = 0;
    while taken < most {
        match timeout(Duration::from_secs(3), client.write_all(messages)).await {
            Ok(Ok(())) => taken += messages.len(),
            _ => break,
        }
    }
    taken
}

/// A line of what Linux tells of this process, in bytes.
fn status(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let number = line.split_whitespace().nth(1).unwrap();
    number.parse::<usize>().unwrap() * 1024
}

/// Everything that an echo needs is in memory once it was used.
fn warm_up() {
    run(async {
        let (client, server) = UnixStream::pair().unwrap();
        let accepting = Socket::accept(server, Options::new());
        let served = task::spawn(echo_server::echo(accepting));
        flood(client, &messages(0), 1).await;
        let _ = served.await;
    });
}

/// By how much `test` makes the process grow at most.
fn growth(test: impl Future<Output = usize>) -> usize {
    // The peak so far is forgotten.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS");
    let taken = run(test);
    let growth = status("VmHWM").saturating_sub(before);
    let (taken, grown) = (taken / MIB, growth / MIB);
    println!("{taken} MiB were taken and made the process grow by {grown} MiB");
    growth
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_never_reads_meets_the_bound() {
    let me = "server_memory::a_client_that_never_reads_meets_the_bound";
    alone(me, || {
        warm_up();
        for length in [64 << 10, 16 * MIB] {
            let messages = messages(length);
            let growth = growth(async {
                let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
                let client = TcpStream::connect(listener.local_address()).await.unwrap();
                let accepting = listener.next().await.unwrap();
                task::spawn(echo_server::echo(accepting));
                flood(client, &messages, FLOOD).await
            });
            assert!(growth < 40 * MIB, "{length}: {growth}");
        }
    });
}

/// What keeps small messages apart takes more memory than their payload.
#[cfg(target_os = "linux")]
#[test]
fn small_messages_meet_the_bound_as_well() {
    let me = "server_memory::small_messages_meet_the_bound_as_well";
    alone(me, || {
        warm_up();
        for length in [0, 100] {
            let messages = messages(length);
            let growth = growth(async {
                let (client, server) = UnixStream::pair().unwrap();
                let options = Options::new().write_queue(2 * MIB);
                let accepting = Socket::accept(server, options);
                task::spawn(echo_server::echo(accepting));
                flood(client, &messages, FLOOD).await
            });
            assert!(growth < 8 * MIB, "{length}: {growth}");
        }
    });
}
