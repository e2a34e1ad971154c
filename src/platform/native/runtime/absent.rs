//! A stand-in for a runtime that is not compiled in: it is never found, and creates nothing.

#![allow(dead_code)] // Not every runtime needs all of it.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::no_runtime::NoRuntime;

pub(super) fn is_here() -> bool {
    false
}

pub(super) fn instant() -> Instant {
    Instant::now()
}

pub(super) fn unbudgeted<T>(poll: impl FnOnce() -> T) -> T {
    poll()
}

pub(super) fn is_unbudgeted() -> bool {
    false
}

pub(super) async fn resolve(_: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
    Err(NoRuntime.into())
}

pub(super) async fn connect(_: SocketAddr) -> io::Result<Stream> {
    Err(NoRuntime.into())
}

#[derive(Debug)]
pub(super) struct Timer(Infallible);

impl Timer {
    pub(super) fn after(_: Duration) -> Result<Timer, NoRuntime> {
        Err(NoRuntime)
    }
}

impl Future for Timer {
    type Output = Result<(), NoRuntime>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(super) struct Stream(Infallible);

impl Stream {
    pub(super) fn socket(&self) -> SockRef<'_> {
        match self.0 {}
    }

    pub(super) fn poll_read(
        &mut self,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.0 {}
    }

    pub(super) fn poll_write(
        &mut self,
        _: &mut Context<'_>,
        _: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.0 {}
    }
}

#[cfg(feature = "server")]
#[derive(Debug)]
pub(super) struct Listener(Infallible);

#[cfg(feature = "server")]
impl Listener {
    pub(super) fn from_std(_: std::net::TcpListener) -> io::Result<Listener> {
        Err(NoRuntime.into())
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        match self.0 {}
    }

    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        match self.0 {}
    }
}
