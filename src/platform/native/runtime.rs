//! The one file that names a runtime: TCP, DNS and timers of async-std, smol or tokio.
//!
//! Where several are compiled in, tokio wins over smol and smol over async-std, so that a feature
//! asked for wins over the default one.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use socket2::{SockRef, TcpKeepalive};

#[cfg(not(any(feature = "async-std", feature = "smol", feature = "tokio")))]
compile_error!("qwebsocket needs one of the features `async-std`, `smol` and `tokio`");

#[cfg(feature = "tokio")]
use on_tokio as imp;

#[cfg(all(feature = "smol", not(feature = "tokio")))]
use on_smol as imp;

#[cfg(all(feature = "async-std", not(any(feature = "smol", feature = "tokio"))))]
use on_async_std as imp;

/// The time after which an idle TCP connection is probed by the system.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// A timer, made by [`sleep`].
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Ready after `duration`.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    #[cfg(test)]
    if let Some(sleep) = super::virtual_time::sleep(duration) {
        return sleep;
    }
    Box::pin(imp::sleep(duration))
}

/// The addresses of a host, at least one.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    #[cfg(test)]
    if host == super::virtual_time::NEVER_RESOLVES {
        std::future::pending::<()>().await;
    }
    let addresses = imp::resolve(host, port).await?;
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no address"));
    }
    Ok(addresses)
}

/// A TCP connection without Nagle's algorithm and with keep-alive.
#[derive(Debug)]
pub(crate) struct TcpStream(imp::Stream);

impl TcpStream {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::set_up(imp::connect(address).await?)
    }

    fn set_up(stream: imp::Stream) -> io::Result<TcpStream> {
        let socket = SockRef::from(imp::socket(&stream));
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE))?;
        Ok(TcpStream(stream))
    }

    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        SockRef::from(imp::socket(&self.0))
            .local_addr()
            .ok()?
            .as_socket()
    }

    pub(crate) fn peer_address(&self) -> Option<SocketAddr> {
        SockRef::from(imp::socket(&self.0))
            .peer_addr()
            .ok()?
            .as_socket()
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        imp::poll_write_vectored(&mut self.0, cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    /// Ends our direction; the runtimes differ in whether their own `poll_close` does.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(imp::socket(&self.0)).shutdown(Shutdown::Write))
    }
}

/// A listening TCP socket.
#[derive(Debug)]
pub(crate) struct TcpListener(imp::EventListener);

impl TcpListener {
    /// Listens; the system keeps up to `backlog` connections that are not accepted yet.
    pub(crate) async fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
        TcpListener::from_std(listen(address, backlog)?)
    }

    /// Of a socket that listens already.
    pub(crate) fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        Ok(TcpListener(imp::listener(listener)?))
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        TcpStream::set_up(imp::accept(&self.0).await?)
    }

    pub(crate) fn local_address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// `std` sets what an address needs on each system; listening once more changes the backlog.
fn listen(address: SocketAddr, backlog: u32) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    SockRef::from(&listener).listen(backlog.try_into().unwrap_or(i32::MAX))?;
    Ok(listener)
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use super::*;
    use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

    pub(crate) type Stream = Compat<tokio::net::TcpStream>;
    pub(crate) type EventListener = tokio::net::TcpListener;

    pub(crate) async fn sleep(duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }

    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Stream> {
        Ok(tokio::net::TcpStream::connect(address).await?.compat())
    }

    pub(crate) fn listener(listener: std::net::TcpListener) -> io::Result<EventListener> {
        EventListener::from_std(listener)
    }

    pub(crate) async fn accept(listener: &EventListener) -> io::Result<Stream> {
        Ok(listener.accept().await?.0.compat())
    }

    pub(crate) fn socket(stream: &Stream) -> &tokio::net::TcpStream {
        stream.get_ref()
    }

    /// `Compat` writes the first slice only.
    pub(crate) fn poll_write_vectored(
        stream: &mut Stream,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        tokio::io::AsyncWrite::poll_write_vectored(Pin::new(stream.get_mut()), cx, slices)
    }
}

#[cfg(all(feature = "smol", not(feature = "tokio")))]
mod on_smol {
    use super::*;

    pub(crate) type Stream = async_net::TcpStream;
    pub(crate) type EventListener = async_net::TcpListener;

    pub(crate) async fn sleep(duration: Duration) {
        async_io::Timer::after(duration).await;
    }

    pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        async_net::resolve((host, port)).await
    }

    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Stream> {
        Stream::connect(address).await
    }

    pub(crate) fn listener(listener: std::net::TcpListener) -> io::Result<EventListener> {
        EventListener::try_from(listener)
    }

    pub(crate) async fn accept(listener: &EventListener) -> io::Result<Stream> {
        Ok(listener.accept().await?.0)
    }

    pub(crate) fn socket(stream: &Stream) -> &Stream {
        stream
    }

    pub(crate) fn poll_write_vectored(
        stream: &mut Stream,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(stream).poll_write_vectored(cx, slices)
    }
}

#[cfg(all(feature = "async-std", not(any(feature = "smol", feature = "tokio"))))]
mod on_async_std {
    use super::*;

    pub(crate) type Stream = async_std::net::TcpStream;
    pub(crate) type EventListener = async_std::net::TcpListener;

    pub(crate) async fn sleep(duration: Duration) {
        async_std::task::sleep(duration).await;
    }

    pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let addresses = async_std::net::ToSocketAddrs::to_socket_addrs(&(host, port)).await?;
        Ok(addresses.collect())
    }

    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Stream> {
        Stream::connect(address).await
    }

    pub(crate) fn listener(listener: std::net::TcpListener) -> io::Result<EventListener> {
        Ok(EventListener::from(listener))
    }

    pub(crate) async fn accept(listener: &EventListener) -> io::Result<Stream> {
        Ok(listener.accept().await?.0)
    }

    pub(crate) fn socket(stream: &Stream) -> &Stream {
        stream
    }

    pub(crate) fn poll_write_vectored(
        stream: &mut Stream,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(stream).poll_write_vectored(cx, slices)
    }
}
