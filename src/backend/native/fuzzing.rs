//! Entry points of the targets in `fuzz/`: the native backend's parts without a network. It lies
//! below the wire, since all of them can be seen from here.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};

use super::Handle;
use super::event_sink::EventSink;
use super::opening::endpoint::Endpoint;
use super::opening::handshake::{Handshake, HandshakeOutcome, refused};
use super::opening::own_headers;
use super::permessage_deflate::{self, Deflate, Direction};
use super::transport::Role;
use super::turn::Turn;
use super::wire::deflate::{self, Failure};
use super::wire::encoder::Write;
use super::wire::port::{Called, Io, Unmoved, Writing};
use super::wire::{self, Lent, ReadBuffer, decoder, frame};
use crate::close::{Close, CloseCode};
use crate::compression::Compression;
use crate::error::Error;
use crate::headers::Headers;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::{Frame, Message};
use crate::negotiated::Negotiated;
use crate::options::Options;
use crate::request::Request;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The first byte: the final bit, the reserved bits, the opcode.
    pub first: u8,
    /// The mask, if there is one.
    pub mask: Option<[u8; 4]>,
    /// The length of the payload.
    pub length: u64,
}

impl Header {
    /// The header at the beginning of `bytes` and its size.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Header, usize)>, &'static str> {
        let parsed = frame::parse(bytes)?;
        Ok(parsed.map(|(header, size)| {
            let fin = if header.fin { frame::FIN } else { 0 };
            let header = Header {
                first: fin | header.rsv | header.opcode,
                mask: header.mask,
                length: header.length,
            };
            (header, size)
        }))
    }

    /// Its bytes.
    pub fn write(&self) -> Vec<u8> {
        let (mut out, length) = (Vec::new(), self.length as usize);
        frame::write_header(&mut out, self.first, length, self.mask);
        assert_eq!(out.len(), frame::header_size(length, self.mask.is_some()));
        out
    }
}

/// Masks `bytes`, which begin `offset` bytes into the payload.
pub fn apply_mask(bytes: &mut [u8], mask: [u8; 4], offset: usize) {
    frame::apply_mask(bytes, mask, offset);
}

/// One direction's compressor.
#[derive(Debug)]
pub struct Compressor(deflate::Compressor);

impl Compressor {
    /// `None` where messages leave plain.
    pub fn new(window_bits: u8, context_takeover: bool, level: u8) -> Option<Compressor> {
        let direction = Direction {
            window_bits,
            context_takeover,
        };
        deflate::Compressor::new(direction, level, 0).map(Compressor)
    }

    /// Compresses a part of a message, or all of it.
    pub fn compress(&mut self, input: &[u8], is_last: bool) -> Bytes {
        self.0.compress(input, is_last)
    }
}

/// The other direction's inflater.
#[derive(Debug)]
pub struct Inflater(deflate::Inflater);

impl Inflater {
    /// An inflater for a window of 8 to 15 bits.
    pub fn new(window_bits: u8, context_takeover: bool) -> Inflater {
        Inflater(deflate::Inflater::new(Direction {
            window_bits,
            context_takeover,
        }))
    }

    /// Inflates a part of a message onto `out`, and ends the message with the last one; the code
    /// of the violation if it is malformed or would become larger than `limit`.
    pub fn inflate(
        &mut self,
        input: &[u8],
        is_last: bool,
        out: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), CloseCode> {
        let code = |failure| match failure {
            Failure::Malformed => CloseCode::INVALID_PAYLOAD,
            Failure::TooLarge => CloseCode::TOO_LARGE,
        };
        let room = limit - out.len();
        self.0.inflate(input, out, room).map_err(code)?;
        if is_last {
            let room = limit - out.len();
            self.0.finish(out, room).map_err(code)?;
        }
        Ok(())
    }
}

/// Something that has wholly arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// A frame for the application.
    Frame(Frame),
    /// A message.
    Message(Message),
    /// A ping or pong: the frame as tungstenite reads it.
    Control(Vec<u8>),
    /// The peer's close frame; `None` without a code.
    Close(Option<Close>),
}

/// The wire, over any transport.
pub struct Wire(wire::Wire);

impl Wire {
    /// The wire of a connection. With [`Options::compression`], both sides have agreed to that.
    pub fn new(
        transport: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        is_client: bool,
        options: &Options,
    ) -> Wire {
        let role = role(is_client);
        let compression = options.get_compression();
        let deflate = compression.and_then(|compression| agree(compression, role));
        let transport = Box::new(transport);
        Wire(wire::Wire::new(
            transport,
            Vec::new(),
            role,
            deflate,
            options,
        ))
    }

    /// Reads once from the transport.
    pub fn fill(&mut self) -> Poll<io::Result<usize>> {
        self.call::<ReadBuffer>(Io::Read).moved
    }

    /// The next thing that has wholly arrived. tungstenite's read buffer takes `room` bytes.
    pub fn next_decoded(&mut self, room: usize) -> Option<Decoded> {
        let decoder = &mut self.0.decoder;
        let decoded = decoder.next(&mut Turn::unlimited())?;
        let (mut control, mut out) = (Vec::new(), vec![0; room]);
        loop {
            match decoder.pass_control(&mut out) {
                0 => break,
                passed => control.extend_from_slice(&out[..passed]),
            }
        }
        Some(match decoded {
            decoder::Decoded::Frame(frame) => Decoded::Frame(frame),
            decoder::Decoded::Message(message) => Decoded::Message(message),
            decoder::Decoded::Control => Decoded::Control(control),
            decoder::Decoded::Close(close) => Decoded::Close(close),
        })
    }

