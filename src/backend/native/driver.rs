use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::FutureExt;

use super::connection::{Connection, Step};
use super::error::io_error;
use super::event_sink::EventSink;
use super::opening::{Connecting, Established};
use super::transport::Role;
use super::wakers::Wakers;
use crate::close::{Close, CloseCode};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, State};
use crate::info::Info;
use crate::options::Options;
use crate::session::Session;

/// A peer that sends without end, and nothing that is told, must not keep the task from its other
/// work: so many times a poll reads.
const EXCHANGES: usize = 16;

/// A session and what carries it; whoever holds the socket's lock drives it.
pub(crate) struct Driver {
    pub(crate) session: Session,
    pub(crate) phase: Phase,
    pub(crate) options: Arc<Options>,
    pub(crate) info: Info,
    /// The waker that the transport gets.
    pub(crate) waker: Waker,
    /// A task waits for events.
    pub(crate) parked: bool,
    /// A task waits for the queue to be written.
    pub(crate) flushing: bool,
}

pub(crate) enum Phase {
    Idle,
    Connecting(Connecting),
    Open(Box<Connection>),
}

impl Driver {
    pub(crate) fn poll_event(
        &mut self,
        wakers: &Wakers,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Event>> {
        self.parked = false;
        let mut exchanges = 0;
        loop {
            if let Some(event) = self.session.next_event() {
                return Poll::Ready(Some(event));
            }
            let step = match &mut self.phase {
                Phase::Idle => return Poll::Ready(None),
                Phase::Connecting(connecting) => {
                    wakers.events.register(cx.waker());
                    let mut cx = Context::from_waker(&self.waker);
                    let result = connecting.poll_unpin(&mut cx);
                    let sink = connecting.sink.clone();
                    self.session.bytes_written(sink.take_written());
                    self.session.tell(sink.take_events());
                    match result {
                        Poll::Ready(result) => {
                            self.connected(result, sink);
                            Step::Progress
                        }
                        Poll::Pending if self.session.has_events() => Step::Progress,
                        Poll::Pending => Step::Pending,
                    }
                }
                Phase::Open(connection) => {
                    connection.keep_time(&self.session, &self.options);
                    if self.session.take_due_close() {
                        connection.queue_close(self.session.closed());
                    }
                    if connection.decode(&mut self.session) {
                        continue;
                    }
                    wakers.events.register(cx.waker());
                    if exchanges == EXCHANGES {
                        cx.waker().wake_by_ref();
                        Step::Pending
                    } else {
                        exchanges += 1;
                        let mut cx = Context::from_waker(&self.waker);
                        connection.exchange(&mut self.session, &mut cx)
                    }
                }
            };
            match step {
                Step::Progress => {}
                Step::Over => self.phase = Phase::Idle,
                Step::Pending => {
                    self.parked = true;
                    return Poll::Pending;
                }
            }
        }
    }

    /// An attempt to connect ended.
    fn connected(&mut self, result: Result<Established, Error>, sink: Arc<EventSink>) {
        match result {
            Ok(established) => {
                let Established { url, route, opened } = established;
                self.info.request_url = url.to_string();
                self.info.peer_name = url.host.to_lookup().into_owned();
                self.info.resource_name = url.target;
                self.info.subprotocol = opened.subprotocol;
                self.info.extensions = opened.extensions;
                self.info.headers = opened.headers;
                self.info.local_address = route.local_address;
                self.info.peer_address = route.peer_address;
                self.info.tls = route.tls;
                let connection = Connection::new(
                    route.transport,
                    opened.early,
                    Role::Client,
                    opened.deflate,
                    &self.options,
                    sink,
                );
                self.phase = Phase::Open(Box::new(connection));
                self.session.connected();
            }
            Err(error) => {
                self.phase = Phase::Idle;
                self.session.failed(error);
            }
        }
    }

    /// The link, if a payload of this length may be queued.
    pub(crate) fn sendable(&mut self, length: usize) -> Result<&mut Connection, Error> {
        self.session.check_sendable()?;
        let connection = self.phase.connection_mut()?;
        let encoder = &connection.wire().encoder;
        if let Some(bound) = self.options.write_queue
            && !encoder.is_empty()
            && encoder.len() + encoder.wire_size(length) > bound
        {
            return Err(ErrorKind::QueueFull.into());
        }
        Ok(connection)
    }

    /// Writes some of a queue that has become long.
    pub(crate) fn write_above_high_water(&mut self) {
        if let Phase::Open(connection) = &mut self.phase
            && connection.wire().encoder.is_above_high_water()
        {
            let mut cx = Context::from_waker(&self.waker);
            // An error is met again by whoever polls.
            let _ = connection.poll_write(&mut self.session, &mut cx, &mut 0);
        }
    }

    /// Writes what is queued, without reading.
    pub(crate) fn poll_write(&mut self, written: &mut usize) -> Poll<Result<(), Error>> {
        let Phase::Open(connection) = &mut self.phase else {
            return Poll::Ready(Ok(()));
        };
        self.session.make_close_due();
        if self.session.take_due_close() {
            connection.queue_close(self.session.closed());
        }
        let mut cx = Context::from_waker(&self.waker);
        connection
            .poll_write(&mut self.session, &mut cx, written)
            .map_err(io_error)
    }

    pub(crate) fn is_flushed(&self) -> bool {
        match &self.phase {
            Phase::Open(connection) => connection.wire().encoder.is_empty(),
            _ => true,
        }
    }

    pub(crate) fn abort(&mut self) {
        if let Phase::Open(connection) = &mut self.phase {
            connection.hang_up(&mut self.session);
        }
        self.session.withdraw_questions();
        if self.session.abort() {
            self.phase = Phase::Idle;
        }
    }

    /// Leaves the connection, or the attempt at one, without waiting for anybody: for a socket
    /// that is dropped or opened anew.
    pub(crate) fn leave(&mut self) {
        match self.session.state() {
            State::Unconnected => {}
            State::Connecting => self.abort(),
            State::Connected | State::Closing => {
                let close = Close::new(CloseCode::GOING_AWAY, "Connection closed");
                self.session.begin_close(close);
                // Whatever cannot be written at once is lost, and so is an error.
                let _ = self.poll_write(&mut 0);
                if let Phase::Open(connection) = &mut self.phase {
                    connection.hang_up(&mut self.session);
                }
                self.session.finished();
                self.phase = Phase::Idle;
            }
        }
    }
}

impl Phase {
    pub(crate) fn connection_mut(&mut self) -> Result<&mut Connection, Error> {
        match self {
            Phase::Open(connection) => Ok(connection),
            _ => Err(ErrorKind::WrongState.into()),
        }
    }
}
