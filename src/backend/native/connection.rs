//! An established connection: tungstenite over the wire, and the way to its end.

mod keep_alive;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite;
use async_tungstenite::tungstenite::protocol::{self, WebSocketConfig};
use bytes::Bytes;
use futures::{FutureExt, Stream};

use self::keep_alive::{Due, KeepAliveTimer};
use super::error::io_error;
use super::event_sink::EventSink;
use super::permessage_deflate::Deflate;
use super::transport::{Role, Transport};
use super::wire;
use super::wire::Wire;
use super::wire::decoder::Decoded;
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::State;
use crate::message::Message;
use crate::options::Options;
use crate::platform::{self, Sleep};
use crate::session::{self, Session, remote_closed};

/// tungstenite's read buffer: more than the largest control frame.
const READ_BUFFER: usize = 256;

pub(crate) struct Connection {
    stream: WebSocketStream<Wire>,
    role: Role,
    shutdown_stage: ShutdownStage,
    /// Nothing more has wholly arrived.
    is_drained: bool,
    /// The time limit of the closing handshake.
    deadline: Option<Sleep>,
    keep_alive: Option<KeepAliveTimer>,
    /// What TLS tells.
    sink: Arc<EventSink>,
}

/// How far the closing handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShutdownStage {
    /// Messages may arrive.
    Open,
    /// The last frame is a close frame: write everything, then end our direction.
    Flush { then_linger: bool },
    /// End our direction.
    Shutdown { then_linger: bool },
    /// Let the peer read our close frame: closing while bytes of it are unread would reset the
    /// connection and take the close frame along.
    Linger,
}

/// What a step led to.
pub(crate) enum Step {
    /// There may be events, or another step to go.
    Progress,
    Pending,
    /// The connection is over, and the session was told so.
    Over,
}

