//! What receiving and sending allocate. Small payloads share blocks, large ones stay in the buffer
//! that they were read into, and the largest grow as they arrive. Buffers are held while data flows.
//!
//! In a binary of its own, since it counts all that is allocated.

#![cfg(not(target_family = "wasm"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use flate2::{Compress, Compression as Level, FlushCompress};
use futures::executor::block_on;
use futures::{AsyncRead, AsyncWrite, FutureExt};
use qwebsocket::{
    Bytes, Compression, ErrorKind, Event, Limits, Message, Options, PreparedMessage, Socket,
    TlsConfig, WebSocket, WebSocketExt,
};

struct Counting;

/// What one thread has done: each test is all on its own, while others run and report.
#[derive(Clone, Copy)]
struct Count {
    allocations: usize,
    bytes: usize,
    /// What is allocated now, and the most that ever was. Another thread's may be given back here.
    live: isize,
    peak: isize,
}

thread_local! {
    static COUNT: Cell<Count> = const {
        Cell::new(Count { allocations: 0, bytes: 0, live: 0, peak: 0 })
    };
}

fn grow(bytes: usize) {
    let mut count = COUNT.get();
    count.allocations += 1;
    count.bytes += bytes;
    count.live += bytes as isize;
    count.peak = count.peak.max(count.live);
    COUNT.set(count);
}

fn shrink(bytes: usize) {
    let mut count = COUNT.get();
    count.live -= bytes as isize;
    COUNT.set(count);
}

fn live() -> isize {
    COUNT.get().live
}

/// The most that is allocated meanwhile, besides what is there already.
fn peak<R>(act: impl FnOnce() -> R) -> (usize, R) {
    let before = COUNT.get();
    COUNT.set(Count {
        peak: before.live,
        ..before
    });
    let result = act();
    ((COUNT.get().peak - before.live) as usize, result)
}

#[allow(unsafe_code)]
// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        unsafe { System.alloc(layout) }
    }

    // Large memory is moved in the page tables, not copied, where the system can; so it is not
    // counted twice.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        shrink(layout.size());
        grow(size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A client that has sent everything it ever will.
struct Client {
    sent: Vec<u8>,
    taken: usize,
}

impl Client {
    /// A client that asks for a WebSocket first.
    fn new(length: usize, count: usize) -> Client {
        let sent = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
            Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .to_vec();
        Client::that_sent(sent, length, count)
    }

    fn that_sent(mut sent: Vec<u8>, length: usize, count: usize) -> Client {
        for _ in 0..count {
            match length {
                0..=125 => sent.extend([0x82, 0x80 | length as u8]),
                126..=0xFFFF => {
                    sent.extend([0x82, 0x80 | 126]);
                    sent.extend((length as u16).to_be_bytes());
                }
                _ => {
                    sent.extend([0x82, 0x80 | 127]);
                    sent.extend((length as u64).to_be_bytes());
                }
            }
            // A mask of zeros: the payload is as it is.
            sent.extend([0; 4]);
            sent.extend(std::iter::repeat_n(7, length));
        }
        Client { sent, taken: 0 }
    }
}

impl AsyncRead for Client {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut rest = &self.sent[self.taken..];
        if rest.is_empty() {
            return Poll::Pending;
        }
        // Frames come after the request, not together with it.
        let end_of_request = rest.windows(4).position(|end| end == b"\r\n\r\n");
        if self.taken == 0
            && let Some(end) = end_of_request
        {
            rest = &rest[..end + 4];
        }
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.taken += length;
        Poll::Ready(Ok(length))
    }
}

impl AsyncWrite for Client {
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

/// What `receive` allocates: how often and how many bytes.
fn allocated(receive: impl FnOnce()) -> (usize, usize) {
    let before = COUNT.get();
    receive();
    let after = COUNT.get();
    (
        after.allocations - before.allocations,
        after.bytes - before.bytes,
    )
}

fn ours(length: usize, count: usize) -> (usize, usize) {
    let socket = accepted(length, count);
    allocated(|| {
        let mut received = 0;
        while received < count {
            let event = block_on(socket.next_event());
            if let Some(Event::Message(Message::Binary(data))) = event {
                assert_eq!(data.len(), length);
                received += 1;
            }
        }
    })
}

/// A configuration of 200 KiB: a certificate among much text, as bundles of roots have it.
fn large_bundle() -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(["root".to_owned()]).unwrap();
    let mut bundle = "# Whom we trust, and why.\n".repeat(8 << 10).into_bytes();
    bundle.extend(parameters.self_signed(&key).unwrap().pem().into_bytes());
    bundle
}

