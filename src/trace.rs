//! All that is reported to `tracing`: a span for each connection, debug for each step of its opening and
//! its end, trace for each frame, warn for a peer that breaks a rule or is not trusted. Without
//! the crate feature nothing of it is compiled.
//!
//! A URL's path, headers, payloads, reasons and subprotocols are the application's, and may hold
//! credentials: they are left out.
//!
//! A subscriber is code of the application and may call the socket that it hears of. What is reported
//! while that socket is locked is therefore gathered on the thread, and emitted by whoever unlocks
//! it ([`gathered`]). Opening handshakes run unlocked and report at once.

#![cfg_attr(not(feature = "tracing"), allow(unused_imports, unused_variables))]
#![allow(dead_code)] // Not every backend takes every step.

use std::cell::{Cell, RefCell};
use std::fmt::{Debug, Display};
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;

use crate::close::CloseCode;
use crate::error::{Error, ErrorKind};
use crate::event::State;
use crate::role::Role;
use crate::tls::alert::Alert;
use crate::tls::info::TlsInfo;

/// The target of the events of frames, which are many.
#[cfg(feature = "tracing")]
const FRAMES: &str = "qwebsocket::frames";

macro_rules! emit {
    ($level:ident, $($event:tt)*) => {
        #[cfg(feature = "tracing")]
        tracing::$level!(target: "qwebsocket", $($event)*)
    };
}

/// The same while a socket may be locked.
macro_rules! gather {
    ($level:ident, $($event:tt)*) => {
        #[cfg(feature = "tracing")]
        gather(Entry::Event(Box::new(move || tracing::$level!(target: "qwebsocket", $($event)*))))
    };
}

#[cfg(feature = "tracing")]
thread_local! {
    /// Whether there are entries; checked for each message.
    static ANY: Cell<bool> = const { Cell::new(false) };
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

#[cfg(feature = "tracing")]
enum Entry {
    Event(Box<dyn FnOnce()>),
    /// The span of the events before it. It is kept since dropping the last one calls the subscriber.
    Of(Span),
}

/// Events gathered on this thread, to be emitted when nothing is locked.
#[must_use]
pub(crate) struct Gathered {
    #[cfg(feature = "tracing")]
    entries: Vec<Entry>,
}

#[inline]
pub(crate) fn has_gathered() -> bool {
    #[cfg(feature = "tracing")]
    return ANY.get();
    #[cfg(not(feature = "tracing"))]
    false
}

/// Takes the events gathered since the last time, which belong to this span.
#[inline]
pub(crate) fn gathered(span: Span) -> Gathered {
    #[cfg(feature = "tracing")]
    {
        end_group(span);
        let entries = match ANY.replace(false) {
            true => ENTRIES.try_with(RefCell::take).unwrap_or_default(),
            false => Vec::new(),
        };
        Gathered { entries }
    }
    #[cfg(not(feature = "tracing"))]
    Gathered {}
}

/// Assigns the events gathered so far to this span; those that follow belong to another one.
pub(crate) fn end_group(span: Span) {
    #[cfg(feature = "tracing")]
    if span.0.is_some() {
        gather(Entry::Of(span));
    }
}

#[cfg(feature = "tracing")]
#[cold]
fn gather(entry: Entry) {
    // A socket that is dropped with its thread, after this local, reports nothing.
    if ENTRIES
        .try_with(|entries| entries.borrow_mut().push(entry))
        .is_ok()
    {
        ANY.set(true);
    }
}

impl Gathered {
    /// Reports it, then does what follows, even if a subscriber panics.
    #[inline]
    pub(crate) fn report_then(self, follow: impl FnOnce()) {
        #[cfg(feature = "tracing")]
        let reported = match self.entries.is_empty() {
            true => Ok(()),
            false => catch_unwind(AssertUnwindSafe(|| report(self.entries))),
        };
        follow();
        #[cfg(feature = "tracing")]
        if let Err(panic) = reported {
            resume_unwind(panic);
        }
    }
}

#[cfg(feature = "tracing")]
#[cold]
fn report(entries: Vec<Entry>) {
    let mut events: Vec<Box<dyn FnOnce()>> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Event(event) => events.push(event),
            Entry::Of(_) if events.is_empty() => {}
            Entry::Of(span) => span.in_scope(|| events.drain(..).for_each(|event| event())),
        }
    }
    events.into_iter().for_each(|event| event());
}

/// The span of a connection's events. A clone calls nobody, so it may be made while a socket is locked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span(#[cfg(feature = "tracing")] Option<Arc<tracing::Span>>);

impl Span {
    pub(crate) fn none() -> Span {
        Span::default()
    }

