//! Sending, and the waiting for events and for an empty buffer.

use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Core;
use crate::backend::web::raw_socket::{Bounds, RawSocket, TimerKind};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};

/// How often `bufferedAmount` is looked at while somebody waits for it: a browser tells of no
/// change, and runs no timer more often for long (HTML §8.6).
const DRAIN: Duration = Duration::from_millis(4);

impl<W: RawSocket> Core<W> {
    /// Where a message of this length can be sent now.
    pub(crate) fn sendable(&self, length: usize) -> Result<Rc<W>, Error> {
        self.session.check_sendable()?;
        let wire = match &self.connection {
            Some(connection) if connection.wire().is_open() => connection.wire(),
            _ => return Err(Error::wrong_state("the connection is closing")),
        };
        if let Some(bound) = self.options.write_queue() {
            let buffered = wire.buffered();
            if buffered > 0 && buffered.saturating_add(length) > bound {
                return Err(ErrorKind::QueueFull.into());
            }
        }
        Ok(wire.clone())
    }

    /// `counts` is false for what is not the application's.
    pub(crate) fn sent(&mut self, length: usize, counts: bool) {
        if self.connection.is_some() {
            self.unwritten += length;
            self.sent += length as u64;
            if counts {
                self.ends.push_back(self.sent);
            }
            self.watch_buffer();
        }
    }

    pub(crate) fn buffered(&self) -> usize {
        match &self.connection {
            Some(connection) => connection.wire().buffered(),
            None => 0,
        }
    }

    /// The waker that is not needed any more goes to `stale`.
    pub(crate) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
        stale: &mut Option<Waker>,
    ) -> Poll<Option<Event>> {
        if !self.session.has_events() {
            self.count_written();
        }
        if let Some(event) = self.session.next_event() {
            return Poll::Ready(Some(event));
        }
        if self.session.state() == State::Unconnected {
            return Poll::Ready(None);
        }
        *stale = self.event_waiter.replace(cx.waker().clone());
        self.watch_buffer();
        Poll::Pending
    }

    /// The waker that is not needed any more goes to `stale`.
    pub(crate) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        stale: &mut Option<Waker>,
    ) -> Poll<()> {
        self.session.make_close_due();
        self.count_written();
        if self.unwritten == 0 {
            return Poll::Ready(());
        }
        *stale = self.flush_waiter.replace(cx.waker().clone());
        self.watch_buffer();
        Poll::Pending
    }

    pub(crate) fn messages_written(&mut self) -> u64 {
        self.count_written();
        self.session.messages_written()
    }

    pub(crate) fn count_written(&mut self) {
        if self.unwritten > 0 {
            let left = self.buffered();
            self.session
                .bytes_written(self.unwritten.saturating_sub(left));
            self.unwritten = left;
        }
        let written = self.sent.saturating_sub(self.unwritten as u64);
        let mut messages = self.session.messages_written();
        while self.ends.pop_front_if(|end| *end <= written).is_some() {
            messages += 1;
        }
        self.session.set_messages_written(messages);
    }

    /// Looks at the buffer until it is empty or nobody waits any more.
    pub(crate) fn watch_buffer(&mut self) {
        let awaited = self.event_waiter.is_some() || self.flush_waiter.is_some();
        if self.unwritten == 0 || !awaited || self.drain.is_some() {
            return;
        }
        self.drain = self.later(TimerKind::Drain, Some(DRAIN));
    }

    pub(crate) fn take_wakers(&mut self) -> [Option<Waker>; 2] {
        [
            self.event_waiter.take_if(|_| self.session.has_events()),
            self.flush_waiter.take_if(|_| self.unwritten == 0),
        ]
    }
}
