//! smol, by its own crates.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_net as net;
use futures::AsyncRead;
use socket2::SockRef;

use super::no_runtime::NoRuntime;
use super::poll_send;

/// It starts a thread of its own, so it is everywhere.
pub(super) fn is_here() -> bool {
    true
}

pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    net::resolve((host, port)).await
}

pub(super) async fn connect(address: SocketAddr) -> io::Result<Stream> {
    net::TcpStream::connect(address).await.map(Stream)
}

#[derive(Debug)]
pub(super) struct Timer(async_io::Timer);

impl Timer {
    pub(super) fn after(duration: Duration) -> Result<Timer, NoRuntime> {
        Ok(Timer(async_io::Timer::after(duration)))
    }
}

impl Future for Timer {
    type Output = Result<(), NoRuntime>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|_| Ok(()))
    }
}

#[derive(Debug)]
pub(super) struct Stream(net::TcpStream);

impl Stream {
    pub(super) fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.0)
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_send(&mut self.0, cx, slices)
    }
}

#[cfg(feature = "server")]
#[derive(Debug)]
pub(super) struct Listener(net::TcpListener);

#[cfg(feature = "server")]
impl Listener {
    pub(super) fn from_std(listener: std::net::TcpListener) -> io::Result<Listener> {
        listener.try_into().map(Listener)
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        Ok(Stream(self.0.accept().await?.0))
    }

    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
