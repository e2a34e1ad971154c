//! Only the messages of a connection that comes back.

use std::sync::Arc;
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

macro_rules! carry {
    ($($carrier:ty),+) => {$(
        impl<S: WebSocket> Carry for $carrier {
            type Event = ReconnectEvent;

            fn poll_heard(
                &self,
                cx: &mut Context<'_>,
            ) -> Poll<Option<Heard<ReconnectEvent>>> {
                Reconnecting::poll_event(self, cx).map(|event| event.map(Heard::from))
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
    )+};
}

// An `Arc`, so that the application keeps a clone.
carry!(Reconnecting<S>, Arc<Reconnecting<S>>);

impl From<ReconnectEvent> for Heard<ReconnectEvent> {
    fn from(event: ReconnectEvent) -> Heard<ReconnectEvent> {
        match event {
            ReconnectEvent::Socket(Event::Message(message)) => Heard::Message(message),
            ReconnectEvent::Socket(Event::Error(error)) => Heard::Error(error),
            other => Heard::Other(other),
        }
    }
}
