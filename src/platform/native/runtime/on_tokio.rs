//! tokio, which is only inside a runtime of its own.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice, Read};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};
use tokio::io::{AsyncRead, Interest, ReadBuf};
use tokio::net;
use tokio::runtime::{Handle, Id};
use tokio::task::unconstrained;
use tokio::time::{self, Sleep};

use super::no_runtime::NoRuntime;
use super::send;

thread_local! {
    /// The runtime that was looked at last, and whether it has what we need.
    static LAST: Cell<Option<(Id, bool)>> = const { Cell::new(None) };

    static IS_UNBUDGETED: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this is inside a runtime with drivers for I/O and time.
pub(super) fn is_here() -> bool {
    let Ok(handle) = Handle::try_current() else {
        return false;
    };
    let id = handle.id();
    match LAST.get() {
        Some((last, has_drivers)) if last == id => has_drivers,
        _ => {
            let has_drivers = has_drivers();
            LAST.set(Some((id, has_drivers)));
            has_drivers
        }
    }
}

/// tokio reports a missing driver by a panic only. An error of the system says nothing about it.
fn has_drivers() -> bool {
    let probe = || {
        drop(time::sleep(Duration::ZERO));
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        net::UdpSocket::from_std(socket.into())
    };
    // Where a panic ends the program, tokio's own is the better message.
    catch_unwind(probe).is_ok()
}

/// The time by the clock of the runtime, which `tokio::time::pause` stops.
pub(super) fn instant() -> Instant {
    time::Instant::now().into_std()
}

/// Polls outside the budget that a task has between two awaits: it is never renewed in a task that
/// never awaits.
pub(super) fn unbudgeted<T>(poll: impl FnOnce() -> T) -> T {
    struct Restore(bool);

    impl Drop for Restore {
        fn drop(&mut self) {
            IS_UNBUDGETED.set(self.0);
        }
    }

    let _restore = Restore(IS_UNBUDGETED.replace(true));
    let mut poll = Some(poll);
    let once = poll_fn(|_| {
        poll.take()
            .map_or(Poll::Pending, |poll| Poll::Ready(poll()))
    });
    match pin!(unconstrained(once)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("it is polled once"),
    }
}

pub(super) fn is_unbudgeted() -> bool {
    IS_UNBUDGETED.get()
}

pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(net::lookup_host((host, port)).await?.collect())
}

pub(super) async fn connect(address: SocketAddr) -> io::Result<Stream> {
    let socket = match address {
        SocketAddr::V4(_) => net::TcpSocket::new_v4()?,
        SocketAddr::V6(_) => net::TcpSocket::new_v6()?,
    };
    let runtime = Handle::try_current().map_err(|_| NoRuntime)?;
    let twin = SockRef::from(&socket).try_clone()?;
    let mut connecting = pin!(socket.connect(address));
    let connected = poll_fn(|cx| match connecting.as_mut().poll(cx) {
        // The runtime of one thread learns of the connection only when it gets its turn.
        Poll::Pending if is_unbudgeted() => {
            ready!(is_connected(&twin))?;
            let _entered = runtime.enter();
            Poll::Ready(net::TcpStream::from_std(twin.try_clone()?.into()))
        }
        connected => connected,
    });
    connected.await.map(Stream::new)
}

/// Ready once the system has connected the socket, or has failed to.
fn is_connected(socket: &Socket) -> Poll<io::Result<()>> {
    if let Some(error) = socket.take_error()? {
        return Poll::Ready(Err(error));
    }
    match socket.peer_addr() {
        Err(error) if error.kind() == ErrorKind::NotConnected => Poll::Pending,
        connected => Poll::Ready(connected.map(drop)),
    }
}

#[derive(Debug)]
pub(super) struct Timer(Pin<Box<Sleep>>);

impl Timer {
    pub(super) fn after(duration: Duration) -> Result<Timer, NoRuntime> {
        Ok(Timer(Box::pin(time::sleep(duration))))
    }
}

impl Future for Timer {
    type Output = Result<(), NoRuntime>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A timer panics when its runtime has ended; it is not polled again.
        let poll = AssertUnwindSafe(|| self.0.as_mut().poll(cx));
        match catch_unwind(poll) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(NoRuntime)),
        }
    }
}

#[derive(Debug)]
pub(super) struct Stream {
    stream: net::TcpStream,
    /// Whether a write has failed. What the peer sent before it went may be read, and the runtime
    /// need not have learned of it yet.
    has_write_failed: bool,
    /// Whether the system had no room the last time.
    is_full: bool,
}

/// A write of at most so many bytes is tried before the runtime is asked whether there is room: there
/// mostly is.
const SMALL: usize = 4 * 1024;

impl Stream {
    fn new(stream: net::TcpStream) -> Stream {
        Stream {
            stream,
            has_write_failed: false,
            is_full: false,
        }
    }

    pub(super) fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.stream)
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            // The runtime of one thread learns that something has arrived only when it gets its turn.
            Poll::Pending if is_unbudgeted() || self.has_write_failed => {
                at_once((&*self.socket()).read(buffer.initialize_unfilled()))
            }
            read => read.map_ok(|()| buffer.filled().len()),
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.poll_send(cx, slices);
        self.has_write_failed |= matches!(written, Poll::Ready(Err(_)));
        written
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_small = slices.iter().map(|slice| slice.len()).sum::<usize>() <= SMALL;
        if is_small && !self.is_full {
            match send(&self.socket(), slices) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
        let sent = self.poll_send_ready(cx, slices);
        self.is_full = sent.is_pending();
        sent
    }

    /// The same, once the runtime says that there is room.
    fn poll_send_ready(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.stream.poll_write_ready(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending if is_unbudgeted() => return at_once(send(&self.socket(), slices)),
                Poll::Pending => return Poll::Pending,
            }
            let send = || send(&self.socket(), slices);
            match self.stream.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

/// The result of the system, asked past the runtime.
fn at_once(result: io::Result<usize>) -> Poll<io::Result<usize>> {
    match result {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            Poll::Pending
        }
        result => Poll::Ready(result),
    }
}

#[cfg(feature = "server")]
#[derive(Debug)]
pub(super) struct Listener {
    listener: net::TcpListener,
    /// Accepted streams belong to the same runtime, wherever they are polled.
    runtime: Handle,
}

#[cfg(feature = "server")]
impl Listener {
    pub(super) fn from_std(listener: std::net::TcpListener) -> io::Result<Listener> {
        let runtime = Handle::try_current().map_err(|_| NoRuntime)?;
        let listener = net::TcpListener::from_std(listener)?;
        Ok(Listener { listener, runtime })
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        let accept = |cx: &mut Context<'_>| {
            let _entered = self.runtime.enter();
            self.listener.poll_accept(cx)
        };
        Ok(Stream::new(poll_fn(accept).await?.0))
    }

    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