    /// The code of the peer's violation.
    pub fn violation(&self) -> Option<CloseCode> {
        self.0.decoder.violation().map(|violation| violation.code)
    }

    /// Queues a message.
    pub fn send(&mut self, message: Message) {
        let (opcode, payload) = wire::payload(message);
        self.0.encoder.push_message(opcode, payload);
    }

    /// Queues a part of a message, of a text only what is UTF-8.
    pub fn send_part(&mut self, part: Message, is_last: bool) {
        let (opcode, payload) = wire::payload(part);
        let queued = self.0.encoder.push_part(opcode, payload, is_last);
        queued.expect("the text is UTF-8");
    }

    /// Queues a ping, or else a pong.
    pub fn control(&mut self, is_ping: bool, payload: Bytes) {
        let opcode = if is_ping { frame::PING } else { frame::PONG };
        self.0.encoder.push_control(opcode, payload);
    }

    /// Queues a close frame.
    pub fn close(&mut self, close: &Close) {
        self.0.push_close(close);
    }

    /// Discards what has not begun to leave.
    pub fn discard_unsent(&mut self) {
        self.0.encoder.discard_unsent();
    }

    /// Sets the size of the frames of the messages to come.
    pub fn set_frame_size(&mut self, bytes: usize) {
        self.0.encoder.set_frame_size(bytes);
    }

    /// Sets the generator of the masks to come.
    pub fn set_mask_generator(&mut self, generator: Option<Arc<dyn MaskGenerator>>) {
        drop(self.0.encoder.set_generator(generator));
    }

    /// Bytes that are queued.
    pub fn queued(&self) -> usize {
        self.0.encoder.len()
    }

    /// Returns whether all is written and flushed.
    pub fn is_flushed(&self) -> bool {
        self.0.encoder.is_empty()
    }

    /// Writes what the transport takes; adds the bytes to `count`.
    pub fn drain(&mut self, count: &mut usize) -> Poll<io::Result<()>> {
        loop {
            let io = match self.0.encoder.next_write() {
                Write::Nothing => return Poll::Ready(Ok(())),
                Write::Flush => Io::Flush,
                Write::Bytes => Io::Write,
                Write::Mask => {
                    let generator = self.0.encoder.generator();
                    let mask = generator.expect("it is wanted").next_mask();
                    self.0.encoder.supply_mask(mask);
                    continue;
                }
            };
            let called = match io {
                Io::Write => self.call::<Writing>(io),
                _ => self.call::<Unmoved>(io),
            };
            match (io, called.moved) {
                (Io::Write, Poll::Ready(Ok(0))) => {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                (Io::Write, Poll::Ready(Ok(bytes))) => {
                    self.0.encoder.wrote(Poll::Ready(bytes));
                    *count += bytes;
                    if let Some(Poll::Ready(Ok(_))) = called.flushed {
                        self.0.encoder.flushed();
                    }
                }
                (_, Poll::Ready(Ok(_))) => self.0.encoder.flushed(),
                (_, result) => {
                    self.0.encoder.wrote(Poll::Pending);
                    return result.map_ok(drop);
                }
            }
        }
    }

    fn call<L: Lent>(&mut self, io: Io) -> Called {
        let mut port = self.0.lend::<L>(io).expect("it is not lent");
        let result = port.poll(&mut Context::from_waker(Waker::noop()));
        self.0.give_back(port);
        result
    }
}

pub(crate) fn connected(
    transport: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    is_client: bool,
    options: Options,
) -> Handle {
    let role = role(is_client);
    let compression = options.get_compression();
    let deflate = compression.and_then(|compression| agree(compression, role));
    let transport = Box::new(transport);
    let info = Info::default();
    let sink = Arc::default();
    let negotiated = Negotiated::with_info(role, info, deflate);
    Handle::established(transport, negotiated, options, sink)
}

/// The result of a client's opening handshake.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// The answer's headers.
    pub headers: Headers,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The extensions that the server chose.
    pub extensions: String,
    /// Bytes that followed the answer.
    pub early: Vec<u8>,
}

/// Checks a request as [`WebSocket::open`](crate::WebSocket::open) does, sends it and reads the
/// answer.
pub async fn shake_hands(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &Request,
    options: &Options,
) -> Result<Opened, Error> {
    let target = request.check()?;
    request.check_subprotocols()?;
    options.check_features(request.required(&target))?;
    let url = Endpoint::new(&target)?;
    let mut request = request.clone();
    own_headers::to_ascii(&mut request)?;
    let handshake = Handshake {
        url: &url,
        request: &request,
        compression: options.get_compression(),
    };
    let opened = match handshake
        .exchange(stream, None, &EventSink::default())
        .await?
    {
        HandshakeOutcome::Opened(opened) => opened,
        HandshakeOutcome::Other(other) => return Err(refused(other.response)),
    };
    Ok(Opened {
        headers: opened.headers,
        subprotocol: opened.subprotocol,
        extensions: opened.extensions,
        early: opened.early,
    })
}

fn role(is_client: bool) -> Role {
    if is_client {
        Role::Client
    } else {
        Role::Server
    }
}

/// The outcome of a negotiation between a client and a server with the same options.
fn agree(compression: &Compression, role: Role) -> Option<Deflate> {
    let mut headers = Headers::default();
    headers.push(
        "Sec-WebSocket-Extensions",
        permessage_deflate::offer(compression),
    );
    let (server, _) = permessage_deflate::choose(&headers, compression)?;
    Some(match role {
        Role::Server => server,
        Role::Client => Deflate {
            outgoing: server.incoming,
            incoming: server.outgoing,
            ..server
        },
    })
}
