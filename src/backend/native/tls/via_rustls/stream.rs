use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Cx, Poll, Waker, ready};
use std::thread;

use futures::{AsyncRead, AsyncWrite};
use rustls::{AlertDescription, Connection};

use super::connection::{self, Context};
use super::error;
use super::exchange::{last_word, poll_receive, poll_send};
use crate::backend::native::tls::bridge::Bridge;
use crate::event::Event;
use crate::platform::unbudgeted;
use crate::tls::alert::AlertLevel;

/// TLS over a transport, both of which are ended together.
pub(super) struct Stream {
    tls: Connection,
    bridge: Bridge,
    context: Arc<Context>,
    /// Whether we have sent `close_notify`, or need not.
    is_ended: bool,
    /// Whether the peer has sent `close_notify`.
    has_peer_ended: bool,
}

impl Stream {
    pub(super) fn new(tls: Connection, bridge: Bridge, context: Arc<Context>) -> Stream {
        Stream {
            tls,
            bridge,
            context,
            is_ended: false,
            has_peer_ended: false,
        }
    }

    pub(super) fn tls(&self) -> &Connection {
        &self.tls
    }

    fn poll_send(&mut self, cx: &mut Cx<'_>) -> Poll<io::Result<()>> {
        let sent = ready!(poll_send(&mut self.tls, &mut self.bridge, cx));
        Poll::Ready(sent.map_err(|error| {
            self.is_ended = true;
            let word = last_word(&mut self.tls, &mut self.bridge, &self.context, cx);
            word.map_or(error, io::Error::other)
        }))
    }

    /// Looks at what came.
    fn process(&mut self, cx: &mut Cx<'_>) -> io::Result<()> {
        match connection::within(&self.context, || self.tls.process_new_packets()) {
            Ok(state) => {
                if state.peer_has_closed() && !self.has_peer_ended {
                    self.has_peer_ended = true;
                    let number = AlertDescription::CloseNotify.into();
                    let context = &self.context;
                    context.tell(AlertLevel::Warning, number, Event::AlertReceived);
                }
                Ok(())
            }
            Err(error) => {
                self.is_ended = true;
                // The alert, as far as it goes without waiting.
                let _ = poll_send(&mut self.tls, &mut self.bridge, cx);
                let error = error::refused("TLS failed", error, &self.context);
                Err(io::Error::other(error))
            }
        }
    }

    fn end(&mut self) {
        if !self.is_ended {
            self.is_ended = true;
            self.tls.send_close_notify();
            let number = AlertDescription::CloseNotify.into();
            let context = &self.context;
            context.tell(AlertLevel::Warning, number, Event::AlertSent);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Cx<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            // At the end of TCP without one of TLS, this fails by `UnexpectedEof`.
            match self.tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            // Sends what rustls answers by itself, without waiting for it.
            if let Poll::Ready(Err(error)) = self.poll_send(cx) {
                return Poll::Ready(Err(error));
            }
            let stream = &mut *self;
            ready!(poll_receive(&mut stream.tls, &mut stream.bridge, cx))?;
            stream.process(cx)?;
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Cx<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Nothing is taken before all that was taken is gone.
        ready!(self.poll_send(cx))?;
        let taken = self.tls.writer().write(bytes)?;
        match self.poll_send(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(taken)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.bridge.transport).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<io::Result<()>> {
        self.end();
        let stream = &mut *self;
        // Where TLS is broken there is nothing to say.
        let _ = ready!(poll_send(&mut stream.tls, &mut stream.bridge, cx));
        Pin::new(&mut stream.bridge.transport).poll_close(cx)
    }
}

/// Sends `close_notify`, so that the peer can distinguish this from a broken connection.
impl Drop for Stream {
    fn drop(&mut self) {
        // A transport that has panicked may do it again, which would abort the process.
        if !self.is_ended && !thread::panicking() {
            self.end();
            let mut cx = Cx::from_waker(Waker::noop());
            let _ = unbudgeted(|| poll_send(&mut self.tls, &mut self.bridge, &mut cx));
        }
    }
}
