//! Receiving allocates nothing for a message beyond what tungstenite does, so no payload is copied
//! once more into memory of its own.
//!
//! In a binary of its own, since it counts all that is allocated.

#![cfg(not(target_family = "wasm"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::Role;
use futures::executor::block_on;
use futures::{AsyncRead, AsyncWrite, FutureExt, StreamExt};
use qwebsocket::{Event, Message, Options, Socket, WebSocketExt};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)]
// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
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
        let rest = &self.sent[self.taken..];
        if rest.is_empty() {
            return Poll::Pending;
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
    let before = (
        ALLOCATIONS.load(Ordering::Relaxed),
        BYTES.load(Ordering::Relaxed),
    );
    receive();
    (
        ALLOCATIONS.load(Ordering::Relaxed) - before.0,
        BYTES.load(Ordering::Relaxed) - before.1,
    )
}

fn ours(length: usize, count: usize) -> (usize, usize) {
    let accepting = Socket::accept(Client::new(length, count), Options::new()).unwrap();
    let socket = block_on(async { accepting.await?.accept(None).await }).unwrap();
    allocated(|| {
        let mut received = 0;
        while received < count {
            let event = socket.next_event().now_or_never().expect("all has arrived");
            if let Some(Event::Message(Message::Binary(data))) = event {
                assert_eq!(data.len(), length);
                received += 1;
            }
        }
    })
}

fn tungstenites(length: usize, count: usize) -> (usize, usize) {
    // tungstenite's own handshake refuses frames that come with the request.
    let client = Client::that_sent(Vec::new(), length, count);
    let mut socket = block_on(WebSocketStream::from_raw_socket(client, Role::Server, None));
    allocated(|| {
        for _ in 0..count {
            let message = socket.next().now_or_never().expect("all has arrived");
            assert_eq!(message.unwrap().unwrap().len(), length);
        }
    })
}

#[test]
fn receiving_allocates_no_more_than_tungstenite() {
    // The buffers of the thread are made once.
    ours(16, 1);
    for (length, count) in [(16, 10_000), (1024, 1000), (64 << 10, 100), (1 << 20, 10)] {
        let (own_count, own_bytes) = ours(length, count);
        let (raw_count, raw_bytes) = tungstenites(length, count);
        // Both cut messages out of buffers that they use again; ours are smaller.
        assert!(
            own_count <= raw_count + 10 && own_bytes <= raw_bytes + (64 << 10),
            "{length} B: {own_count} allocations of {own_bytes} B, \
             tungstenite {raw_count} of {raw_bytes} B"
        );
    }
}
