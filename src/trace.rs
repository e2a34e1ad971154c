//! All that is reported to `tracing`: a span for each connection, debug for each step of its opening and
//! its end, trace for each frame, warn for a peer that breaks a rule or is not trusted. Without
//! the crate feature nothing of it is compiled.
//!
//! A URL's path, headers, payloads, reasons and subprotocols are the application's, and may hold
//! credentials: they are left out.

#![cfg_attr(not(feature = "tracing"), allow(unused_imports, unused_variables))]
#![allow(dead_code)] // Not every backend takes every step.

use std::fmt::{Debug, Display};
use std::net::SocketAddr;

use crate::close::CloseCode;
use crate::error::{Error, ErrorKind};
use crate::event::State;
use crate::role::Role;
use crate::tls::alert::Alert;
use crate::tls::info::TlsInfo;

/// Of each frame, apart from the others since they are many.
#[cfg(feature = "tracing")]
const FRAMES: &str = "qwebsocket::frames";

macro_rules! tell {
    ($level:ident, $($event:tt)*) => {
        #[cfg(feature = "tracing")]
        tracing::$level!(target: "qwebsocket", $($event)*)
    };
}

/// The span of a connection's events.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

/// As long as this lives, what is reported belongs to a span.
pub(crate) struct Entered {
    /// `None` where nobody listens; then it is a word to move and to look at, and no more.
    #[cfg(feature = "tracing")]
    _entered: Option<Box<tracing::span::EnteredSpan>>,
}

impl Span {
    pub(crate) fn none() -> Span {
        Span {
            #[cfg(feature = "tracing")]
            span: tracing::Span::none(),
        }
    }

    /// Of a connection to this host and port, which are only asked for if somebody listens.
    pub(crate) fn connection<T: Display>(role: Role, host: impl FnOnce() -> T) -> Span {
        Span {
            #[cfg(feature = "tracing")]
            span: {
                use std::sync::atomic::{AtomicU64, Ordering};

                static COUNT: AtomicU64 = AtomicU64::new(1);
                tracing::info_span!(
                    target: "qwebsocket",
                    "connection",
                    id = COUNT.fetch_add(1, Ordering::Relaxed),
                    ?role,
                    host = %host(),
                )
            },
        }
    }

    /// Of a connection that a server got from this address, if it is known.
    pub(crate) fn accepted(peer: Option<SocketAddr>) -> Span {
        match peer {
            Some(peer) => Span::connection(Role::Server, || peer),
            None => Span::connection(Role::Server, || "-"),
        }
    }

    #[inline]
    pub(crate) fn enter(&self) -> Entered {
        Entered {
            #[cfg(feature = "tracing")]
            _entered: match self.span.is_disabled() {
                true => None,
                false => Some(self.enter_watched()),
            },
        }
    }

    #[cfg(feature = "tracing")]
    #[cold]
    fn enter_watched(&self) -> Box<tracing::span::EnteredSpan> {
        Box::new(self.span.clone().entered())
    }
}

impl Default for Span {
    fn default() -> Span {
        Span::none()
    }
}

pub(crate) fn state(state: State) {
    tell!(debug, ?state, "state changed");
}

pub(crate) fn error(error: &Error) {
    tell!(debug, kind = ?error.kind(), %error, "error");
}

pub(crate) fn resolved(host: &str, addresses: &[SocketAddr]) {
    tell!(debug, host, ?addresses, "resolved");
}

pub(crate) fn dialing(address: SocketAddr) {
    tell!(debug, %address, "connecting TCP");
}

pub(crate) fn dialed(local: Option<SocketAddr>, peer: Option<SocketAddr>) {
    tell!(
        debug,
        local = local.map(tracing::field::display),
        peer = peer.map(tracing::field::display),
        "TCP connected"
    );
}

pub(crate) fn through_proxy(kind: &dyn Debug, host: &str, port: u16) {
    tell!(debug, ?kind, address = %format_args!("{host}:{port}"), "through a proxy");
}

pub(crate) fn tunnel_open() {
    tell!(debug, "tunnel open");
}

pub(crate) fn securing(host: &str, is_proxy: bool) {
    tell!(debug, host, is_proxy, "TLS handshake");
}

/// TLS is agreed on, or is not.
pub(crate) fn secured(result: Result<&TlsInfo, &Error>) {
    let error = match result {
        Ok(tls) => {
            tell!(
                debug,
                version = ?tls.version,
                cipher = tls.cipher.as_deref(),
                alpn = tls.alpn.as_deref(),
                resumed = tls.resumed,
                "TLS agreed on"
            );
            return;
        }
        Err(error) if error.kind() == ErrorKind::Tls => error,
        Err(_) => return,
    };
    for wrong in error.tls_errors() {
        let subject = wrong.certificate().map(|certificate| certificate.subject());
        tell!(warn, kind = ?wrong.kind(), subject, "certificate refused");
    }
    tell!(
        warn,
        %error,
        alert_sent = error.alert_sent().map(kind_of),
        alert_received = error.alert_received().map(kind_of),
        "TLS failed"
    );
}

#[cfg(feature = "tracing")]
fn kind_of(alert: Alert) -> impl tracing::Value {
    tracing::field::debug(alert.kind())
}

pub(crate) fn http_sent(bytes: usize) {
    tell!(debug, bytes, "HTTP sent");
}

pub(crate) fn http_answered(status: u16) {
    tell!(debug, status, "HTTP answered");
}

pub(crate) fn http_requested() {
    tell!(debug, "opening handshake read");
}

pub(crate) fn redirected(host: &str) {
    tell!(debug, host, "redirected");
}

/// A handshake succeeded, with these extensions.
pub(crate) fn opened(extensions: &str) {
    tell!(debug, extensions, "opening handshake done");
}

/// The header of a frame that was queued: its first byte, and the length of its payload.
#[inline]
pub(crate) fn frame_sent(first: u8, length: usize) {
    frame("sent", first, length as u64);
}

/// The same of one that arrived and keeps the rules.
#[inline]
pub(crate) fn frame_received(first: u8, length: u64) {
    frame("received", first, length);
}

/// Messages pass here, so that nobody listens is all that is found out in their way.
#[inline]
fn frame(direction: &'static str, first: u8, length: u64) {
    #[cfg(feature = "tracing")]
    {
        use tracing::level_filters::LevelFilter;

        if LevelFilter::current() == LevelFilter::TRACE {
            emit_frame(direction, first, length);
        }
    }
}

#[cfg(feature = "tracing")]
#[cold]
fn emit_frame(direction: &'static str, first: u8, length: u64) {
    tracing::trace!(
        target: FRAMES,
        opcode = first & 0xF,
        length,
        fin = first & 0x80 != 0,
        rsv = first >> 4 & 0x7,
        "{direction}"
    );
}

/// The peer broke a rule; the close frame will carry this code.
pub(crate) fn violated(error: &Error, code: CloseCode) {
    tell!(warn, %error, code = code.get(), "the peer broke a rule");
}

pub(crate) fn close_queued(code: CloseCode) {
    tell!(debug, code = code.get(), "close frame queued");
}

pub(crate) fn close_received(code: Option<CloseCode>) {
    tell!(
        debug,
        code = code.map(CloseCode::get),
        "close frame received"
    );
}

/// All is written: our direction of the connection is ended.
pub(crate) fn shutting_down() {
    tell!(debug, "ending our direction");
}

/// The time for the closing handshake, or for an answer, has passed.
pub(crate) fn gave_up(waited_for: &'static str) {
    tell!(debug, waited_for, "time limit passed");
}
