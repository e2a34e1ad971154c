//! TCP, DNS and timers of async-std, smol or tokio. This file and those below it are the only ones
//! that name a runtime.
//!
//! Features of crates add up, so all three may be compiled in without anybody's intention. Which
//! one is used is decided where something is made: inside a tokio runtime tokio, which works
//! nowhere else; otherwise smol, and then async-std, so that a feature asked for wins over the
//! default one.

#[cfg(not(all(feature = "async-std", feature = "smol", feature = "tokio")))]
mod absent;
#[cfg(feature = "tokio")]
mod from_tokio;
mod no_runtime;
#[cfg(feature = "async-std")]
mod on_async_std;
#[cfg(feature = "smol")]
mod on_smol;
#[cfg(feature = "tokio")]
mod on_tokio;

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::{AsyncRead, AsyncWrite};
use socket2::{SockRef, TcpKeepalive};

#[cfg(not(feature = "async-std"))]
use self::absent as on_async_std;
#[cfg(not(feature = "smol"))]
use self::absent as on_smol;
#[cfg(not(feature = "tokio"))]
use self::absent as on_tokio;
pub(crate) use self::no_runtime::NoRuntime;
use crate::platform::sigpipe;

/// The time after which an idle TCP connection is probed by the system.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// The runtime that makes what is made here.
#[derive(Clone, Copy)]
enum Runtime {
    Tokio,
    Smol,
    AsyncStd,
}

/// A value of one of the runtimes.
#[derive(Debug)]
enum Made<Tokio, Smol, AsyncStd> {
    Tokio(Tokio),
    Smol(Smol),
    AsyncStd(AsyncStd),
}

/// The same call, whichever runtime has made it.
macro_rules! each {
    ($made:expr, $it:ident => $call:expr) => {
        match $made {
            Made::Tokio($it) => $call,
            Made::Smol($it) => $call,
            Made::AsyncStd($it) => $call,
        }
    };
}

impl Runtime {
    fn here() -> Result<Runtime, NoRuntime> {
        if on_tokio::is_here() {
            return Ok(Runtime::Tokio);
        }
        if on_smol::is_here() {
            return Ok(Runtime::Smol);
        }
        if on_async_std::is_here() {
            return Ok(Runtime::AsyncStd);
        }
        Err(NoRuntime)
    }
}

/// Checks that there is a runtime here.
pub(crate) fn check() -> io::Result<()> {
    Runtime::here()?;
    Ok(())
}

/// The time by the clock of the runtime, which a test may have stopped.
pub(super) fn instant() -> Instant {
    on_tokio::instant()
}

/// Polls outside of the runtime's budget for tasks, for calls that do not wait.
pub(crate) fn unbudgeted<T>(poll: impl FnOnce() -> T) -> T {
    on_tokio::unbudgeted(poll)
}

/// Returns whether this is inside [`unbudgeted`].
pub(super) fn is_unbudgeted() -> bool {
    on_tokio::is_unbudgeted()
}

/// The addresses of a host, at least one.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    #[cfg(test)]
    if host == super::virtual_time::NEVER_RESOLVES {
        std::future::pending::<()>().await;
    }
    let addresses = match Runtime::here()? {
        Runtime::Tokio => on_tokio::resolve(host, port).await?,
        Runtime::Smol => on_smol::resolve(host, port).await?,
        Runtime::AsyncStd => on_async_std::resolve(host, port).await?,
    };
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no address"));
    }
    Ok(addresses)
}

/// A timer of the runtime that it was made in.
#[derive(Debug)]
pub(super) struct Timer(Made<on_tokio::Timer, on_smol::Timer, on_async_std::Timer>);

impl Timer {
    pub(super) fn after(duration: Duration) -> Result<Timer, NoRuntime> {
        Ok(Timer(match Runtime::here()? {
            Runtime::Tokio => Made::Tokio(on_tokio::Timer::after(duration)?),
            Runtime::Smol => Made::Smol(on_smol::Timer::after(duration)?),
            Runtime::AsyncStd => Made::AsyncStd(on_async_std::Timer::after(duration)?),
        }))
    }
}

/// Fails when its runtime has ended.
impl Future for Timer {
    type Output = Result<(), NoRuntime>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        each!(&mut self.0, timer => Pin::new(timer).poll(cx))
    }
}

