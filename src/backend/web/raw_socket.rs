//! The platform's socket, as the core drives it.

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::close::Close;
use crate::error::Error;
use crate::keep_alive::KeepAlive;
use crate::message::Message;
use crate::options::Options;

pub(crate) trait RawSocket: Sized + fmt::Debug + 'static {
    type Options: Bounds + fmt::Debug;

    /// Does nothing any more when it is dropped.
    type Timer: fmt::Debug;

    /// Whether messages are still taken. While the platform closes, and that we learn late, it
    /// swallows them (WebSockets §3.1, `send()`).
    fn is_open(&self) -> bool;

    fn buffered(&self) -> usize;

    /// Sends a message: its bytes.
    fn send(&self, message: &Message) -> Result<usize, Error>;

    /// Queues the close frame, behind the messages. Does nothing the second time.
    fn close(&self, close: Option<&Close>);

    /// Tells the core once that the time is over. `None` for a delay that no timer can wait for.
    fn later(&self, timer: TimerKind, delay: Duration) -> Option<Self::Timer>;
}

/// What a timer is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TimerKind {
    /// The time limit of the opening handshake.
    Open,
    /// No `close` has followed an `error`.
    Failing,
    /// The time limit of the closing handshake.
    Close,
    /// The end of the time for last words.
    Grace,
    /// A look at the buffer; without a delay in the next task.
    Drain,
    /// The heartbeat's next turn.
    Pulse,
}

/// What a core needs of the options.
pub(crate) trait Bounds {
    /// The time limit from the start to the end of the opening handshake.
    fn open_limit(&self) -> Option<Duration>;
    fn close_limit(&self) -> Option<Duration>;
    fn incoming_message(&self) -> usize;
    fn receive_queue(&self) -> Option<usize>;
    fn write_queue(&self) -> Option<usize>;
    fn keep_alive(&self) -> Option<&KeepAlive>;
}

impl Bounds for Options {
    fn open_limit(&self) -> Option<Duration> {
        let limits = [
            self.get_timeouts().get_resolve(),
            self.get_timeouts().get_connect(),
            self.get_timeouts().get_tls(),
            self.get_timeouts().get_handshake(),
        ];
        let mut limits = limits.into_iter();
        limits.try_fold(Duration::ZERO, |sum, limit| {
            Some(sum.saturating_add(limit?))
        })
    }

    fn close_limit(&self) -> Option<Duration> {
        self.get_timeouts().get_close()
    }

    fn incoming_message(&self) -> usize {
        self.get_limits().get_incoming_message()
    }

    fn receive_queue(&self) -> Option<usize> {
        self.get_receive_queue()
    }

    fn write_queue(&self) -> Option<usize> {
        self.get_write_queue()
    }

    fn keep_alive(&self) -> Option<&KeepAlive> {
        self.get_keep_alive()
    }
}

/// A wire and what listens to it, which goes when this is dropped. The wire stays until it is
/// closed, so whoever drops this has closed it, or does.
#[derive(Debug)]
pub(crate) struct Attached<W> {
    _listeners: Box<dyn Any>,
    wire: Rc<W>,
}

impl<W: RawSocket> Attached<W> {
    /// A wire that connects, and what listens to it.
    pub(crate) fn new(wire: W, listeners: impl Any) -> Attached<W> {
        Attached {
            wire: Rc::new(wire),
            _listeners: Box::new(listeners),
        }
    }

    pub(crate) fn wire(&self) -> &Rc<W> {
        &self.wire
    }

    /// Hears nothing more of the wire, and closes it unless that is under way.
    pub(crate) fn let_go(self, close: Option<&Close>) {
        let wire = self.wire.clone();
        drop(self);
        wire.close(close);
    }
}
