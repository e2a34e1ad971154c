//! Bytes between rustls and a transport.

use std::io;
use std::sync::Arc;
use std::task::{Context as Cx, Poll};

use rustls::Connection;

use super::connection::{self, Context};
use super::error;
use crate::backend::native::tls::bridge::Bridge;
use crate::error::Error;

/// Sends what TLS has to say.
pub(super) fn poll_send(
    tls: &mut Connection,
    bridge: &mut Bridge,
    cx: &mut Cx<'_>,
) -> Poll<io::Result<()>> {
    bridge.wake(cx);
    while tls.wants_write() {
        match tls.write_tls(bridge) {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
    Poll::Ready(Ok(()))
}

/// Receives a part of what the peer says; 0 bytes at its end.
pub(super) fn poll_receive(
    tls: &mut Connection,
    bridge: &mut Bridge,
    cx: &mut Cx<'_>,
) -> Poll<io::Result<usize>> {
    bridge.wake(cx);
    match tls.read_tls(bridge) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

/// Why the peer went, if it said so before a write found it gone: a server of TLS 1.3 that misses
/// our certificate does.
pub(super) fn last_word(
    tls: &mut Connection,
    bridge: &mut Bridge,
    context: &Arc<Context>,
    cx: &mut Cx<'_>,
) -> Option<Error> {
    while let Poll::Ready(Ok(1..)) = poll_receive(tls, bridge, cx) {
        if let Err(error) = connection::within(context, || tls.process_new_packets()) {
            return Some(error::refused("TLS failed", error, context));
        }
    }
    None
}