    /// Of a connection to this host and port, which are only asked for if somebody listens. Calls the
    /// subscriber.
    pub(crate) fn connection<T: Display>(role: Role, host: impl FnOnce() -> T) -> Span {
        #[cfg(feature = "tracing")]
        {
            use std::sync::atomic::{AtomicU64, Ordering};

            static COUNT: AtomicU64 = AtomicU64::new(1);
            let span = tracing::info_span!(
                target: "qwebsocket",
                "connection",
                id = COUNT.fetch_add(1, Ordering::Relaxed),
                ?role,
                host = %host(),
            );
            Span((!span.is_disabled()).then(|| Arc::new(span)))
        }
        #[cfg(not(feature = "tracing"))]
        Span::none()
    }

    /// Of a connection that a server got from this address, if it is known.
    pub(crate) fn accepted(peer: Option<SocketAddr>) -> Span {
        match peer {
            Some(peer) => Span::connection(Role::Server, || peer),
            None => Span::connection(Role::Server, || "-"),
        }
    }

    /// Runs a call whose events belong to the span.
    #[inline]
    pub(crate) fn in_scope<R>(&self, call: impl FnOnce() -> R) -> R {
        #[cfg(feature = "tracing")]
        if let Some(span) = &self.0 {
            return span.in_scope(call);
        }
        call()
    }

    /// The same for the polls of a future.
    pub(crate) async fn instrument<F: Future>(self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| self.in_scope(|| future.as_mut().poll(cx))).await
    }
}

pub(crate) fn state(state: State) {
    gather!(debug, ?state, "state changed");
}

pub(crate) fn error(error: &Error) {
    #[cfg(feature = "tracing")]
    let error = error.clone();
    gather!(debug, kind = ?error.kind(), %error, "error");
}

pub(crate) fn resolved(host: &str, addresses: &[SocketAddr]) {
    emit!(debug, host, ?addresses, "resolved");
}

pub(crate) fn dialing(address: SocketAddr) {
    emit!(debug, %address, "connecting TCP");
}

pub(crate) fn dialed(local: Option<SocketAddr>, peer: Option<SocketAddr>) {
    emit!(
        debug,
        local = local.map(tracing::field::display),
        peer = peer.map(tracing::field::display),
        "TCP connected"
    );
}

pub(crate) fn through_proxy(kind: &dyn Debug, host: &str, port: u16) {
    emit!(debug, ?kind, address = %format_args!("{host}:{port}"), "through a proxy");
}

pub(crate) fn tunnel_open() {
    emit!(debug, "tunnel open");
}

pub(crate) fn securing(host: &str, is_proxy: bool) {
    emit!(debug, host, is_proxy, "TLS handshake");
}

/// TLS is agreed on, or is not.
pub(crate) fn secured(result: Result<&TlsInfo, &Error>) {
    let error = match result {
        Ok(tls) => {
            emit!(
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
        emit!(warn, kind = ?wrong.kind(), subject, "certificate refused");
    }
    emit!(
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
    emit!(debug, bytes, "HTTP sent");
}

pub(crate) fn http_answered(status: u16) {
    emit!(debug, status, "HTTP answered");
}

pub(crate) fn http_requested() {
    emit!(debug, "opening handshake read");
}

pub(crate) fn redirected(host: &str) {
    emit!(debug, host, "redirected");
}

/// A handshake succeeded, with these extensions.
pub(crate) fn opened(extensions: &str) {
    emit!(debug, extensions, "opening handshake done");
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

/// Each message passes here: without a subscriber this is a load and a comparison.
#[inline]
fn frame(direction: &'static str, first: u8, length: u64) {
    #[cfg(feature = "tracing")]
    {
        use tracing::level_filters::LevelFilter;

        if LevelFilter::current() == LevelFilter::TRACE {
            gather_frame(direction, first, length);
        }
    }
}

#[cfg(feature = "tracing")]
#[cold]
fn gather_frame(direction: &'static str, first: u8, length: u64) {
    gather(Entry::Event(Box::new(move || {
        tracing::trace!(
            target: FRAMES,
            opcode = first & 0xF,
            length,
            fin = first & 0x80 != 0,
            rsv = first >> 4 & 0x7,
            "{direction}"
        );
    })));
}

/// The peer broke a rule; the close frame will carry this code.
pub(crate) fn violated(error: &Error, code: CloseCode) {
    #[cfg(feature = "tracing")]
    let error = error.clone();
    gather!(warn, %error, code = code.get(), "the peer broke a rule");
}

pub(crate) fn close_queued(code: CloseCode) {
    gather!(debug, code = code.get(), "close frame queued");
}

pub(crate) fn close_received(code: Option<CloseCode>) {
    gather!(
        debug,
        code = code.map(CloseCode::get),
        "close frame received"
    );
}

/// All is written: our direction of the connection is ended.
pub(crate) fn shutting_down() {
    gather!(debug, "ending our direction");
}

/// The time for the closing handshake, or for an answer, has passed.
pub(crate) fn gave_up(waited_for: &'static str) {
    gather!(debug, waited_for, "time limit passed");
}
