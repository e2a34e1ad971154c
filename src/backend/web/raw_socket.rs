//! The platform's socket, as the core drives it.

use std::any::Any;
use std::rc::Rc;

use super::keep_alive::Watch;
use crate::close::Close;
use crate::error::Error;
use crate::message::Message;

pub(crate) trait RawSocket: Sized + 'static {
    /// The socket with what the platform's callbacks share.
    type Connection;

    type Options: Bounds<Self::Connection> + ?Sized;

    /// Does nothing any more when it is dropped.
    type Timer: 'static;

    /// Returns whether messages are still taken. While the platform closes, and that we learn late,
    /// it swallows them (WebSockets §3.1, `send()`).
    fn is_open(&self) -> bool;

    fn buffered(&self) -> usize;

    /// Sends a message: its bytes.
    fn send(&self, message: &Message) -> Result<usize, Error>;

    /// Queues the close frame, behind the messages. Does nothing the second time.
    fn close(&self, close: Option<&Close>);

    /// Notifies the core once, after so many milliseconds. `None` for a delay that no timer can
    /// wait for.
    fn later(&self, timer: TimerKind, ms: f64) -> Option<Self::Timer>;

    /// The same in the next task.
    fn next_task(&self, timer: TimerKind) -> Self::Timer;
}

/// The purpose of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimerKind {
    /// The time limit of the opening handshake.
    Open,
    /// No `close` has followed an `error`.
    Failing,
    /// The time limit of the closing handshake.
    Close,
    /// The end of the time for last words.
    Grace,
    /// A look at the buffer.
    Drain,
    /// The keep-alive's next step.
    KeepAlive,
}

/// The options that a core needs.
pub(crate) trait Bounds<C> {
    /// The time limit from the start to the end of the opening handshake, in milliseconds; infinity
    /// is none.
    fn open_limit(&self) -> f64;

    /// That of the closing handshake.
    fn close_limit(&self) -> f64;
    fn incoming_message(&self) -> usize;
    fn receive_queue(&self) -> Option<usize>;
    fn write_queue(&self) -> Option<usize>;
    /// The keep-alive of a connection that begins.
    fn keep_alive(&self) -> Option<Rc<dyn Watch<C>>>;
}

/// A wire and what listens to it, which goes when this is dropped. The wire stays until it is
/// closed, so whoever drops this has closed it, or does.
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
