//! A socket among the connections of a listener.

use std::sync::{Arc, Weak};

use super::registry::{Member, Seat, goodbye};
use crate::backend::native::Handle;
use crate::backend::native::driving::Shared;
use crate::close::Close;

impl Handle {
    /// Takes a seat among the connections of a listener.
    pub(super) fn sit(&self, seat: Seat) {
        let mut driver = self.lock();
        let is_welcome = seat.open(Arc::new(Arc::downgrade(&self.0)));
        driver.seat = Some(seat);
        if !is_welcome {
            driver.session.begin_close(goodbye());
        }
    }
}

/// A listener's view of a socket that it accepted.
impl Member for Weak<Shared> {
    fn close(&self, close: Close) {
        if let Some(socket) = self.upgrade() {
            socket.close(close);
        }
    }

    fn abort(&self) {
        if let Some(socket) = self.upgrade() {
            socket.abort();
        }
    }
}
