use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::message::Message;

/// A message for many sockets, which is encoded once: its payload is shared by all connections, and
/// compressed once for all that compress each message for itself and alike, as servers do with
/// [`Compression::server_no_context_takeover`](crate::Compression::server_no_context_takeover).
/// A connection that keeps its window has to compress by itself, and so has a client to mask.
///
/// ```no_run
/// use qwebsocket::{PreparedMessage, Socket, WebSocket};
///
/// # fn example(sockets: &[Socket]) -> Result<(), qwebsocket::Error> {
/// let price = PreparedMessage::new(r#"{"price":42}"#);
/// for socket in sockets {
///     socket.send_prepared(&price)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// Clones share the message and its encoded forms.
#[derive(Clone)]
pub struct PreparedMessage(Arc<Encoded>);

struct Encoded {
    message: Message,
    /// The payload, compressed in each way that a connection has asked for.
    compressed: Mutex<Vec<(Way, Bytes)>>,
}

/// The parameters that decide the bytes of a message that is compressed on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) window_bits: u8,
    pub(crate) level: u8,
}

impl PreparedMessage {
    /// Prepares a message. It is encoded when the first connection needs it.
    pub fn new(message: impl Into<Message>) -> PreparedMessage {
        PreparedMessage(Arc::new(Encoded {
            message: message.into(),
            compressed: Mutex::default(),
        }))
    }

    /// The message.
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// The payload, compressed this way now if nobody has done so before. Others that need it meanwhile
    /// wait, rather than do the same.
    #[allow(dead_code)] // Not every backend compresses.
    pub(crate) fn compressed(&self, way: Way, compress: impl FnOnce(&[u8]) -> Bytes) -> Bytes {
        // Nothing is half done in there.
        let compressed = self.0.compressed.lock();
        let mut compressed = compressed.unwrap_or_else(PoisonError::into_inner);
        if let Some((_, payload)) = compressed.iter().find(|(other, _)| *other == way) {
            return payload.clone();
        }
        let payload = compress(self.0.message.as_bytes());
        compressed.push((way, payload.clone()));
        payload
    }
}

impl<M: Into<Message>> From<M> for PreparedMessage {
    fn from(message: M) -> PreparedMessage {
        PreparedMessage::new(message)
    }
}

impl fmt::Debug for PreparedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedMessage")
            .field(self.message())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_compressed_once() {
        let prepared = PreparedMessage::new("hello");
        let way = |window_bits, level| Way { window_bits, level };
        let mut compressed = Vec::new();
        for (window_bits, level) in [(15, 6), (15, 6), (15, 1), (9, 6), (15, 6), (15, 1)] {
            let payload = prepared
                .clone()
                .compressed(way(window_bits, level), |payload| {
                    assert_eq!(payload, b"hello");
                    compressed.push((window_bits, level));
                    vec![window_bits, level].into()
                });
            assert_eq!(payload, [window_bits, level][..]);
        }
        assert_eq!(compressed, [(15, 6), (15, 1), (9, 6)]);
    }
}