#[test]
fn an_accepted_connection_shares_the_options() {
    let tls = TlsConfig::new().root_pem(large_bundle());
    let options = Options::new().tls(tls).build().unwrap();
    let accept = || {
        let accepting = Socket::accept(Client::new(1, 0), options.clone()).unwrap();
        block_on(async { accepting.await?.accept(None).await }).unwrap()
    };
    // What a thread makes once.
    drop(accept());
    let mut sockets = Vec::with_capacity(1000);
    let (_, bytes) = allocated(|| sockets.extend((0..1000).map(|_| accept())));
    // A bundle for each would be 200 MiB.
    assert!(bytes < 40 << 20, "{bytes} bytes");
    // Its own limits are its own, and no more than that.
    let limits = Limits::new().incoming_message(1 << 10);
    let (_, bytes) = allocated(|| {
        for socket in &sockets {
            socket.set_limits(limits).unwrap();
        }
    });
    assert!(bytes < 2 << 20, "{bytes} bytes");
    assert_eq!(sockets[0].options().get_limits(), limits);
    assert_eq!(options.get_limits(), Limits::new());
}

fn accepted(length: usize, count: usize) -> Socket {
    accepted_with(Client::new(length, count), Options::new())
}

fn accepted_with(client: Client, options: Options) -> Socket {
    let accepting = Socket::accept(client, options).unwrap();
    block_on(async { accepting.await?.accept(None).await }).unwrap()
}

#[test]
fn who_is_not_polled_again_holds_no_buffers() {
    const CONNECTIONS: isize = 100;
    // A listener's connections share its options.
    let options = Options::new().build().unwrap();
    let accept = |client| accepted_with(client, options.clone());
    let exchange = |socket: &Socket| {
        let event = block_on(socket.next_event());
        assert!(matches!(event, Some(Event::Message(_))), "{event:?}");
        socket.send(Message::binary(vec![7; 16])).unwrap();
        block_on(socket.flush()).unwrap();
    };
    // The buffers of the thread are made once.
    exchange(&accept(Client::new(16, 1)));
    let clients: Vec<_> = (0..CONNECTIONS).map(|_| Client::new(16, 1)).collect();
    let start = live();
    let sockets: Vec<_> = clients.into_iter().map(accept).collect();
    let before = live();
    sockets.iter().for_each(exchange);
    let each = (live() - before) / CONNECTIONS;
    assert!(each <= 1 << 10, "{each} bytes");
    let whole = (live() - start) / CONNECTIONS;
    // The stream is in memory; what a runtime keeps for TCP comes on top.
    assert!(whole <= 3700, "{whole} bytes");
}

#[test]
fn sending_allocates_nothing() {
    let socket = accepted(16, 0);
    let send = |count| {
        for _ in 0..count {
            let message = Bytes::from_static(b"a message");
            socket.send(Message::binary(message)).unwrap();
            block_on(socket.flush()).unwrap();
            while socket.try_next().is_some() {}
        }
    };
    // The buffers, and who waits.
    send(10);
    let (allocations, bytes) = allocated(|| send(1000));
    assert_eq!(allocations, 0, "{bytes} bytes");
}

#[test]
fn a_delivery_allocates_nothing() {
    let socket = accepted(16, 0);
    let prepared = PreparedMessage::new("a message");
    let write = |count| {
        for _ in 0..count {
            socket.write_prepared(&prepared).unwrap();
        }
    };
    // The buffers.
    write(10);
    let (allocations, bytes) = allocated(|| write(1000));
    assert_eq!(allocations, 0, "{bytes} bytes");
    assert_eq!(socket.messages_written(), 1010);
}

#[test]
fn a_burst_of_large_messages_is_not_there_at_once() {
    const LENGTH: usize = 64 << 10;
    let socket = accepted(16, 0);
    let (peak, flushed) = peak(|| {
        for _ in 0..64 {
            socket.send(Message::binary(vec![7; LENGTH])).unwrap();
        }
        block_on(socket.flush())
    });
    flushed.unwrap();
    assert!(peak <= 12 * LENGTH, "{peak} bytes for 64 of {LENGTH}");
}

