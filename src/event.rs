use std::time::Duration;

use bytes::Bytes;

use crate::auth::Challenge;
use crate::decision::Decision;
use crate::error::Error;
use crate::message::{Frame, Message};
use crate::tls::alert::Alert;
use crate::tls::error::{TlsError, TlsErrors};

/// Something that happened on a socket, in order: Qt's signals.
///
/// The order is the same on every platform, as far as the platform lets us see what happened:
///
/// | case | events |
/// |---|---|
/// | [`open`](crate::WebSocket::open) | `StateChanged(Connecting)` |
/// | success | `StateChanged(Connected)`, `Connected` |
/// | failure before that | `Error`, `StateChanged(Unconnected)`, `Disconnected` |
/// | own [`close`](crate::WebSocket::close) | `AboutToClose`, `StateChanged(Closing)`; on the peer's close frame or after the [time limit](crate::Timeouts::close) `StateChanged(Unconnected)`, `ReadFinished`, `Disconnected` |
/// | the peer's close | the same, without a call |
/// | a violation by the peer | `Error`, then the same, with our code sent |
/// | lost without a closing handshake | `Error`, `StateChanged(Unconnected)`, `ReadFinished`, `Disconnected` |
/// | [`abort`](crate::WebSocket::abort) | `AboutToClose`, `StateChanged(Unconnected)`, `ReadFinished`, `Disconnected` |
///
/// After `Disconnected` the stream of events ends; [`open`](crate::WebSocket::open) arms it again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// [`state`](crate::WebSocket::state) is now this.
    StateChanged(State),
    /// The opening handshake succeeded: messages can be sent.
    Connected,
    /// The socket is about to close. Until the next poll, [`send`](crate::WebSocket::send) still
    /// takes a last message, which goes out in front of the close frame.
    AboutToClose,
    /// The connection is gone. The last event until the next [`open`](crate::WebSocket::open).
    Disconnected,
    /// A whole message.
    Message(Message),
    /// A frame of a message, if [asked for](crate::Options::frames).
    ///
    /// # Platform-specific
    ///
    /// [`Features::FRAMES`](crate::Features::FRAMES).
    Frame(Frame),
    /// A pong arrived.
    ///
    /// # Platform-specific
    ///
    /// [`Features::PING`](crate::Features::PING).
    #[non_exhaustive]
    Pong {
        /// Time since [`ping`](crate::WebSocket::ping) was called with this payload, the oldest
        /// such call first; `None` for an unsolicited pong.
        elapsed: Option<Duration>,
        /// The payload, at most 125 bytes.
        payload: Bytes,
    },
    /// This many bytes went to the network since the last such event: from the request of the
    /// opening handshake on, frame headers included, before TLS.
    ///
    /// # Platform-specific
    ///
    /// In a browser: payload bytes that left the browser's buffer, noticed when the socket is
    /// polled.
    BytesWritten(usize),
    /// Nothing more will be received.
    ReadFinished,
    /// The server requires authentication, and the credentials of the URL or of the
    /// [options](crate::Options::credentials) are missing or were rejected. Emitted only if
    /// [enabled](crate::Options::ask_credentials).
    ///
    /// # Platform-specific
    ///
    /// [`Features::AUTHENTICATION`](crate::Features::AUTHENTICATION).
    Authenticate(Decision<Challenge>),
    /// The proxy requires authentication; as [`Authenticate`](Event::Authenticate).
    ///
    /// # Platform-specific
    ///
    /// [`Features::AUTHENTICATION`](crate::Features::AUTHENTICATION) and
    /// [`Features::PROXY`](crate::Features::PROXY).
    ProxyAuthenticate(Decision<Challenge>),
    /// A certificate of the peer has an error: Qt's `peerVerifyError()`. Emitted for each error,
    /// before [`TlsErrors`](Event::TlsErrors) asks about all of them or they are decided by
    /// the [configuration](crate::TlsConfig).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`](crate::Features::TLS_ERRORS).
    PeerVerifyError(TlsError),
    /// The peer's certificates have errors: Qt's `sslErrors()`. The handshake waits for the answer;
    /// until then nothing of the HTTP request is sent. Emitted only if
    /// [enabled](crate::TlsConfig::ask_errors).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ERRORS`](crate::Features::TLS_ERRORS).
    TlsErrors(Decision<TlsErrors>),
    /// The handshake found its first certificate error and is suspended: Qt's
    /// `handshakeInterruptedOnError()`. An answer resumes it, and all errors are then reported and
    /// asked about as usual; a refusal sends the peer an alert. Emitted only if
    /// [enabled](crate::TlsConfig::interrupt_on_error).
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_INTERRUPTION`](crate::Features::TLS_INTERRUPTION).
    HandshakeInterrupted(Decision<TlsError>),
    /// TLS sent an alert to the peer.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`](crate::Features::TLS_ALERTS).
    AlertSent(Alert),
    /// TLS received an alert from the peer.
    ///
    /// # Platform-specific
    ///
    /// [`Features::TLS_ALERTS`](crate::Features::TLS_ALERTS).
    AlertReceived(Alert),
    /// Something went wrong; also kept in [`last_error`](crate::WebSocket::last_error).
    Error(Error),
}

/// The states of a connection; Qt's names.
///
/// Name look-up, TCP, TLS and the opening handshake are all `Connecting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum State {
    /// There is no connection.
    #[default]
    Unconnected,
    /// A connection is being made.
    Connecting,
    /// Messages can be sent and received.
    Connected,
    /// The closing handshake is under way.
    Closing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_small() {
        assert!(size_of::<Event>() <= 48, "{}", size_of::<Event>());
    }
}
