//! Frames over a transport, with what of the protocol tungstenite leaves to us.
//!
//! Inwards: [`decoder`] checks each frame, puts messages together and passes control frames on.
//! Outwards: [`encoder`] is the one write queue; our messages go straight into it, and the pongs
//! that tungstenite answers by itself are taken apart here and queued with them. tungstenite
//! therefore never touches the transport: to it, reading ends behind a control frame, and writing
//! always succeeds.

mod assembler;
pub(crate) mod decoder;
#[cfg(feature = "compression")]
pub(crate) mod deflate;
#[cfg(not(feature = "compression"))]
#[path = "wire/no_deflate.rs"]
pub(crate) mod deflate;
pub(crate) mod encoder;
mod ends;
pub(crate) mod frame;
mod mask;
#[cfg(test)]
pub(crate) mod mock;
mod pool;
pub(crate) mod port;
mod read_buffer;
mod utf8;
mod violation;
mod write_buffer;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};

use self::decoder::Decoder;
use self::deflate::{Compressor, Inflater};
use self::encoder::Encoder;
use self::port::{Called, Io, Port, Unmoved, Writing};
pub(crate) use self::read_buffer::ReadBuffer;
use super::permessage_deflate::Deflate;
use super::transport::{Role, Transport};
use crate::close::{Close, CloseCode};
use crate::message::Message;
use crate::options::Options;

pub(crate) const PING: u8 = frame::PING;

pub(crate) struct Wire {
    /// `None` while it is [lent](Wire::lend).
    transport: Option<Box<dyn Transport>>,
    pub(crate) decoder: Decoder,
    pub(crate) encoder: Encoder,
}

impl Wire {
    /// `early` is what arrived together with the opening handshake.
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        early: Vec<u8>,
        role: Role,
        deflate: Option<Deflate>,
        options: &Options,
    ) -> Wire {
        let is_client = role == Role::Client;
        let inflater = deflate.map(|deflate| Inflater::new(deflate.incoming));
        let compressor = deflate.and_then(|deflate| {
            Compressor::new(deflate.outgoing, deflate.level, deflate.threshold)
        });
        Wire {
            transport: Some(transport),
            decoder: Decoder::new(!is_client, inflater, options, early),
            encoder: Encoder::new(is_client, compressor, options),
        }
    }

    /// Calls the transport, without lending it. `None` while it is lent.
    pub(crate) fn poll(&mut self, io: Io, cx: &mut Context<'_>) -> Option<Called> {
        let transport = Pin::new(self.transport.as_deref_mut()?);
        Some(match io {
            Io::Write => self.encoder.poll_write(transport, cx),
            Io::Read => self.decoder.poll_fill(transport, cx).into(),
            Io::Flush | Io::Close => port::poll_other(io, transport, cx).into(),
        })
    }

    /// Lends the transport, with what goes along, for a call of it. `None` while it is lent.
    pub(crate) fn lend<L: Lent>(&mut self, io: Io) -> Option<Port<L>> {
        let transport = self.transport.take()?;
        let lent = L::lend(self, io);
        Some(Port { transport, lent })
    }

    /// Takes back what was lent.
    pub(crate) fn give_back<L: Lent>(&mut self, port: Port<L>) {
        self.transport = Some(port.transport);
        port.lent.give_back(self);
    }

    /// Queues a close frame behind all that is queued; an empty one for 1005, which stands for
    /// that (RFC 6455 §7.1.5).
    pub(crate) fn push_close(&mut self, close: &Close) {
        let mut payload = Vec::with_capacity(2 + close.reason().len());
        if close.code() != CloseCode::NO_STATUS {
            payload.extend_from_slice(&close.code().get().to_be_bytes());
            payload.extend_from_slice(close.reason().as_bytes());
        }
        self.encoder.push_close(payload.into());
    }
}

/// The data that is lent together with a transport.
pub(crate) trait Lent {
    fn lend(wire: &mut Wire, io: Io) -> Self;
    fn poll(&mut self, transport: Pin<&mut dyn Transport>, cx: &mut Context<'_>) -> Called;
    fn give_back(self, wire: &mut Wire);
}

impl<L: Lent> Port<L> {
    /// Calls the transport.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Called {
        self.lent.poll(Pin::new(&mut *self.transport), cx)
    }
}

impl Lent for Writing {
    fn lend(wire: &mut Wire, _: Io) -> Writing {
        wire.encoder.lend()
    }

    fn poll(&mut self, transport: Pin<&mut dyn Transport>, cx: &mut Context<'_>) -> Called {
        port::poll_write(&mut self.buffer, self.is_all, transport, cx)
    }

    fn give_back(self, wire: &mut Wire) {
        wire.encoder.give_back(self.buffer);
    }
}

impl Lent for ReadBuffer {
    fn lend(wire: &mut Wire, _: Io) -> ReadBuffer {
        wire.decoder.lend()
    }

    fn poll(&mut self, transport: Pin<&mut dyn Transport>, cx: &mut Context<'_>) -> Called {
        self.poll_fill(transport, cx).into()
    }

    fn give_back(self, wire: &mut Wire) {
        wire.decoder.give_back(self);
    }
}

impl Lent for Unmoved {
    fn lend(_: &mut Wire, io: Io) -> Unmoved {
        Unmoved(io)
    }

    fn poll(&mut self, transport: Pin<&mut dyn Transport>, cx: &mut Context<'_>) -> Called {
        port::poll_other(self.0, transport, cx).into()
    }

    fn give_back(self, _: &mut Wire) {}
}

/// The opcode of a message, and its payload.
pub(crate) fn payload(message: Message) -> (u8, Bytes) {
    match message {
        Message::Text(text) => (frame::TEXT, text.into_bytes()),
        Message::Binary(data) => (frame::BINARY, data),
    }
}

/// tungstenite reads here.
impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.decoder.pass_control(out) {
            0 => Poll::Pending,
            passed => Poll::Ready(Ok(passed)),
        }
    }
}

/// tungstenite writes here, and only whole pongs. The echo of a close frame is ours: tungstenite
/// does not know all codes.
impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut rest = bytes;
        while let Ok(Some((header, size))) = frame::parse(rest) {
            let end = size + header.length as usize;
            let Some(payload) = rest.get(size..end) else {
                break;
            };
            let mut payload = payload.to_vec();
            if let Some(mask) = header.mask {
                frame::apply_mask(&mut payload, mask, 0);
            }
            if header.opcode == frame::PONG {
                self.encoder.push_control(frame::PONG, payload.into());
            }
            rest = &rest[end..];
        }
        debug_assert!(rest.is_empty(), "tungstenite writes whole frames");
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