#[test]
fn receiving_allocates_little() {
    // The buffers of the thread are made once.
    ours(16, 1);
    for (length, count, most_for_each, most_bytes) in [
        (16, 10_000, 0.02, 1.5),
        (1024, 1000, 0.6, 1.2),
        (4096, 1000, 1.0, 1.0),
        // Not its payload, but who returns the buffer to its pool.
        (64 << 10, 100, 1.0, 0.01),
        // Its memory doubles until it is there.
        (1 << 20, 10, 6.0, 2.1),
    ] {
        let (allocations, bytes) = ours(length, count);
        let for_each = allocations as f64 / count as f64;
        let bytes = bytes as f64 / (length * count) as f64;
        // A few at the beginning.
        assert!(
            for_each <= most_for_each + 10.0 / count as f64 && bytes <= most_bytes + 0.05,
            "{length} B: {for_each} allocations for each, {bytes} B for each of its bytes"
        );
    }
}

/// Zeros, deflated as one message without its tail (RFC 7692 §7.2.1).
fn deflated(zeros: usize) -> Vec<u8> {
    let mut compress = Compress::new(Level::best(), false);
    let mut out = Vec::with_capacity(zeros / 500);
    let piece = vec![0; 1 << 20];
    for _ in 0..zeros >> 20 {
        let done = compress.compress_vec(&piece, &mut out, FlushCompress::None);
        done.unwrap();
    }
    let done = compress.compress_vec(&[], &mut out, FlushCompress::Sync);
    done.unwrap();
    assert!(out.len() < out.capacity() && compress.total_in() as usize == zeros);
    assert!(out.ends_with(&[0, 0, 0xFF, 0xFF]));
    out.truncate(out.len() - 4);
    out
}

/// A client that sends one compressed message.
fn bomber(payload: &[u8]) -> Client {
    let mut client = Client::new(0, 0);
    let request = String::from_utf8(client.sent).unwrap();
    let offer = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    client.sent = request.replace("\r\n\r\n", offer).into_bytes();
    match u16::try_from(payload.len()) {
        Ok(length) => {
            client.sent.extend([0xC2, 0x80 | 126]);
            client.sent.extend(length.to_be_bytes());
        }
        Err(_) => {
            client.sent.extend([0xC2, 0x80 | 127]);
            client.sent.extend((payload.len() as u64).to_be_bytes());
        }
    }
    client.sent.extend([0; 4]);
    client.sent.extend(payload);
    client
}

/// What receiving it allocates at most, and what comes of it: a message's length, or an error.
fn cost(payload: &[u8], options: Options) -> (usize, Result<usize, ErrorKind>) {
    let client = bomber(payload);
    let options = options.compression(Compression::default());
    let accepting = Socket::accept(client, options).unwrap();
    let socket = block_on(async { accepting.await?.accept(None).await }).unwrap();
    peak(|| {
        // Others get their turn meanwhile.
        for _ in 0..100_000 {
            match socket.next_event().now_or_never() {
                Some(Some(Event::Message(message))) => return Ok(message.len()),
                Some(Some(Event::Error(error))) => return Err(error.kind()),
                _ => {}
            }
        }
        panic!("all has arrived, and nothing is told");
    })
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    const MIB: usize = 1 << 20;
    // The buffers, and the state of zlib.
    const BESIDES: usize = 256 << 10;
    let bomb = deflated(256 * MIB);
    assert!(bomb.len() < MIB / 2);
    let limited = |limit| Options::new().limits(Limits::new().incoming_message(limit));
    for (options, limit) in [
        // The default of a socket that is accepted.
        (Options::new(), 16 * MIB),
        (limited(MIB), MIB),
        (limited(100_000), 100_000),
    ] {
        let (cost, outcome) = cost(&bomb, options);
        println!("a bomb of 256 MiB costs {cost} B with a limit of {limit} B");
        assert_eq!(outcome, Err(ErrorKind::TooLarge));
        assert!(cost <= limit + BESIDES, "{cost} B with a limit of {limit}");
    }
    // Frames that are told are there beside their message.
    let (frames, outcome) = cost(&bomb, limited(MIB).frames(true));
    assert_eq!(outcome, Err(ErrorKind::TooLarge));
    assert!(frames <= 2 * MIB + BESIDES, "{frames} B");
    // And what is within the limit costs no more than that, too.
    let (fits, outcome) = cost(&deflated(9 * MIB), limited(10 * MIB));
    assert_eq!(outcome, Ok(9 * MIB));
    assert!(fits <= 10 * MIB + BESIDES, "{fits} B");
}
