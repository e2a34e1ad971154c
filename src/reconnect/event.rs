use std::ops::Range;
use std::time::Duration;

use crate::close::Close;
use crate::error::Error;
use crate::event::Event;
use crate::message::Message;

/// Something that happened to a [`Reconnecting`](super::Reconnecting), in order.
///
/// | case | events |
/// |---|---|
/// | an attempt | `Connecting`, then the [`Socket`](Self::Socket) events up to `Connected` |
/// | it fails | `Connecting`, the `Socket` events up to `Disconnected`, `Failed`, then as below |
/// | a connection ends | the `Socket` events up to `Disconnected`, `Ended`, then as below |
/// | another attempt will follow | `Waiting`, or `Offline` while it is set so |
/// | none will | `GivenUp`, and the end of the stream |
/// | own [`close`](super::Reconnecting::close) | as when a connection ends, then the end of the stream |
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReconnectEvent {
    /// An attempt begins.
    #[non_exhaustive]
    Connecting {
        /// Which one since the last connection that lasted, counted from 1.
        attempt: u32,
    },
    /// An event of the socket.
    Socket(Event),
    /// An attempt led to no connection.
    #[non_exhaustive]
    Failed {
        /// Why.
        error: Option<Error>,
    },
    /// A connection has ended, whichever side ended it.
    #[non_exhaustive]
    Ended {
        /// The error that it ended with, if it did.
        error: Option<Error>,
        /// The close code and reason, from whichever side closed first.
        close: Option<Close>,
        /// The peer's own close frame, `None` when it never came; see
        /// [`WebSocket::peer_close`](crate::WebSocket::peer_close).
        peer_close: Option<Close>,
        /// The numbers of the messages that were written, neither
        /// [acknowledged](super::Reconnecting::acknowledge) nor reported here before: they may have
        /// arrived, and are not sent again. Numbers in it that were reported as
        /// [`Dropped`](Self::Dropped) are not meant. Empty when the peer has answered our own
        /// [`close`](super::Reconnecting::close) with the same code, since it has read what came
        /// before (RFC 6455 §5.5.1); a close frame with another code may be one that crossed it.
        unknown: Range<u64>,
    },
    /// The next attempt waits.
    #[non_exhaustive]
    Waiting {
        /// Its number, as [`Connecting`](Self::Connecting) will have it.
        attempt: u32,
        /// How long it waits.
        delay: Duration,
    },
    /// The next attempt waits for [`set_online`](super::Reconnecting::set_online).
    Offline,
    /// A message made room for a newer one, as [`WhenFull::DropOldest`](crate::WhenFull) wants it.
    #[non_exhaustive]
    Dropped {
        /// Its number.
        number: u64,
        /// The message.
        message: Message,
    },
    /// There will be no further attempt: the attempts are used up, or trying again would change
    /// nothing.
    #[non_exhaustive]
    GivenUp {
        /// How many attempts in a row led to no lasting connection.
        attempts: u32,
    },
}

/// The same for messages of any kind.
pub(crate) enum Notice<M> {
    Event(ReconnectEvent),
    Dropped(u64, M),
}

impl<M> From<ReconnectEvent> for Notice<M> {
    fn from(event: ReconnectEvent) -> Notice<M> {
        Notice::Event(event)
    }
}

impl From<Notice<Message>> for ReconnectEvent {
    fn from(told: Notice<Message>) -> ReconnectEvent {
        match told {
            Notice::Event(event) => event,
            Notice::Dropped(number, message) => ReconnectEvent::Dropped { number, message },
        }
    }
}
