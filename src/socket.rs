pub(crate) mod ext;
mod pointers;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::close::{Close, CloseCode};
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::platform::{MaybeSend, MaybeSync, unbudgeted};
use crate::prepared_message::PreparedMessage;
use crate::request::Request;

/// A WebSocket, whatever carries it: the whole API.
///
/// Commands take `&self`, so one task can send while another waits for events, which come from
/// [`next_event`](crate::WebSocketExt::next_event) or, as a `Stream`, from
/// [`events`](crate::WebSocketExt::events). One task at a time should wait for events.
///
/// **Whoever polls the socket drives it.** Natively nothing happens between polls: what was sent
/// waits to be written, pings are not answered, and a peer that sends more than fits is slowed
/// down. Every future may be dropped at any time and loses nothing.
///
/// The trait is object safe, and `&S`, `Box<S>` and `Arc<S>` are sockets where `S` is: what takes a
/// socket takes a `Box<dyn WebSocket>`, or an `Arc` of which the application keeps a clone.
/// [`WebSocketExt`](crate::WebSocketExt) has what is not object safe.
///
/// # Implementing it
///
/// An application may, for a fake in its tests or a socket of another kind. In return for that a
/// minor release adds no method without a default, which either says that the feature is
/// [unsupported](crate::ErrorKind::Unsupported) or is made of the other methods; no supertrait is
/// added, and no default becomes a required method.
pub trait WebSocket: MaybeSend + MaybeSync + Unpin + fmt::Debug {
    /// Starts to connect. Progress is reported as events: `StateChanged(Connecting)` at once,
    /// [`Event::Connected`] or [`Event::Error`] later.
    ///
    /// What is still connected is closed with code 1001 first; its `Disconnected` comes before the
    /// new connection's first event. Error, close code, reason and subprotocol of the last
    /// connection are forgotten.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a URL, header, origin or subprotocol
    /// that cannot be used and [`Unsupported`](crate::ErrorKind::Unsupported) for what the
    /// platform lacks. Then nothing changed and an open connection is not touched.
    ///
    /// # Platform-specific
    ///
    /// A browser closes what is still connected with code 1000.
    fn open(&self, request: Request) -> Result<(), Error>;

    /// Starts the closing handshake (RFC 6455 §7.1.2): what was queued goes out, then a close
    /// frame. The state is [`State::Closing`] at once, [`Event::AboutToClose`] follows, and
    /// [`Event::Disconnected`] when the peer has answered or the
    /// [time limit](crate::Timeouts::close) has passed. Messages that arrive in between are
    /// delivered. While connecting it gives up, like [`abort`](Self::abort); without a connection
    /// and while closing it does nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a code that must not be sent.
    ///
    /// # Platform-specific
    ///
    /// A browser sends 1000 and 3000 to 4999 only ([`Features::CLOSE_CODES`]), and drops what
    /// arrives after the close frame was sent. A connection that is lost in between ends there
    /// without an error, since it looks the same as the browser's own time limit. Where nobody polls,
    /// the close frame is given to the browser after 100 ms, or when the page goes or is frozen; in
    /// a page that goes, at once. A worker does not learn that it is being ended:
    /// [`try_flush`](Self::try_flush) hands it over at once there.
    fn close(&self, close: Close) -> Result<(), Error>;

    /// Ends the connection at once, without a closing handshake; what was queued is discarded.
    ///
    /// # Platform-specific
    ///
    /// A browser cannot end a connection at once: the socket lets go of it, and the browser closes
    /// it in its own time.
    fn abort(&self);

    /// Queues a message and returns the length of its payload. It is written when the socket is
    /// polled or flushed: what is sent between two polls leaves together. Where more than 256 KiB
    /// wait already, a part of it is written here, as far as that does not wait.
    ///
    /// # Errors
    ///
    /// [`WrongState`](crate::ErrorKind::WrongState) when not connected, and
    /// [`QueueFull`](crate::ErrorKind::QueueFull) over the bound of the
    /// [write queue](Options::write_queue).
    ///
    /// # Platform-specific
    ///
    /// A browser writes by itself, soon after the call.
    fn send(&self, message: Message) -> Result<usize, Error>;