impl Connection {
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        early: Vec<u8>,
        role: Role,
        deflate: Option<Deflate>,
        options: &Options,
        sink: Arc<EventSink>,
    ) -> Connection {
        let wire = Wire::new(transport, early, role, deflate, options);
        let protocol_role = match role {
            Role::Client => protocol::Role::Client,
            Role::Server => protocol::Role::Server,
        };
        // The wire keeps the limits and takes the masks off.
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_frame_size(None)
            .max_message_size(None)
            .accept_unmasked_frames(true);
        let stream = WebSocketStream::from_raw_socket(wire, protocol_role, Some(config))
            .now_or_never()
            .expect("wrapping a stream does not wait");
        Connection {
            stream,
            role,
            shutdown_stage: ShutdownStage::Open,
            is_drained: false,
            deadline: None,
            keep_alive: options.keep_alive.clone().map(KeepAliveTimer::new),
            sink,
        }
    }

    pub(crate) fn wire(&self) -> &Wire {
        self.stream.get_ref()
    }

    pub(crate) fn wire_mut(&mut self) -> &mut Wire {
        self.stream.get_mut()
    }

    /// Queues a message.
    pub(crate) fn send(&mut self, message: Message) {
        let (opcode, payload) = wire::payload(message);
        self.wire_mut().encoder.push_message(opcode, payload);
    }

    fn send_probe(&mut self, message: Message) {
        let (opcode, payload) = wire::payload(message);
        self.wire_mut().encoder.push_probe(opcode, payload);
    }

    /// Queues a part of a message.
    pub(crate) fn send_part(&mut self, part: Message, is_last: bool) -> Result<(), Error> {
        let (opcode, payload) = wire::payload(part);
        let queued = self.wire_mut().encoder.push_part(opcode, payload, is_last);
        queued.map_err(|_| Error::invalid_input("the parts of the text are not UTF-8"))
    }

    /// Queues a ping.
    pub(crate) fn ping(&mut self, payload: Bytes) {
        self.wire_mut().encoder.push_control(wire::PING, payload);
    }

    /// Starts the time limit of the closing handshake when that begins.
    pub(crate) fn keep_time(&mut self, session: &Session, options: &Options) {
        if session.state() == State::Closing && self.deadline.is_none() {
            self.deadline = options.timeouts.close_limit().map(platform::sleep);
        }
    }

    /// Queues the close frame that the session owes: our own, or the echo of the peer's.
    pub(crate) fn queue_close(&mut self, close: Option<&Close>) {
        if let Some(close) = close {
            self.wire_mut().push_close(close);
        }
    }

    /// Writes what is queued; adds the bytes to `written`.
    pub(crate) fn poll_write(
        &mut self,
        session: &mut Session,
        cx: &mut Context<'_>,
        written: &mut usize,
    ) -> Poll<io::Result<()>> {
        let mut count = 0;
        let result = self.wire_mut().poll_drain(cx, &mut count);
        session.bytes_written(count);
        session.set_messages_written(self.wire().encoder.messages_written());
        *written += count;
        result
    }

    /// Hands the next thing that has arrived to the session; false when there is none.
    pub(crate) fn decode(&mut self, session: &mut Session) -> bool {
        if self.is_drained || self.shutdown_stage != ShutdownStage::Open {
            return false;
        }
        match self.wire_mut().decoder.next() {
            Some(Decoded::Message(message)) => {
                let takes = |keep_alive: &mut KeepAliveTimer| keep_alive.takes_message(&message);
                if !self.keep_alive.as_mut().is_some_and(takes) {
                    session.message(message);
                }
            }
            Some(Decoded::Frame(frame)) => session.frame(frame),
            Some(Decoded::Control) => self.read_control(session),
            Some(Decoded::Close(close)) => {
                self.read_control(session);
                session.peer_closed(close);
                // The server ends its direction first and waits for the client's end, as long as
                // the closing handshake may take (RFC 6455 §7.1.1).
                self.shutdown_stage = ShutdownStage::Flush {
                    then_linger: self.role == Role::Server,
                };
            }
            None => {
                self.is_drained = true;
                let Some(violation) = self.wire().decoder.violation().cloned() else {
                    return false;
                };
                let close = Close::new(violation.code, &*violation.reason);
                let error = Error::new(violation.kind(), violation.reason);
                self.violated(session, error, close);
            }
        }
        true
    }

    /// Exchanges bytes with the transport: writes all that is queued, then reads.
    pub(crate) fn exchange(&mut self, session: &mut Session, cx: &mut Context<'_>) -> Step {
        let step = self.exchange_bytes(session, cx);
        session.tell(self.sink.take_events());
        match step {
            Step::Pending if session.has_events() => Step::Progress,
            step => step,
        }
    }

    /// Ends our direction as far as that does not wait.
    pub(crate) fn hang_up(&mut self, session: &mut Session) {
        let mut cx = Context::from_waker(Waker::noop());
        let _ = self.wire_mut().poll_shutdown(&mut cx);
        session.tell(self.sink.take_events());
    }

    fn exchange_bytes(&mut self, session: &mut Session, cx: &mut Context<'_>) -> Step {
        if let Some(deadline) = &mut self.deadline
            && deadline.poll_unpin(cx).is_ready()
        {
            return self.over(session);
        }
        match self.shutdown_stage {
            ShutdownStage::Open => self.exchange_open(session, cx),
            ShutdownStage::Flush { then_linger } => match self.poll_write(session, cx, &mut 0) {
                Poll::Pending => {
                    // A peer that writes, and reads only when that is done, gets on.
                    if then_linger {
                        let _ = self.wire_mut().poll_linger(cx);
                    }
                    Step::Pending
                }
                // Nobody is left to read our close frame; the peer's has been read.
                Poll::Ready(Err(_)) => self.over(session),
                Poll::Ready(Ok(())) => {
                    self.shutdown_stage = ShutdownStage::Shutdown { then_linger };
                    Step::Progress
                }
            },
            ShutdownStage::Shutdown { then_linger } => match self.wire_mut().poll_shutdown(cx) {
                Poll::Pending => Step::Pending,
                Poll::Ready(Ok(())) if then_linger => {
                    self.shutdown_stage = ShutdownStage::Linger;
                    Step::Progress
                }
                Poll::Ready(_) => self.over(session),
            },
            ShutdownStage::Linger => match self.wire_mut().poll_linger(cx) {
                Poll::Pending => Step::Pending,
                Poll::Ready(()) => self.over(session),
            },
        }
    }

    fn exchange_open(&mut self, session: &mut Session, cx: &mut Context<'_>) -> Step {
        let mut count = 0;
        let written = self.poll_write(session, cx, &mut count);
        if count > 0 && !matches!(written, Poll::Ready(Err(_))) {
            return Step::Progress;
        }
        match self.wire_mut().poll_fill(cx) {
            Poll::Ready(Ok(0)) => self.lost(session, remote_closed()),
            Poll::Ready(Ok(_)) => {
                self.is_drained = false;
                if let Some(keep_alive) = &mut self.keep_alive {
                    keep_alive.heard(platform::now());
                }
                Step::Progress
            }
            Poll::Ready(Err(error)) => self.lost(session, io_error(error)),
            // What the peer sent before it went is read first: its close frame may be there.
            Poll::Pending => match written {
                Poll::Ready(Err(error)) => self.lost(session, io_error(error)),
                _ => self.keep_alive(session, cx),
            },
        }
    }

    /// Asks a silent peer whether it is still there, once all that has arrived is read.
    fn keep_alive(&mut self, session: &mut Session, cx: &mut Context<'_>) -> Step {
        let in_parts = self.wire().encoder.has_open_message();
        let Some(keep_alive) = &mut self.keep_alive else {
            return Step::Pending;
        };
        if session.state() != State::Connected {
            return Step::Pending;
        }
        match keep_alive.poll(cx) {
            Poll::Pending => return Step::Pending,
            Poll::Ready(Due::GiveUp) => return self.lost(session, session::keep_alive::silent()),
            Poll::Ready(Due::Ping(payload)) => self.ping(payload),
            Poll::Ready(Due::Probe(_)) if in_parts => {
                keep_alive.postpone(platform::now());
            }
            Poll::Ready(Due::Probe(message)) => self.send_probe(message),
        }
        Step::Progress
    }

    /// Has tungstenite read the control frame that has arrived.
    fn read_control(&mut self, session: &mut Session) {
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut self.stream).poll_next(&mut cx) {
            Poll::Ready(Some(Ok(tungstenite::Message::Pong(payload)))) => {
                if !self
                    .keep_alive
                    .as_ref()
                    .is_some_and(|p| p.takes_pong(&payload))
                {
                    session.pong(payload, platform::now());
                }
            }
            // The pong leaves with the next write.
            Poll::Ready(Some(Ok(tungstenite::Message::Ping(_)))) => self.flush_tungstenite(),
            Poll::Ready(Some(Ok(tungstenite::Message::Close(_)))) => {}
            other => {
                // The wire lets nothing pass that tungstenite refuses.
                debug_assert!(false, "a control frame became {other:?}");
                let error = Error::new(ErrorKind::Protocol, "a control frame was not understood");
                self.violated(session, error, CloseCode::INTERNAL.into());
            }
        }
    }

    fn violated(&mut self, session: &mut Session, error: Error, close: Close) {
        self.wire_mut().encoder.discard_unsent();
        session.violated(error, close.clone());
        // Last words are for a peer that keeps the rules.
        session.make_close_due();
        session.take_due_close();
        self.wire_mut().push_close(&close);
        self.shutdown_stage = ShutdownStage::Flush { then_linger: true };
    }

    /// Moves tungstenite's pong into the write queue.
    fn flush_tungstenite(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        // The wire takes everything at once.
        let _ = futures::Sink::poll_flush(Pin::new(&mut self.stream), &mut cx);
    }

    fn lost(&mut self, session: &mut Session, error: Error) -> Step {
        session.tell(self.sink.take_events());
        session.report(error);
        // Half of the connection may still be there, and TLS says that it ends (RFC 8446 §6.1).
        self.hang_up(session);
        session.broken();
        Step::Over
    }

    fn over(&self, session: &mut Session) -> Step {
        session.tell(self.sink.take_events());
        session.finished();
        Step::Over
    }
}
