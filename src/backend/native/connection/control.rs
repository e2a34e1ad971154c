//! Control frames, which tungstenite reads and answers.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_tungstenite::tungstenite;
use futures::{Sink, Stream};

use super::Connection;
use crate::close::CloseCode;
use crate::error::{Error, ErrorKind};
use crate::platform;
use crate::session::Session;

impl Connection {
    /// Has tungstenite read the control frame that has arrived.
    pub(super) fn read_control(&mut self, session: &mut Session) {
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut self.stream).poll_next(&mut cx) {
            Poll::Ready(Some(Ok(tungstenite::Message::Pong(payload)))) => {
                let keep_alive = self.keep_alive.as_ref();
                if !keep_alive.is_some_and(|k| k.takes_pong(&payload)) {
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

    /// Moves tungstenite's pong into the write queue.
    pub(super) fn flush_tungstenite(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        // The wire takes everything at once.
        let _ = Sink::poll_flush(Pin::new(&mut self.stream), &mut cx);
    }
}
