//! A socket that does not connect again: in place of [`reconnecting`](super), which is half of the core.

use std::convert::Infallible;
use std::task::{Context, Poll};

use super::socket::ShellSocket;
use crate::close::Close;
use crate::error::Error;

/// There is none.
pub(crate) struct Reconnection(Infallible);

impl Reconnection {
    pub(crate) fn close(&self, _: Close, _: &ShellSocket) -> Result<(), Error> {
        match self.0 {}
    }

    pub(crate) fn abort(&self, _: &ShellSocket) {
        match self.0 {}
    }

    pub(crate) fn poll(&self, _: &ShellSocket, _: &mut Context<'_>) -> Poll<Option<f64>> {
        match self.0 {}
    }
}
