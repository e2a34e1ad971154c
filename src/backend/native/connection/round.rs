//! One poll of a connection.

use std::io;

use crate::session::Session;

/// So many bytes of messages are read ahead where only a time limit wants to know what has arrived.
const READ_BEFORE_LIMIT: usize = 1 << 20;

/// The purpose of one poll, and the state of the transport that it has met so far.
pub(crate) struct Round {
    /// How many bytes of messages may wait in the session before no more is read. `None` for who
    /// takes each event at once.
    pub(crate) read_ahead: Option<usize>,
    /// Whether the caller waits, and so is woken when it cannot drive now.
    pub(crate) waits: bool,
    pub(super) is_read_blocked: bool,
    pub(super) is_write_blocked: bool,
    pub(super) write_error: Option<io::Error>,
    /// Bytes that were written.
    pub(crate) written: usize,
}

impl Round {
    /// For a caller that takes each event at once.
    pub(crate) fn for_events() -> Round {
        Round {
            read_ahead: None,
            ..Round::for_writing(0)
        }
    }

    /// For a caller that writes, and reads ahead up to a bound.
    pub(crate) fn for_writing(read_ahead: usize) -> Round {
        Round {
            read_ahead: Some(read_ahead),
            waits: true,
            is_read_blocked: false,
            is_write_blocked: false,
            write_error: None,
            written: 0,
        }
    }

    pub(super) fn may_read(&self, session: &Session) -> bool {
        self.read_ahead
            .is_none_or(|bound| session.waiting() < bound)
    }

    /// Returns whether a call that only writes has to read what has arrived before a time limit is
    /// judged.
    pub(super) fn reads_first(&self, session: &Session) -> bool {
        let may_read_more = self
            .read_ahead
            .is_some_and(|bound| bound < READ_BEFORE_LIMIT);
        may_read_more && !self.is_read_blocked && session.waiting() < READ_BEFORE_LIMIT
    }

    pub(super) fn read_before_limit(&mut self) {
        self.read_ahead = Some(READ_BEFORE_LIMIT);
    }
}
