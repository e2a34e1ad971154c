//! Libraries whose connections are a `Sink` and a `Stream` of messages.

use std::fmt::Debug;

use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::sync::broadcast;

use super::on_tokio;
use crate::library::Connection;
use crate::payload::Payload;

pub trait Channel:
    Sink<Self::Outgoing, Error: Debug> + Stream<Item = Self::Incoming> + Unpin
{
    type Outgoing: Clone;
    type Incoming;

    fn outgoing(payload: &Payload) -> Self::Outgoing;

    /// The length of a message's payload.
    fn length(incoming: Self::Incoming) -> usize;

    /// A message of data, to be sent again; none is the end of the connection.
    fn data(incoming: Self::Incoming) -> Option<Self::Outgoing>;
}

/// Sends each message back.
pub(super) async fn echo<C: Channel>(mut channel: C) {
    while let Some(message) = channel.next().await.and_then(C::data) {
        if SinkExt::send(&mut channel, message).await.is_err() {
            return;
        }
    }
}

/// Sends each message to all who are in the room, and what others sent there to the client.
pub(super) async fn broadcast<C: Channel>(mut channel: C, room: broadcast::Sender<C::Outgoing>) {
    let mut messages = room.subscribe();
    loop {
        tokio::select! {
            incoming = channel.next() => match incoming.and_then(C::data) {
                // All may have gone by now.
                Some(message) => drop(room.send(message)),
                None => return,
            },
            message = on_tokio::next(&mut messages) => {
                let Some(message) = message else {
                    return;
                };
                if SinkExt::send(&mut channel, message).await.is_err() {
                    return;
                }
            }
        }
    }
}

impl<C: Channel> Connection for C {
    type Message = C::Outgoing;

    fn message(payload: &Payload) -> C::Outgoing {
        C::outgoing(payload)
    }

    async fn send(&mut self, message: C::Outgoing) {
        let sent = SinkExt::send(self, message).await;
        sent.expect("the connection is open");
    }

    async fn feed(&mut self, message: C::Outgoing) {
        let fed = SinkExt::feed(self, message).await;
        fed.expect("the connection is open");
    }

    async fn flush(&mut self) {
        let flushed = SinkExt::flush(self).await;
        flushed.expect("the connection is open");
    }

    async fn receive(&mut self) -> usize {
        C::length(self.next().await.expect("the connection is open"))
    }
}
