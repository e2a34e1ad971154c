use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;

/// The error of a [`Typed`](crate::Typed). Without a parameter it is that of [`Json`](crate::Json).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TypedError<E = Error> {
    /// The socket failed.
    Socket(Error),
    /// A value was refused by the codec; nothing was sent.
    Encode(E),
    /// A message was refused by the codec. Others may follow.
    Decode(E),
}

impl<E> fmt::Display for TypedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypedError::Socket(error) => error.fmt(f),
            TypedError::Encode(_) => f.write_str("a value that cannot be encoded"),
            TypedError::Decode(_) => f.write_str("a message that cannot be decoded"),
        }
    }
}

impl<E: StdError + 'static> StdError for TypedError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            // Its text is ours already.
            TypedError::Socket(error) => error.source(),
            TypedError::Encode(error) | TypedError::Decode(error) => Some(error),
        }
    }
}
