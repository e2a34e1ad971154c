//! Sending, and the waiting for events and for an empty buffer.

use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::Core;
use crate::backend::web::raw_socket::{Bounds, RawSocket, TimerKind};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::messages::HIGH_WATER;
use crate::platform::web::clock::now_ms;

/// How `bufferedAmount` is looked at while somebody waits for it, since a browser emits nothing when
/// it changes: for a flush in every task until a timer could fire (browsers round a nested one up to
/// 4 ms), then by timers that slow down. Firefox learns from another process what was written, some
/// 160 tasks later.
const FIRST_PAUSE_MS: u32 = 4;
const LONGEST_PAUSE_MS: u32 = 100;

impl<W: RawSocket> Core<W> {
    /// Where a message of this length can be sent now.
    pub(crate) fn sendable(&self, length: usize) -> Result<Rc<W>, Error> {
        self.session.check_sendable()?;
        let Some(wire) = self.open_wire() else {
            return Err(Error::wrong_state("the connection is closing"));
        };
        if let Some(bound) = self.options.write_queue() {
            let buffered = wire.buffered();
            if buffered > 0 && buffered.saturating_add(length) > bound {
                return Err(ErrorKind::QueueFull.into());
            }
        }
        Ok(wire.clone())
    }

    /// The wire, while it takes messages.
    pub(crate) fn open_wire(&self) -> Option<&Rc<W>> {
        let wire = self.connection.as_ref()?.wire();
        wire.is_open().then_some(wire)
    }

    /// `counts` is false for what is not the application's.
    pub(crate) fn sent(&mut self, length: usize, counts: bool) {
        if self.connection.is_some() {
            self.unwritten += length;
            self.pauses = 0;
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

    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if !self.session.has_events() {
            self.count_written();
        }
        if let Some(event) = self.session.next_event() {
            return Poll::Ready(Some(event));
        }
        if self.session.state() == State::Unconnected {
            return Poll::Ready(None);
        }
        self.events.add(cx.waker());
        self.watch_buffer();
        Poll::Pending
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.session.make_close_due();
        self.count_written();
        if let Some(error) = &self.cut_off {
            return Poll::Ready(Err(error.clone()));
        }
        if self.unwritten == 0 {
            return Poll::Ready(Ok(()));
        }
        if self.flushes.add(cx.waker()) {
            self.next_task = Some(W::next_task);
            self.every_task_until = now_ms() + f64::from(FIRST_PAUSE_MS);
            self.drain = None;
            self.pauses = 0;
        }
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
            let written = self.unwritten.saturating_sub(left);
            self.session.bytes_written(written);
            self.has_room |= self.unwritten >= HIGH_WATER && left < HIGH_WATER;
            self.unwritten = left;
            if written > 0
                && self.session.state() == State::Closing
                && let Some(limit) = &mut self.limit
            {
                limit.restart(now_ms());
            }
        }
        let written = self.sent.saturating_sub(self.unwritten as u64);
        let mut messages = self.session.messages_written();
        while self.ends.front().is_some_and(|end| *end <= written) {
            self.ends.pop_front();
            messages += 1;
        }
        self.session.set_messages_written(messages);
    }

    /// Looks at the buffer until it is empty or nobody waits any more.
    pub(crate) fn watch_buffer(&mut self) {
        let is_flushed = !self.flushes.is_empty();
        let is_awaited = is_flushed || !self.events.is_empty();
        if self.unwritten == 0 || !is_awaited || self.drain.is_some() {
            return;
        }
        let next_task = self
            .next_task
            .filter(|_| is_flushed && now_ms() < self.every_task_until);
        self.drain = match next_task {
            Some(next_task) => {
                let connection = self.connection.as_ref();
                connection.map(|connection| next_task(connection.wire(), TimerKind::Drain))
            }
            None => {
                let pause = FIRST_PAUSE_MS << self.pauses.min(5);
                self.pauses += 1;
                self.later(TimerKind::Drain, pause.min(LONGEST_PAUSE_MS).into())
            }
        };
    }

    /// Those to wake, where nothing is borrowed any more.
    pub(crate) fn take_wakers(&mut self) -> [Vec<Waker>; 2] {
        let has_room = mem::take(&mut self.has_room);
        [
            self.events.take_if(self.session.has_events()),
            self.flushes.take_if(has_room || self.unwritten == 0),
        ]
    }
}
