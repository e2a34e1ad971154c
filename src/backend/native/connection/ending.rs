//! The end of a connection, however it comes about.

use std::task::{Context, Poll};

use super::{Connection, Stage, Step};
use crate::close::Close;
use crate::error::Error;
use crate::event::Event;
use crate::session::{self, Session, remote_closed};
use crate::trace;

impl Connection {
    pub(super) fn keep_close_limit(&mut self, session: &mut Session, cx: &mut Context<'_>) -> Step {
        match self.close_limit.poll(cx) {
            Poll::Ready(()) => self.timed_out(session),
            Poll::Pending => Step::Pending,
        }
    }

    pub(super) fn violated(&mut self, session: &mut Session, error: Error, close: Close) {
        trace::violated(&error, close.code());
        self.wire_mut().encoder.discard_unsent();
        session.violated(error, close.clone());
        // Last words are for a peer that keeps the rules.
        session.make_close_due();
        session.take_due_close();
        self.wire_mut().push_close(&close);
        self.stage = Stage::Flush { then_linger: true };
    }

    /// The peer has not closed in time.
    pub(super) fn timed_out(&mut self, session: &mut Session) -> Step {
        trace::gave_up("the closing handshake");
        self.cut_off(session, session::peer_takes_no_more())
    }

    /// The closing handshake ends here; an error if messages stay behind.
    pub(super) fn cut_off(&mut self, session: &mut Session, error: Error) -> Step {
        if self.wire().encoder.has_unwritten_messages() && session.error().is_none() {
            session.report(error);
        }
        self.over(session)
    }

    pub(super) fn lost(&mut self, session: &mut Session, error: Error) -> Step {
        self.leave(session);
        self.stage = Stage::Lost;
        self.loss = Some(error);
        Step::Progress
    }

    /// Reports the loss, once our direction is ended as far as that does not wait; the events of
    /// that follow the error.
    pub(super) fn tell_loss(&mut self, events: Vec<Event>, session: &mut Session) -> Step {
        session.report(self.loss.take().unwrap_or_else(remote_closed));
        session.tell(events);
        session.broken();
        Step::Over
    }

    pub(super) fn over(&mut self, session: &mut Session) -> Step {
        self.leave(session);
        session.finished();
        Step::Over
    }

    /// The driver is going to end the connection: from now on only TLS reports anything.
    pub(crate) fn begin_leaving(&mut self) {
        self.stage = Stage::Left;
    }

    /// Reports what is left to report before the end.
    pub(crate) fn leave(&mut self, session: &mut Session) {
        self.report_written(session);
        session.tell(self.sink.take_events());
    }
}
