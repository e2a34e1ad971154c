//! The server's side, which a browser does not have: nothing here ever comes to be.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite, Stream};

use super::Socket;
use crate::{Error, Features, Headers, Options, TlsInfo};

/// Accepts TCP connections, as a `Stream` of opening handshakes: Qt's `QWebSocketServer`.
///
/// # Platform-specific
///
/// A browser cannot listen: [`Features::SERVER`].
#[derive(Debug)]
pub struct Listener(Infallible);

impl Listener {
    /// Listens at an address such as `127.0.0.1:9000`; port 0 is any free one.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    pub async fn bind(address: &str) -> Result<Listener, Error> {
        Listener::bind_with(address, Options::new()).await
    }

    /// [`bind`](Self::bind), with the options of the sockets that will be accepted.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind) and [`Options::build`].
    pub async fn bind_with(_address: &str, options: Options) -> Result<Listener, Error> {
        options.build()?;
        Err(Error::unsupported(Features::SERVER))
    }

    /// The address, with the port that was chosen.
    pub fn local_address(&self) -> SocketAddr {
        match self.0 {}
    }
}

impl Stream for Listener {
    type Item = Result<Accepting, Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0 {}
    }
}

impl Socket {
    /// The server's side of a connection over any stream: a Unix socket, a tunnel, TLS that is
    /// already there.
    ///
    /// # Errors
    ///
    /// As [`Options::build`].
    ///
    /// # Platform-specific
    ///
    /// A browser cannot serve: [`Features::SERVER`].
    pub fn accept<S>(_stream: S, options: Options) -> Result<Accepting, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        options.build()?;
        Err(Error::unsupported(Features::SERVER))
    }
}

/// A connection whose opening handshake is being read; a future of [`Incoming`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Accepting(Infallible);

impl Future for Accepting {
    type Output = Result<Incoming, Error>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0 {}
    }
}

/// A client's opening handshake, to be accepted or refused.
#[derive(Debug)]
#[must_use = "dropping refuses"]
pub struct Incoming(Infallible);

impl Incoming {
    /// Path and query that the client asks for.
    pub fn resource_name(&self) -> &str {
        match self.0 {}
    }

    /// The headers of the request.
    pub fn headers(&self) -> &Headers {
        match self.0 {}
    }

    /// The subprotocols that the client offers; the first it likes best.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }

    /// The `Origin` of the request.
    pub fn origin(&self) -> Option<&str> {
        match self.0 {}
    }

    /// What TLS agreed on; `None` without TLS.
    pub fn tls(&self) -> Option<&TlsInfo> {
        match self.0 {}
    }

    /// The client's address.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        match self.0 {}
    }

    /// Answers 101 with this subprotocol or none.
    ///
    /// # Errors
    ///
    /// None: there is no such value.
    pub async fn accept(self, _subprotocol: Option<&str>) -> Result<Socket, Error> {
        match self.0 {}
    }

    /// Answers with a status of 400 to 599 and ends the connection.
    ///
    /// # Errors
    ///
    /// None: there is no such value.
    pub async fn refuse(self, _status: u16) -> Result<(), Error> {
        match self.0 {}
    }
}
