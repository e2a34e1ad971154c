//! The socket that a [`Core`](super::core::Core) reconnects, as a trait.

use std::task::{Context, Poll};

use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::info::Info;
use crate::message::Message;
use crate::request::Request;
use crate::socket::WebSocket;

/// A socket, as far as it takes one. Its messages may be of a kind of their own.
pub(crate) trait Link {
    type Message: Payload;

    fn open(&self, request: Request) -> Result<(), Error>;
    fn send(&self, message: &Self::Message) -> Result<usize, Error>;
    fn close(&self, close: Close) -> Result<(), Error>;
    fn abort(&self);
    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>>;
    fn messages_written(&self) -> u64;
    fn state(&self) -> State;
    fn info(&self) -> Info;
    fn last_error(&self) -> Option<Error>;
    fn closed(&self) -> Option<Close>;
    fn peer_close(&self) -> Option<Close>;
}

/// A message, as far as a queue takes one.
pub(crate) trait Payload {
    /// The bytes of its payload.
    fn len(&self) -> usize;
}

impl<S: WebSocket> Link for S {
    type Message = Message;

    fn open(&self, request: Request) -> Result<(), Error> {
        WebSocket::open(self, request)
    }

    fn send(&self, message: &Message) -> Result<usize, Error> {
        WebSocket::send(self, message.clone())
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        WebSocket::close(self, close)
    }

    fn abort(&self) {
        WebSocket::abort(self);
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        WebSocket::poll_event(self, cx)
    }

    fn messages_written(&self) -> u64 {
        WebSocket::messages_written(self)
    }

    fn state(&self) -> State {
        WebSocket::state(self)
    }

    fn info(&self) -> Info {
        WebSocket::info(self)
    }

    fn last_error(&self) -> Option<Error> {
        WebSocket::last_error(self)
    }

    fn closed(&self) -> Option<Close> {
        WebSocket::closed(self)
    }

    fn peer_close(&self) -> Option<Close> {
        WebSocket::peer_close(self)
    }
}

impl Payload for Message {
    fn len(&self) -> usize {
        self.len()
    }
}
