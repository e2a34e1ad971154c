mod error;
#[cfg(feature = "serde")]
mod json;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::stream::FusedStream;
use futures::{Sink, Stream};

pub use self::error::TypedError;
use crate::message::Message;
use crate::messages::Messages;
use crate::messages::carrier::Carrier;
use crate::platform::{MaybeSend, MaybeSync};

/// A conversion of values to messages, and of messages to values.
///
/// [`Json`] is one; [`docs::typed_messages`](crate::docs::typed_messages) shows others.
pub trait Codec<Out, In> {
    /// Why a value or a message cannot be converted.
    type Error;

    /// The message of this value.
    ///
    /// # Errors
    ///
    /// The codec's error.
    fn encode(&self, value: &Out) -> Result<Message, Self::Error>;

    /// The value of this message.
    ///
    /// # Errors
    ///
    /// The codec's error. Besides what cannot be parsed that is a message of the wrong kind, where
    /// the codec wants text, or bytes.
    fn decode(&self, message: Message) -> Result<In, Self::Error>;
}

/// The [`Codec`] of JSON, for what serde serializes to and deserializes from. With the crate feature
/// `serde`.
///
/// A value is sent as text; messages of both kinds are read. The errors are of the kind
/// [`Other`](crate::ErrorKind::Other) and have serde_json's inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json;

/// Values instead of messages: a `Sink` of `Out` and a `Stream` of `In`, over a socket or a
/// [`Reconnecting`](crate::Reconnecting). [`docs::typed_messages`](crate::docs::typed_messages) has an
/// introduction.
///
/// A message that cannot be decoded is an item, [`TypedError::Decode`], and the stream goes on; a
/// value that cannot be encoded is refused, and nothing is sent. In all else it is the [`Messages`] of
/// the socket.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::num::ParseIntError;
///
/// use futures::{SinkExt, StreamExt};
/// use qwebsocket::{Codec, Message, Socket, Typed};
///
/// /// Numbers as text.
/// struct Decimal;
///
/// impl Codec<u64, i64> for Decimal {
///     type Error = ParseIntError;
///
///     fn encode(&self, value: &u64) -> Result<Message, ParseIntError> {
///         Ok(value.to_string().into())
///     }
///
///     fn decode(&self, message: Message) -> Result<i64, ParseIntError> {
///         // No number is empty, as bytes are then.
///         message.as_text().unwrap_or_default().parse()
///     }
/// }
///
/// let socket = Socket::connect("ws://127.0.0.1:9000/").await?;
/// let mut numbers = Typed::new(socket, Decimal);
/// numbers.send(42).await?;
/// while let Some(number) = numbers.next().await {
///     match number {
///         Ok(number) => println!("{number}"),
///         Err(error) => println!("{error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Typed<S: Carrier, Out, In, C> {
    messages: Messages<S>,
    codec: C,
    types: PhantomData<fn(Out) -> In>,
}

impl<S: Carrier, Out, In, C: Codec<Out, In>> Typed<S, Out, In, C> {
    /// The values of this socket's messages.
    pub fn new(socket: S, codec: C) -> Typed<S, Out, In, C> {
        Typed {
            messages: Messages::new(socket),
            codec,
            types: PhantomData,
        }
    }

    /// Sets a callback for what is neither a message nor an error; see [`Messages::on_event`].
    pub fn on_event(
        mut self,
        on_event: impl FnMut(S::Event) + MaybeSend + MaybeSync + 'static,
    ) -> Typed<S, Out, In, C> {
        self.messages = self.messages.on_event(on_event);
        self
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        self.messages.get_ref()
    }

    /// The codec.
    pub fn codec(&self) -> &C {
        &self.codec
    }

    /// Returns the socket, to continue with its events.
    pub fn into_inner(self) -> S {
        self.messages.into_inner()
    }
}

/// Nothing in it is pinned.
impl<S: Carrier, Out, In, C> Unpin for Typed<S, Out, In, C> {}

impl<S: Carrier, Out, In, C: Codec<Out, In>> Stream for Typed<S, Out, In, C> {
    type Item = Result<In, TypedError<C::Error>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = ready!(Pin::new(&mut self.messages).poll_next(cx));
        Poll::Ready(message.map(|message| {
            let message = message.map_err(TypedError::Socket)?;
            self.codec.decode(message).map_err(TypedError::Decode)
        }))
    }
}

impl<S: Carrier, Out, In, C: Codec<Out, In>> FusedStream for Typed<S, Out, In, C> {
    fn is_terminated(&self) -> bool {
        self.messages.is_terminated()
    }
}

impl<S: Carrier, Out, In, C: Codec<Out, In>> Sink<Out> for Typed<S, Out, In, C> {
    type Error = TypedError<C::Error>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let ready = Pin::new(&mut self.messages).poll_ready(cx);
        ready.map_err(TypedError::Socket)
    }

    fn start_send(mut self: Pin<&mut Self>, value: Out) -> Result<(), Self::Error> {
        let message = self.codec.encode(&value).map_err(TypedError::Encode)?;
        let sent = Pin::new(&mut self.messages).start_send(message);
        sent.map_err(TypedError::Socket)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let flushed = Pin::new(&mut self.messages).poll_flush(cx);
        flushed.map_err(TypedError::Socket)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let closed = Pin::new(&mut self.messages).poll_close(cx);
        closed.map_err(TypedError::Socket)
    }
}

impl<S: Carrier, Out, In, C> fmt::Debug for Typed<S, Out, In, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed")
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
