//! The state of a scripted socket: the rules of a `Session`, and a queue in place of a connection.

use std::collections::VecDeque;
use std::mem;
use std::task::Waker;

use super::call::Call;
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::{Facts, Info};
use crate::message::Message;
use crate::options::Options;
use crate::request::Request;
use crate::session::{CloseStage, Session, remote_closed};

#[derive(Debug)]
pub(super) struct Script {
    pub(super) session: Session,
    pub(super) options: Options,
    pub(super) features: Features,
    pub(super) info: Info,
    pub(super) calls: VecDeque<Call>,
    pub(super) refusal: Option<Error>,
    /// Payloads to be written, each with whether a message ends with it.
    pub(super) queue: VecDeque<(Message, bool)>,
    pub(super) written: Vec<Message>,
    /// Why not all was written.
    pub(super) cut_off: Option<Error>,
    pub(super) is_silent: bool,
    pub(super) is_stalled: bool,
    pub(super) events: Option<Waker>,
    pub(super) flushes: Vec<Waker>,
    pub(super) awaited_calls: Option<Waker>,
}

impl Script {
    pub(super) fn take_others(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        if !self.calls.is_empty() {
            wakers.extend(self.awaited_calls.take());
        }
        if self.is_flushed() {
            wakers.append(&mut self.flushes);
        }
        wakers
    }

    /// Returns whether a flush has nothing to wait for.
    pub(super) fn is_flushed(&self) -> bool {
        self.queue.is_empty() || !self.is_stalled
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        let event = self.session.next_event();
        self.say_goodbye();
        event.or_else(|| self.session.next_event())
    }

    /// Once the application came back behind `AboutToClose`, the close frame goes out behind what
    /// is queued.
    fn say_goodbye(&mut self) {
        if self.is_stalled || !self.session.take_due_close() {
            return;
        }
        self.write(usize::MAX);
        if self.session.peer_close().is_some() {
            return self.finish();
        }
        if !self.is_silent {
            let answer = self.session.closed().cloned();
            self.session.peer_closed(answer);
            self.finish();
        }
    }

    pub(super) fn close_by_peer(&mut self, close: Close) {
        self.session.peer_closed(Some(close));
        if self.session.close_stage == CloseStage::Sent {
            self.finish();
        }
    }

    pub(super) fn fail(&mut self, error: Error) {
        match self.session.state() {
            State::Connecting => self.session.failed(error),
            _ => self.session.lost(error),
        }
        self.cut_off();
    }

    pub(super) fn finish(&mut self) {
        self.session.finished();
        self.cut_off();
    }

    fn cut_off(&mut self) {
        if !mem::take(&mut self.queue).is_empty() {
            let told = self.session.error().cloned();
            self.cut_off = Some(told.unwrap_or_else(remote_closed));
        }
    }

    pub(super) fn write(&mut self, messages: usize) {
        let count = messages.min(self.queue.len());
        let mut whole = self.session.messages_written();
        for (message, is_last) in self.queue.drain(..count) {
            self.session.bytes_written(message.len());
            whole += u64::from(is_last);
            self.written.push(message);
        }
        self.session.set_messages_written(whole);
    }

    pub(super) fn flush(&mut self) -> Result<bool, Error> {
        self.session.make_close_due();
        let has_written = !self.is_stalled && !self.queue.is_empty();
        if !self.is_stalled {
            self.write(usize::MAX);
        }
        self.say_goodbye();
        match &self.cut_off {
            Some(error) => Err(error.clone()),
            None => Ok(has_written),
        }
    }

    pub(super) fn queue(&mut self, message: Message, is_last: bool) -> Result<usize, Error> {
        self.session.check_sendable()?;
        let length = message.len();
        let queued = self.queued();
        let is_over = |bound| !self.queue.is_empty() && queued.saturating_add(length) > bound;
        if self.options.get_write_queue().is_some_and(is_over) {
            return Err(ErrorKind::QueueFull.into());
        }
        self.queue.push_back((message, is_last));
        Ok(length)
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.iter().map(|(message, _)| message.len()).sum()
    }

    pub(super) fn check(&self, required: Features) -> Result<(), Error> {
        self.options
            .check_missing(required.difference(self.features))
    }

    /// Ends a connection that is still there when the socket is opened anew.
    fn leave(&mut self) {
        match self.session.state() {
            State::Unconnected => return,
            State::Connecting => {
                self.session.abort();
                return;
            }
            _ => {}
        }
        let close = Close::new(CloseCode::GOING_AWAY, "Connection closed");
        self.session.begin_close(close);
        self.write(usize::MAX);
        self.session.finished();
    }

    pub(super) fn open(&mut self, request: Request) -> Result<(), Error> {
        let target = request.check()?;
        self.check(request.required(&target))?;
        let info = Info::from(Facts {
            request_url: target.without_userinfo(),
            resource_name: target.path_and_query.to_owned(),
            ..Facts::default()
        });
        self.leave();
        self.info = info;
        self.cut_off = None;
        self.session.open();
        self.calls.push_back(Call::Open(request));
        Ok(())
    }

    pub(super) fn close(&mut self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        match self.session.state() {
            State::Connecting => self.abort(),
            _ => {
                self.session.begin_close(close.clone());
            }
        }
        self.calls.push_back(Call::Close(close));
        Ok(())
    }

    pub(super) fn abort(&mut self) {
        self.session.abort();
        self.cut_off();
    }
}

impl Default for Script {
    fn default() -> Script {
        Script {
            session: Session::default(),
            options: Options::default(),
            features: Features::ALL,
            info: Info::default(),
            calls: VecDeque::new(),
            refusal: None,
            queue: VecDeque::new(),
            written: Vec::new(),
            cut_off: None,
            is_silent: false,
            is_stalled: false,
            events: None,
            flushes: Vec::new(),
            awaited_calls: None,
        }
    }
}
