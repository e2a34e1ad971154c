use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::event::Event;
use crate::trace::Span;

/// Collects the events of an attempt to connect, and of TLS, for the session above them.
#[derive(Default)]
pub(crate) struct EventSink {
    written: AtomicUsize,
    /// Whether there are events; checked often.
    any: AtomicBool,
    events: Mutex<Vec<Event>>,
    /// Of the connection.
    pub(crate) span: Span,
}

impl EventSink {
    pub(crate) fn new(span: Span) -> EventSink {
        EventSink {
            span,
            ..EventSink::default()
        }
    }

    /// Bytes went to the server.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The bytes since this was last asked.
    pub(crate) fn take_written(&self) -> usize {
        self.written.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn tell(&self, event: Event) {
        self.events().push(event);
        self.any.store(true, Ordering::Release);
    }

    /// The events since this was last asked.
    pub(crate) fn take_events(&self) -> Vec<Event> {
        if !self.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        self.any.store(false, Ordering::Relaxed);
        mem::take(&mut self.events())
    }

    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