    /// [`send`](Self::send), of a message that other sockets send as well and that is encoded once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Platform-specific
    ///
    /// Browsers encode by themselves, each time.
    fn send_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.send(prepared.message().clone())
    }

    /// [`send_prepared`](Self::send_prepared), and writes the message in this call, as far as that
    /// does not wait, where nothing is queued in front of it. A message that is written wholly does
    /// not wake the task that waits for events: its [`Event::BytesWritten`] is told with the next
    /// event. Each message is a write of its own. [`Topics::deliver`](crate::Topics::deliver) sends
    /// this way.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Platform-specific
    ///
    /// In a browser as [`send_prepared`](Self::send_prepared).
    fn write_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.send_prepared(prepared)
    }

    /// Queues a part of a message whose length need not be known: the first call begins a message of
    /// the part's kind, `is_last` ends it. Of a message that has begun, only the payload of the
    /// later parts counts: those of a text may be bytes, and end inside a character. In between,
    /// [`send`](Self::send) is refused, while pings and pongs pass.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`InvalidInput`](crate::ErrorKind::InvalidInput) for a part
    /// with which a text is not UTF-8. Then the message goes on without it.
    ///
    /// # Platform-specific
    ///
    /// Browsers send whole messages only: [`Features::PARTS`].
    fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error>;

    /// Queues a ping; its [`Event::Pong`] carries the round-trip time.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a payload over 125 bytes (RFC 6455
    /// §5.5; Qt cuts it), [`WrongState`](crate::ErrorKind::WrongState) when not connected, and
    /// [`QueueFull`](crate::ErrorKind::QueueFull) as for [`send`](Self::send).
    ///
    /// # Platform-specific
    ///
    /// Browsers have no ping: [`Features::PING`].
    fn ping(&self, payload: Bytes) -> Result<(), Error>;

    /// Writes as much as possible without waiting, and returns whether anything was written: Qt's
    /// `flush()`.
    ///
    /// # Errors
    ///
    /// The reason why writing failed, which is also an event:
    /// [`RemoteClosed`](crate::ErrorKind::RemoteClosed) when the peer has gone,
    /// [`Connection`](crate::ErrorKind::Connection) or [`Tls`](crate::ErrorKind::Tls) otherwise.
    ///
    /// # Platform-specific
    ///
    /// A browser writes by itself: always `false`.
    fn try_flush(&self) -> Result<bool, Error>;

    /// Ready when everything queued is written, or cannot be any more. Any task may poll it; one
    /// at a time is woken.
    ///
    /// # Errors
    ///
    /// As [`try_flush`](Self::try_flush).
    ///
    /// # Platform-specific
    ///
    /// A browser only shows how much is left in its buffer and does not announce changes, so it is
    /// polled in the next task, at each of its events, and by a timer that slows down to 100 ms while
    /// a task waits here. All waiting tasks are woken.
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// The next event; `None` after [`Event::Disconnected`] and before [`open`](Self::open). What
    /// every future and stream of events calls.
    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>>;

    /// The next event if there is one, without waiting; drives the socket like any poll. A task that
    /// waits for events goes on waiting. Default of the trait: [`poll_event`](Self::poll_event)
    /// with a waker that does nothing, which takes the place of such a task.
    fn try_next_event(&self) -> Option<Event> {
        match unbudgeted(|| self.poll_event(&mut Context::from_waker(Waker::noop()))) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    /// The number of queued bytes, frame headers included.
    ///
    /// # Platform-specific
    ///
    /// In a browser its `bufferedAmount`: payloads only.
    fn bytes_to_write(&self) -> usize;

    /// The number of messages of this connection that have been written completely, in the order in
    /// which they were sent; one that was [sent in parts](Self::send_part) counts with its last
    /// part. It keeps its value after the connection has ended, until the next
    /// [`open`](Self::open): later messages have certainly not arrived. Written does not mean
    /// received.
    ///
    /// # Platform-specific
    ///
    /// In a browser: whose bytes have left its buffer, which an empty message does with the one
    /// before it. In Chromium that is earlier than they leave for the network, so it may be too
    /// many, never too few. A connection that we [abort](Self::abort) or give up is the browser's
    /// business, so all that was sent on it counts.
    fn messages_written(&self) -> u64;

    /// Bounds what is read ahead of the application; see [`Options::read_buffer_size`].
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for 0.
    ///
    /// # Platform-specific
    ///
    /// Browsers read on: [`Features::READ_BUFFER`].
    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error>;

    /// Changes the limits, also while connected: from the next frame on.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a size out of its range.
    ///
    /// # Platform-specific
    ///
    /// Browsers have no limits for frames: [`Features::INCOMING_FRAME`],
    /// [`Features::OUTGOING_FRAME`].
    fn set_limits(&self, limits: Limits) -> Result<(), Error>;

    /// Changes the mask generator, also while connected: from the next frame on. `None` is the
    /// default one.
    ///
    /// # Errors
    ///
    /// None natively.
    ///
    /// # Platform-specific
    ///
    /// Browsers mask by themselves: [`Features::MASKS`].
    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error>;

    /// The state of the connection.
    fn state(&self) -> State;

    /// Details of the connection.
    fn info(&self) -> Info;

    /// The last error, until the next [`open`](Self::open): Qt's `error()` and `errorString()`.
    fn last_error(&self) -> Option<Error>;

    /// The close code and reason, from whichever side closed first: Qt's `closeCode()` and
    /// `closeReason()`. Set by [`close`](Self::close), or by the arrival of the peer's close frame,
    /// with 1005 for one without a code, and kept if the peer does not answer in time. 1006 when the
    /// connection was lost or [aborted](Self::abort). `None` while neither side has closed it, and
    /// after an attempt that failed.
    ///
    /// # Platform-specific
    ///
    /// In a browser a connection that is lost after [`close`](Self::close) keeps the code given.
    fn closed(&self) -> Option<Close>;

    /// The peer's own close frame: code and reason, 1005 for one without a code. `None` until it
    /// arrives, and for good if the connection ends without one. This distinguishes an own
    /// [`close`](Self::close) that was answered, answered with another code, or not answered. It
    /// keeps its value until the next [`open`](Self::open). Default of the trait: `None`.
    fn peer_close(&self) -> Option<Close> {
        None
    }

    /// The options in force.
    fn options(&self) -> Options;

    /// The features of this platform; for [`Socket`](crate::Socket) the same as
    /// [`Socket::FEATURES`](crate::Socket::FEATURES).
    fn features(&self) -> Features;

    // From here on Qt's names, for who comes from there: each is another method in other words.

    /// Qt's name for [`send_text`](crate::WebSocketExt::send_text): `sendTextMessage()`.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    fn send_text_message(&self, text: &str) -> Result<usize, Error> {
        self.send(Message::from(text))
    }

    /// Qt's name for [`send_binary`](crate::WebSocketExt::send_binary): `sendBinaryMessage()`.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    fn send_binary_message(&self, data: &[u8]) -> Result<usize, Error> {
        self.send(Message::from(data))
    }

    /// Returns `true` if messages can be sent and received: Qt's `isValid()`.
    fn is_valid(&self) -> bool {
        self.state() == State::Connected
    }

    /// The text of the last error, or an empty one: Qt's `errorString()`.
    fn error_string(&self) -> String {
        self.last_error().map(|e| e.to_string()).unwrap_or_default()
    }

    /// The code of [`closed`](Self::closed): Qt's `closeCode()`.
    fn close_code(&self) -> Option<CloseCode> {
        self.closed().map(|close| close.code())
    }

    /// The reason of [`closed`](Self::closed), or an empty one: Qt's `closeReason()`.
    fn close_reason(&self) -> String {
        self.closed()
            .map(|close| close.reason().to_owned())
            .unwrap_or_default()
    }

    /// The subprotocol that the server chose: Qt's `subprotocol()`.
    fn subprotocol(&self) -> Option<String> {
        self.info().subprotocol().map(str::to_owned)
    }

    /// Path and query of the request: Qt's `resourceName()`.
    fn resource_name(&self) -> String {
        self.info().resource_name().to_owned()
    }

    /// The URL, without credentials: Qt's `requestUrl()`.
    ///
    /// # Platform-specific
    ///
    /// In a browser as that has parsed it.
    fn request_url(&self) -> String {
        self.info().request_url().to_owned()
    }

    /// The `Origin` of the request: Qt's `origin()`.
    ///
    /// # Platform-specific
    ///
    /// Browsers send the page's own, and hide it: always `None`.
    fn origin(&self) -> Option<String> {
        self.info().origin().map(str::to_owned)
    }

    /// Our end of the connection: Qt's `localAddress()` and `localPort()`.
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: [`Features::ADDRESSES`].
    fn local_address(&self) -> Option<SocketAddr> {
        self.info().local_address()
    }

    /// The peer's end of the connection: Qt's `peerAddress()` and `peerPort()`. Behind a proxy it is
    /// the proxy's; the server is [`peer_name`](Self::peer_name).
    ///
    /// # Platform-specific
    ///
    /// Browsers hide it: [`Features::ADDRESSES`].
    fn peer_address(&self) -> Option<SocketAddr> {
        self.info().peer_address()
    }

    /// The host's name, as the URL has it: Qt's `peerName()`.
    fn peer_name(&self) -> String {
        self.info().peer_name().to_owned()
    }

    /// The version of the protocol, always 13 (RFC 6455): Qt's `version()`.
    fn version(&self) -> u8 {
        13
    }
}
