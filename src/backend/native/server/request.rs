//! A client's opening handshake (RFC 6455 §4.2), read and answered on its connection.

use std::future::Future;
use std::mem;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite, FutureExt};

use super::handshake::{Head, ServerHandshake};
use super::refusal::{Refused, linger, tell_refusal, write_answer, write_refusal};
use super::registry::{GivenUp, Seat};
use crate::backend::native::Handle;
use crate::backend::native::event_sink::EventSink;
use crate::backend::native::opening::http1::{self, Parsed};
use crate::backend::native::timeout::timeout;
use crate::backend::native::tls::Prepared;
use crate::backend::native::tls::library::Peer;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::options::Options;
use crate::platform::native::runtime::TcpStream;
use crate::platform::unbudgeted;
use crate::tls::info::TlsInfo;
use crate::trace::{self, Span};

/// A handshake that was read. Dropping it refuses with status 403 as far as that can be written at
/// once.
pub(crate) struct UpgradeRequest {
    /// Gone when it was answered.
    transport: Option<Box<dyn Transport>>,
    early: Vec<u8>,
    handshake: ServerHandshake,
    options: Options,
    sink: Arc<EventSink>,
    /// Its place among the connections of a listener.
    seat: Option<Seat>,
}

impl UpgradeRequest {
    pub(crate) fn seated(mut self, seat: Seat) -> UpgradeRequest {
        self.seat = Some(seat);
        self
    }

    pub(crate) fn handshake(&self) -> &ServerHandshake {
        &self.handshake
    }

    pub(crate) fn handshake_mut(&mut self) -> &mut ServerHandshake {
        &mut self.handshake
    }

    /// Answers 101.
    pub(crate) async fn accept(mut self, subprotocol: Option<&str>) -> Result<Handle, Error> {
        self.handshake.check_accept(subprotocol)?;
        if self.seat.as_ref().is_some_and(Seat::is_ending) {
            // Boxed, since it is large and rare. The client is refused in any case.
            let _ = Box::pin(self.refuse(503)).await;
            return Err(GivenUp::Ending.into());
        }
        let compression = self.options.get_compression();
        let (answer, negotiated) = self.handshake.accept(subprotocol, compression)?;
        let mut transport = self.transport.take().expect("it is answered once");
        let limit = self.options.get_timeouts().get_handshake();
        let head = http1::encode(&answer);
        let span = self.sink.span.clone();
        let write = span.clone().instrument(http1::send(&mut *transport, &head));
        timeout(limit, "answering the handshake took too long", write).await?;
        span.in_scope(|| trace::opened(negotiated.info().extensions()));
        let negotiated = negotiated.early(mem::take(&mut self.early));
        let (options, sink) = (self.options.clone(), self.sink.clone());
        let socket = Handle::established(transport, negotiated, options, sink);
        if let Some(seat) = self.seat.take() {
            socket.sit(seat);
        }
        Ok(socket)
    }

    /// Answers with a status of 400 to 599 and ends the connection.
    pub(crate) async fn refuse(mut self, status: u16) -> Result<(), Error> {
        let answer = self.handshake.refuse(status)?;
        let mut transport = self.transport.take().expect("it is answered once");
        let limit = self.options.get_timeouts().get_handshake();
        let write = write_answer(&mut *transport, &answer);
        let write = self.sink.span.clone().instrument(write);
        timeout(limit, "answering the handshake took too long", write).await?;
        linger(&mut *transport).await;
        Ok(())
    }
}

impl Drop for UpgradeRequest {
    fn drop(&mut self) {
        if let Some(mut transport) = self.transport.take() {
            let span = self.sink.span.clone();
            let write = span.instrument(write_refusal(&mut *transport, 403));
            let _ = unbudgeted(|| write.now_or_never());
        }
    }
}

/// The future of a client's opening handshake, after that of TLS where the options want it.
pub(crate) struct Reading {
    reading: Pin<Box<dyn Future<Output = Result<UpgradeRequest, Error>> + Send>>,
}

