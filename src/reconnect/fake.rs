//! A socket whose network is the test.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::request::Request;
use crate::socket::WebSocket;

#[derive(Debug, Default)]
pub(super) struct Fake(Mutex<Network>);

#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) state: State,
    pub(super) events: VecDeque<Event>,
    pub(super) error: Option<Error>,
    pub(super) closed: Option<Close>,
    pub(super) peer_close: Option<Close>,
    pub(super) requests: Vec<Request>,
    /// The socket's own queue, and its bound.
    pub(super) queue: VecDeque<Message>,
    pub(super) bound: Option<usize>,
    pub(super) written: u64,
    /// The peer does not answer a close at once.
    pub(super) is_silent: bool,
    /// Who is woken by each message.
    pub(super) send_wakes: Option<Waker>,
    /// A flush does not write.
    pub(super) is_stalled: bool,
    /// What went out, on all connections.
    pub(super) wire: Vec<Message>,
}

impl Fake {
    pub(super) fn get(&self) -> MutexGuard<'_, Network> {
        self.0.lock().unwrap()
    }
}

impl Network {
    pub(super) fn change(&mut self, state: State) {
        self.state = state;
        self.events.push_back(Event::StateChanged(state));
    }

    pub(super) fn connect(&mut self) {
        self.change(State::Connected);
        self.events.push_back(Event::Connected);
    }

    pub(super) fn write(&mut self, messages: usize) {
        let messages = messages.min(self.queue.len());
        self.written += messages as u64;
        self.wire.extend(self.queue.drain(..messages));
    }

    /// The peer closes, or answers our close.
    pub(super) fn peer_closes(&mut self, close: Close) {
        self.peer_close = Some(close.clone());
        self.closed.get_or_insert(close);
        self.end();
    }

    pub(super) fn fail(&mut self, error: Error) {
        if self.state == State::Connected {
            self.closed = Some(CloseCode::ABNORMAL.into());
        }
        self.error = Some(error.clone());
        self.events.push_back(Event::Error(error));
        self.end();
    }

    pub(super) fn end(&mut self) {
        self.queue.clear();
        self.change(State::Unconnected);
        self.events.push_back(Event::Disconnected);
    }
}

impl WebSocket for Fake {
    fn open(&self, request: Request) -> Result<(), Error> {
        let mut network = self.get();
        request.check()?;
        network.requests.push(request);
        (network.error, network.closed, network.written) = (None, None, 0);
        network.peer_close = None;
        network.change(State::Connecting);
        Ok(())
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        let mut network = self.get();
        network.closed = Some(close);
        network.write(usize::MAX);
        if network.is_silent {
            network.change(State::Closing);
        } else {
            network.end();
        }
        Ok(())
    }

    fn abort(&self) {
        self.get().end();
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        let waker = self.get().send_wakes.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
        let mut network = self.get();
        let length = message.len();
        if network.state != State::Connected {
            return Err(ErrorKind::WrongState.into());
        }
        if network
            .bound
            .is_some_and(|bound| network.queue.len() >= bound)
        {
            return Err(ErrorKind::QueueFull.into());
        }
        network.queue.push_back(message);
        Ok(length)
    }

    fn send_part(&self, _: Message, _: bool) -> Result<usize, Error> {
        Err(ErrorKind::WrongState.into())
    }

    fn ping(&self, _: Bytes) -> Result<(), Error> {
        Ok(())
    }

    fn try_flush(&self) -> Result<bool, Error> {
        Ok(false)
    }

    fn poll_flush(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut network = self.get();
        if network.is_stalled {
            return Poll::Pending;
        }
        network.write(usize::MAX);
        Poll::Ready(Ok(()))
    }

    fn poll_event(&self, _: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut network = self.get();
        match network.events.pop_front() {
            None if network.state != State::Unconnected => Poll::Pending,
            event => Poll::Ready(event),
        }
    }

    fn bytes_to_write(&self) -> usize {
        self.get().queue.iter().map(Message::len).sum()
    }

    fn messages_written(&self) -> u64 {
        self.get().written
    }

    fn set_read_buffer_size(&self, _: Option<usize>) -> Result<(), Error> {
        Ok(())
    }

    fn set_limits(&self, _: Limits) -> Result<(), Error> {
        Ok(())
    }

    fn set_mask_generator(&self, _: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        Ok(())
    }

    fn state(&self) -> State {
        self.get().state
    }

    fn info(&self) -> Info {
        Info::default()
    }

    fn last_error(&self) -> Option<Error> {
        self.get().error.clone()
    }

    fn closed(&self) -> Option<Close> {
        self.get().closed.clone()
    }

    fn peer_close(&self) -> Option<Close> {
        self.get().peer_close.clone()
    }

    fn options(&self) -> Options {
        Options::new()
    }

    fn features(&self) -> Features {
        Features::NONE
    }
}
