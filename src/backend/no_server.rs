//! The server's side, where it is left out, or the platform has none: nothing here ever comes to be.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};

use crate::compression::Compression;
use crate::error::Error;
use crate::features::Features;
use crate::headers::Headers;
use crate::info::Info;
use crate::negotiated::Negotiated;
use crate::options::Options;
use crate::options::listener::{ListenAddress, ListenerOptions};
use crate::platform::MaybeSend;
use crate::response::Response;

pub(crate) struct Acceptor(Infallible);

impl Acceptor {
    pub(crate) async fn bind(_: ListenAddress, _: ListenerOptions) -> Result<Acceptor, Error> {
        Err(Error::unsupported(Features::SERVER))
    }

    pub(crate) fn local_address(&self) -> SocketAddr {
        match self.0 {}
    }

    pub(crate) fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<Result<Reading, Error>> {
        match self.0 {}
    }

    pub(crate) async fn shut_down(self, _: Duration) -> (usize, usize) {
        match self.0 {}
    }
}

pub(crate) struct Reading(Infallible);

impl Reading {
    pub(crate) fn new<S>(_: S, _: Options) -> Result<Reading, Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        Err(Error::unsupported(Features::SERVER))
    }
}

impl Future for Reading {
    type Output = Result<UpgradeRequest, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0 {}
    }
}

pub(crate) struct ServerHandshake(Infallible);

impl ServerHandshake {
    pub(crate) fn new(_: &str, _: &str, _: Headers) -> Result<ServerHandshake, Error> {
        Err(Error::unsupported(Features::SERVER))
    }

    pub(crate) fn check_origin(&self, _: &[String]) -> Result<(), Error> {
        match self.0 {}
    }

    pub(crate) fn info(&self) -> &Info {
        match self.0 {}
    }

    pub(crate) fn subprotocols(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }

    pub(crate) fn header(&mut self, _: String, _: String) {
        match self.0 {}
    }

    pub(crate) fn accept(
        &mut self,
        _: Option<&str>,
        _: Option<&Compression>,
    ) -> Result<(Response, Negotiated), Error> {
        match self.0 {}
    }

    pub(crate) fn refuse(&mut self, _: u16) -> Result<Response, Error> {
        match self.0 {}
    }
}

pub(crate) struct UpgradeRequest(Infallible);

impl UpgradeRequest {
    pub(crate) fn handshake(&self) -> &ServerHandshake {
        match self.0 {}
    }

    pub(crate) fn handshake_mut(&mut self) -> &mut ServerHandshake {
        match self.0 {}
    }

    /// Gives the handle of whichever platform it is.
    pub(crate) async fn accept<H>(self, _: Option<&str>) -> Result<H, Error> {
        match self.0 {}
    }

    pub(crate) async fn refuse(self, _: u16) -> Result<(), Error> {
        match self.0 {}
    }
}
