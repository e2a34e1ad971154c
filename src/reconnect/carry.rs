//! Only the messages of a connection that comes back.

use std::task::{Context, Poll};

use super::Reconnecting;
use super::event::ReconnectEvent;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::message::Message;
use crate::messages::carrier::{Carry, Heard};
use crate::options::Options;
use crate::socket::WebSocket;

impl<S: WebSocket> Carry for Reconnecting<S> {
    type Event = ReconnectEvent;

    fn poll_heard(&self, cx: &mut Context<'_>) -> Poll<Option<Heard<ReconnectEvent>>> {
        self.poll_event(cx).map(|event| {
            event.map(|event| match event {
                ReconnectEvent::Socket(Event::Message(message)) => Heard::Message(message),
                ReconnectEvent::Socket(Event::Error(error)) => Heard::Error(error),
                other => Heard::Other(other),
            })
        })
    }

    fn is_about_to_close(event: &ReconnectEvent) -> bool {
        matches!(event, ReconnectEvent::Socket(Event::AboutToClose))
    }

    fn send(&self, message: Message) -> Result<(), Error> {
        Reconnecting::send(self, message).map(drop)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Reconnecting::poll_flush(self, cx)
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        Reconnecting::close(self, close)
    }

    fn bytes_to_write(&self) -> usize {
        Reconnecting::bytes_to_write(self)
    }

    fn state(&self) -> State {
        Reconnecting::state(self)
    }

    fn options(&self) -> Options {
        Reconnecting::options(self)
    }
}
