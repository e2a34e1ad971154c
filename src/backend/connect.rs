//! Options made ready for this platform, and the paved path to a connection.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::FusedStream;
use futures::{AsyncRead, AsyncWrite, Stream};

use super::{Socket, imp};
use crate::error::Error;
use crate::event::Event;
use crate::features::Features;
use crate::options::{self, Options};
use crate::platform::MaybeSend;
use crate::request::Request;
use crate::session;
use crate::socket::WebSocket;
use crate::socket::ext::WebSocketExt;

impl Options {
    /// Checks the options against this platform.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported) with all features that are needed, missing
    /// and not marked [best effort](Self::best_effort);
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a size out of its range, or for a
    /// certificate or a key that cannot be read.
    pub fn build(mut self) -> Result<Options, Error> {
        self.get_limits().check()?;
        options::check_read_buffer_size(self.get_read_buffer_size())?;
        if let Some(compression) = self.get_compression() {
            compression.check()?;
        }
        if let Some(keep_alive) = self.get_keep_alive() {
            keep_alive.check()?;
        }
        self.check_features(self.required())?;
        if self.prepared().is_none() {
            let prepared = imp::prepare(&self)?;
            self.set_prepared(prepared);
        }
        Ok(self)
    }

    pub(crate) fn check_features(&self, required: Features) -> Result<(), Error> {
        self.check_missing(required.difference(Socket::FEATURES))
    }
}

impl Socket {
    /// Connects a socket with default options, and waits until it is connected.
    ///
    /// The events up to [`Event::Connected`] are taken; what follows comes from the socket.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::open`], or the error that ended the attempt.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), qwebsocket::Error> {
    /// use qwebsocket::prelude::*;
    ///
    /// let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
    /// socket.send_text("hello")?;
    /// while let Some(event) = socket.next_event().await {
    ///     if let Event::Message(message) = event {
    ///         println!("{message:?}");
    ///         socket.close_with(CloseCode::NORMAL)?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(request: impl Into<Request>) -> Result<Socket, Error> {
        let socket = Socket::new();
        socket.open(request.into())?;
        socket.connected().await
    }

    /// [`connect`](Self::connect) with options. Questions such as [those for
    /// credentials](Options::ask_credentials) are refused, since the caller does not see them; use
    /// [`open`](WebSocket::open) to answer them.
    ///
    /// # Errors
    ///
    /// As [`Options::build`] and [`connect`](Self::connect).
    pub async fn connect_with(
        request: impl Into<Request>,
        options: Options,
    ) -> Result<Socket, Error> {
        let socket = Socket::with_options(options)?;
        socket.open(request.into())?;
        socket.connected().await
    }

    /// [`connect_with`](Self::connect_with) over a stream of the application's own; see
    /// [`open_over`](Self::open_over).
    ///
    /// # Errors
    ///
    /// As [`connect_with`](Self::connect_with).
    ///
    /// # Platform-specific
    ///
    /// Browsers connect by themselves: [`Features::OWN_STREAM`].
    pub async fn connect_over<S>(
        stream: S,
        request: impl Into<Request>,
        options: Options,
    ) -> Result<Socket, Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        let socket = Socket::with_options(options)?;
        socket.open_over(stream, request)?;
        socket.connected().await
    }

    async fn connected(self) -> Result<Socket, Error> {
        loop {
            match self.next_event().await {
                Some(Event::Connected) => return Ok(self),
                Some(Event::Error(error)) => return Err(error),
                Some(_) => {}
                // An attempt ends with one of the two.
                None => return Err(session::remote_closed()),
            }
        }
    }
}

impl Default for Socket {
    fn default() -> Socket {
        Socket::new()
    }
}

impl Stream for Socket {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(cx)
    }
}

/// It is at its end until a connection is [opened](WebSocket::open).
impl FusedStream for Socket {
    fn is_terminated(&self) -> bool {
        self.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::options::limits::Limits;

    #[test]
    fn sizes_are_checked() {
        let build = |limits| Options::new().limits(limits).build();
        assert!(build(Limits::new()).is_ok());
        for bad in [
            Limits::new().outgoing_frame(0),
            Limits::new().outgoing_frame(Limits::MAX_OUTGOING_FRAME + 1),
            Limits::new().incoming_frame(Limits::MAX_INCOMING_FRAME + 1),
            Limits::new().incoming_message(usize::MAX),
        ] {
            assert_eq!(build(bad).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert!(Options::new().read_buffer_size(0).build().is_err());
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let missing = Features::TLS_ALERTS | Features::MASKS;
        let options = Options::new();
        let unsupported = options
            .check_features(missing)
            .map_err(|error| error.kind());
        let expected = match missing.difference(Socket::FEATURES) {
            Features::NONE => Ok(()),
            expected => Err(ErrorKind::Unsupported(expected)),
        };
        assert_eq!(unsupported, expected);
        assert!(options.best_effort(missing).check_features(missing).is_ok());
    }
}
