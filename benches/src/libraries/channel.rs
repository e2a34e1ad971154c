//! Libraries whose connections are a `Sink` and a `Stream` of messages.

use std::fmt::Debug;

use futures::{Sink, SinkExt, Stream, StreamExt};

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