impl Reading {
    pub(crate) fn new<S>(stream: S, options: Options) -> Result<Reading, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        check_options(&options)?;
        Ok(Reading::over(Box::new(stream), (None, None), options))
    }

    pub(super) fn from_future(
        reading: impl Future<Output = Result<UpgradeRequest, Error>> + Send + 'static,
    ) -> Reading {
        Reading {
            reading: Box::pin(reading),
        }
    }

    /// Of a connection that was accepted with these options, which were checked.
    pub(crate) fn tcp(stream: TcpStream, options: Options) -> Reading {
        let addresses = (stream.local_address(), stream.peer_address());
        Reading::over(Box::new(stream), addresses, options)
    }

    fn over(
        transport: Box<dyn Transport>,
        addresses: (Option<SocketAddr>, Option<SocketAddr>),
        options: Options,
    ) -> Reading {
        let span = Span::accepted(addresses.1);
        let sink = Arc::new(EventSink::new(span.clone()));
        Reading::from_future(span.instrument(read(transport, addresses, options, sink)))
    }
}

impl Future for Reading {
    type Output = Result<UpgradeRequest, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.reading.poll_unpin(cx)
    }
}

/// Checks that the TLS of built options can be that of a server, if they want it.
pub(crate) fn check_options(options: &Options) -> Result<(), Error> {
    let prepared = Prepared::of(options);
    if prepared.is_server() {
        prepared.check_server()?;
    }
    Ok(())
}

async fn read(
    mut transport: Box<dyn Transport>,
    addresses: (Option<SocketAddr>, Option<SocketAddr>),
    options: Options,
    sink: Arc<EventSink>,
) -> Result<UpgradeRequest, Error> {
    let mut tls = None;
    let prepared = Prepared::of(&options);
    if prepared.is_server() {
        let peer = Peer::client(options.get_timeouts().get_tls(), sink.clone());
        let secured = prepared.accept(transport, &peer).await?;
        transport = secured.transport;
        tls = Some(secured.info);
    }
    let limit = options.get_timeouts().get_handshake();
    let read = read_head(transport, addresses, tls, options, sink);
    timeout(limit, "the opening handshake took too long", read).await
}

async fn read_head(
    mut transport: Box<dyn Transport>,
    (local_address, peer_address): (Option<SocketAddr>, Option<SocketAddr>),
    tls: Option<TlsInfo>,
    options: Options,
    sink: Arc<EventSink>,
) -> Result<UpgradeRequest, Error> {
    let mut early = Vec::new();
    let head = match http1::read_head(&mut *transport, &mut early, parse).await {
        Ok(head) => head,
        Err(error) => {
            if error.kind() == ErrorKind::Handshake {
                tell_refusal(&mut *transport, 400).await;
            }
            return Err(error);
        }
    };
    let expects_interim = head.headers.has_token("Expect", "100-continue");
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    let mut handshake = match ServerHandshake::read(head, scheme) {
        Ok(handshake) => handshake,
        Err(Refused { status, why }) => {
            tell_refusal(&mut *transport, status).await;
            return Err(Error::new(ErrorKind::Handshake, why));
        }
    };
    if expects_interim {
        // In front of the 101, whatever becomes of it (RFC 9110 §7.8).
        http1::send(&mut *transport, "HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    trace::http_requested();
    let facts = handshake.facts_mut();
    facts.local_address = local_address;
    facts.peer_address = peer_address;
    facts.tls = tls;
    Ok(UpgradeRequest {
        transport: Some(transport),
        early,
        handshake,
        options,
        sink,
        seat: None,
    })
}

fn parse(bytes: &[u8]) -> Parsed<Head> {
    let mut lines = [httparse::EMPTY_HEADER; http1::MAX_HEADERS];
    let mut head = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(size) = head.parse(bytes)? else {
        return Ok(None);
    };
    if head.version != Some(1) {
        return Err(httparse::Error::Version);
    }
    let head = Head {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        headers: http1::headers(head.headers),
    };
    Ok(Some((head, size)))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
