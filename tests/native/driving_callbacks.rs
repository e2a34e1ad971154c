//! The application's own code, which the driver calls: it may call the socket, and panic.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_std::task;
use futures::future::join;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use qwebsocket::{
    Close, Compression, Event, KeepAlive, MaskGenerator, Message, Options, Socket, State, Timeouts,
    WebSocket, WebSocketExt,
};

use crate::common::{message, run};
use crate::driving::{pair, serve};
use crate::duplex::{End, stream};
use crate::server::HELLO;

/// A mask generator, a waker, a stream and a closure that call the socket they belong to.
#[derive(Default)]
struct Caller {
    socket: Mutex<Weak<Socket>>,
    calls: AtomicUsize,
}

impl Caller {
    fn call(&self) {
        let socket = self.socket.lock().unwrap().upgrade();
        let Some(socket) = socket else {
            return;
        };
        self.calls.fetch_add(1, Ordering::SeqCst);
        let _ = (socket.state(), socket.bytes_to_write(), socket.info());
        let _ = socket.try_flush();
        let _ = socket.try_next();
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caller")
    }
}

impl MaskGenerator for Caller {
    fn next_mask(&self) -> [u8; 4] {
        self.call();
        [1, 2, 3, 4]
    }
}

impl Wake for Caller {
    fn wake(self: Arc<Self>) {
        self.call();
    }
}

/// A stream that calls the socket that runs over it.
struct Calling {
    end: End,
    caller: Arc<Caller>,
}

impl AsyncRead for Calling {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.caller.call();
        Pin::new(&mut self.end).poll_read(cx, out)
    }
}

impl AsyncWrite for Calling {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.caller.call();
        Pin::new(&mut self.end).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.caller.call();
        Pin::new(&mut self.end).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.caller.call();
        Pin::new(&mut self.end).poll_close(cx)
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        self.caller.call();
    }
}

#[test]
fn the_applications_code_may_call_the_socket() {
    run(async {
        let caller = Arc::<Caller>::default();
        let is_answer = {
            let caller = caller.clone();
            move |message: &Message| {
                caller.call();
                message.as_text() == Some("here")
            }
        };
        let probe = KeepAlive::probe(Duration::from_millis(20), "there?", is_answer);
        let (left, right) = stream(5000);
        let options = Options::new()
            .mask_generator(caller.clone())
            .keep_alive(probe)
            .timeouts(Timeouts::new().close(Duration::from_millis(300)));
        let calling = Calling {
            end: left,
            caller: caller.clone(),
        };
        let accepting = Socket::accept(right, Options::new()).unwrap();
        let server = async { accepting.await.unwrap().accept(None).await.unwrap() };
        let client = Socket::with_options(options).unwrap();
        let client = Arc::new(client);
        *caller.socket.lock().unwrap() = Arc::downgrade(&client);
        client.open_over(calling, "ws://in.memory/").unwrap();
        let connected = async {
            while client.state() != State::Connected {
                client.next_event().await;
            }
        };
        let ((), server) = join(connected, server).await;
        let echo = async {
            while let Some(event) = server.next_event().await {
                if let Event::Message(message) = event {
                    let answer = match message.as_text() {
                        Some("there?") => "here".into(),
                        _ => message,
                    };
                    server.send(answer).unwrap();
                }
            }
        };
        let talk = async {
            let waker = Waker::from(caller.clone());
            for size in [10, 20_000, 100] {
                client.send(vec![7; size].into()).unwrap();
                let _ = client.poll_flush(&mut Context::from_waker(&waker));
                let _ = client.poll_event(&mut Context::from_waker(&waker));
                task::sleep(Duration::from_millis(40)).await;
                while client.try_next().is_some() {}
            }
            client.close(Close::default()).unwrap();
            while client.next_event().await.is_some() {}
        };
        join(echo, talk).await;
        assert!(caller.calls.load(Ordering::SeqCst) > 20);
        drop(client);
    });
}

/// Panics once, when it is told to.
#[derive(Debug, Default)]
struct Panicking(AtomicBool);

impl MaskGenerator for Panicking {
    fn next_mask(&self) -> [u8; 4] {
        assert!(!self.0.swap(false, Ordering::SeqCst), "as it was told");
        [5, 6, 7, 8]
    }
}

#[test]
fn a_panic_of_a_generator_leaves_counts_and_compression_right() {
    run(async {
        let generator = Arc::<Panicking>::default();
        let compressed = Options::new().compression(Compression::new());
        let options = compressed.clone().mask_generator(generator.clone());
        let (client, server) = pair(1 << 20, options, compressed).await;
        let text = "the same words again and again, ".repeat(20);
        client.send(text.as_str().into()).unwrap();
        generator.0.store(true, Ordering::SeqCst);
        let before = client.bytes_to_write();
        let sent = catch_unwind(AssertUnwindSafe(|| client.send(text.as_str().into())));
        assert!(sent.is_err());
        assert_eq!(client.bytes_to_write(), before);
        client.send(text.as_str().into()).unwrap();
        client.flush().await.unwrap();
        assert_eq!(client.messages_written(), 2);
        for _ in 0..2 {
            assert_eq!(message(&server).await.as_text(), Some(text.as_str()));
        }
    });
}

#[test]
fn a_panic_of_a_probes_closure_tells_the_message() {
    run(async {
        let probe = KeepAlive::probe(Duration::from_millis(10), "there?", |_| panic!("as told"));
        let options = Options::new().keep_alive(probe);
        let (mut client, socket) = serve(1 << 20, options).await;
        let mut probe = [0; 8];
        join(
            async { client.read_exact(&mut probe).await.unwrap() },
            async {
                // Until the probe has left.
                while !matches!(socket.next_event().await, Some(Event::BytesWritten(_))) {}
            },
        )
        .await;
        client.write_all(HELLO).await.unwrap();
        let panics = catch_unwind(AssertUnwindSafe(|| socket.try_next()));
        assert!(panics.is_err());
        let Some(Event::Message(message)) = socket.try_next() else {
            panic!("it is told");
        };
        assert_eq!(message.as_text(), Some("Hello"));
    });
}
