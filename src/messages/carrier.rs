use std::fmt;
use std::task::{Context, Poll};

use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::message::Message;
use crate::options::Options;
use crate::socket::WebSocket;

/// A source of [`Messages`](super::Messages) and of [`Typed`](crate::Typed) values: every
/// [`WebSocket`], whose events are [`Event`]s, and a [`Reconnecting`](crate::Reconnecting) or an `Arc`
/// of one, whose events are [`ReconnectEvent`](crate::ReconnectEvent)s. It is sealed.
pub trait Carrier: Carry {}

impl<C: Carry> Carrier for C {}

/// The same in a trait that cannot be named elsewhere, so that its methods hide none of a socket's.
pub trait Carry: Unpin + fmt::Debug {
    type Event;

    fn poll_heard(&self, cx: &mut Context<'_>) -> Poll<Option<Heard<Self::Event>>>;

    /// Returns whether an event announces that the connection is about to close, while messages can
    /// still be sent.
    fn is_about_to_close(event: &Self::Event) -> bool;

    fn send(&self, message: Message) -> Result<(), Error>;
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;
    fn close(&self, close: Close) -> Result<(), Error>;
    fn bytes_to_write(&self) -> usize;
    fn state(&self) -> State;
    fn options(&self) -> Options;
}

/// An event by what it is to who wants messages.
pub enum Heard<E> {
    Message(Message),
    Error(Error),
    Other(E),
}

impl From<Event> for Heard<Event> {
    fn from(event: Event) -> Heard<Event> {
        match event {
            Event::Message(message) => Heard::Message(message),
            Event::Error(error) => Heard::Error(error),
            other => Heard::Other(other),
        }
    }
}

impl<S: WebSocket> Carry for S {
    type Event = Event;

    fn poll_heard(&self, cx: &mut Context<'_>) -> Poll<Option<Heard<Event>>> {
        WebSocket::poll_event(self, cx).map(|event| event.map(Heard::from))
    }

    fn is_about_to_close(event: &Event) -> bool {
        matches!(event, Event::AboutToClose)
    }

    fn send(&self, message: Message) -> Result<(), Error> {
        WebSocket::send(self, message).map(drop)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        WebSocket::poll_flush(self, cx)
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        WebSocket::close(self, close)
    }

    fn bytes_to_write(&self) -> usize {
        WebSocket::bytes_to_write(self)
    }

    fn state(&self) -> State {
        WebSocket::state(self)
    }

    fn options(&self) -> Options {
        WebSocket::options(self)
    }
}