type Stream = Made<on_tokio::Stream, on_smol::Stream, on_async_std::Stream>;

/// A TCP connection without Nagle's algorithm and with keep-alive. Writing to a peer that is gone
/// is an error and no signal.
#[derive(Debug)]
pub(crate) struct TcpStream(Stream);

impl TcpStream {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::set_up(match Runtime::here()? {
            Runtime::Tokio => Made::Tokio(on_tokio::connect(address).await?),
            Runtime::Smol => Made::Smol(on_smol::connect(address).await?),
            Runtime::AsyncStd => Made::AsyncStd(on_async_std::connect(address).await?),
        })
    }

    fn set_up(stream: Stream) -> io::Result<TcpStream> {
        let stream = TcpStream(stream);
        let socket = stream.socket();
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE))?;
        sigpipe::switch_off(&socket)?;
        Ok(stream)
    }

    fn socket(&self) -> SockRef<'_> {
        each!(&self.0, stream => stream.socket())
    }

    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        self.socket().local_addr().ok()?.as_socket()
    }

    pub(crate) fn peer_address(&self) -> Option<SocketAddr> {
        self.socket().peer_addr().ok()?.as_socket()
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        each!(&mut self.0, stream => stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(&mut self.0, stream => stream.poll_write(cx, &[IoSlice::new(bytes)]))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(&mut self.0, stream => stream.poll_write(cx, slices))
    }

    /// TCP has no buffer of ours.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends our direction; the runtimes differ in whether their own `poll_close` does.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket().shutdown(Shutdown::Write))
    }
}

/// Writes as much as the system takes at once, and raises no SIGPIPE.
#[cfg_attr(
    not(any(feature = "async-std", feature = "smol", feature = "tokio")),
    allow(dead_code)
)]
fn send(socket: &SockRef<'_>, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    loop {
        let sent = match slices {
            [slice] => socket.send_with_flags(slice, sigpipe::FLAG),
            _ => socket.send_vectored_with_flags(slices, sigpipe::FLAG),
        };
        match sent {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            sent => return sent,
        }
    }
}

/// The same, and waits for room.
#[cfg(any(feature = "async-std", feature = "smol"))]
fn poll_send<S>(
    stream: &mut S,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>>
where
    S: AsyncWrite + Unpin,
    for<'s> SockRef<'s>: From<&'s S>,
{
    match send(&SockRef::from(&*stream), slices) {
        // There is no other way to wait for it. One slice is written without the signal, too.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let first = slices.iter().find(|slice| !slice.is_empty());
            Pin::new(stream).poll_write(cx, first.map_or(&[], |slice| slice))
        }
        sent => Poll::Ready(sent),
    }
}

/// A listening TCP socket, of the runtime that it was made in.
#[cfg(feature = "server")]
#[derive(Debug)]
pub(crate) struct TcpListener(Made<on_tokio::Listener, on_smol::Listener, on_async_std::Listener>);

#[cfg(feature = "server")]
impl TcpListener {
    /// Listens; the system keeps up to `backlog` connections that are not accepted yet.
    pub(crate) async fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
        TcpListener::from_std(listen(address, backlog)?)
    }

    /// Of a socket that listens already.
    pub(crate) fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        Ok(TcpListener(match Runtime::here()? {
            Runtime::Tokio => Made::Tokio(on_tokio::Listener::from_std(listener)?),
            Runtime::Smol => Made::Smol(on_smol::Listener::from_std(listener)?),
            Runtime::AsyncStd => Made::AsyncStd(on_async_std::Listener::from_std(listener)?),
        }))
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        TcpStream::set_up(match &self.0 {
            Made::Tokio(listener) => Made::Tokio(listener.accept().await?),
            Made::Smol(listener) => Made::Smol(listener.accept().await?),
            Made::AsyncStd(listener) => Made::AsyncStd(listener.accept().await?),
        })
    }

    pub(crate) fn local_address(&self) -> io::Result<SocketAddr> {
        each!(&self.0, listener => listener.local_address())
    }
}

/// `std` sets what an address needs on each system; listening once more changes the backlog.
#[cfg(feature = "server")]
fn listen(address: SocketAddr, backlog: u32) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    SockRef::from(&listener).listen(backlog.try_into().unwrap_or(i32::MAX))?;
    Ok(listener)
}
