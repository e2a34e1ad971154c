//! Connects a verifier with the connection that it verifies for: rustls shares one verifier among
//! all connections of a configuration, and resumes sessions of the same verifier only.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::channel::mpsc::UnboundedSender;
use rustls::{Connection, Error as RustlsError, IoState};

use crate::backend::native::event_sink::EventSink;
use crate::backend::native::tls::library::Peer;
use crate::backend::native::tls::verdict;
use crate::error::Error;
use crate::event::Event;
use crate::tls::alert::{Alert, AlertKind, AlertLevel};
use crate::tls::config::TlsConfig;
use crate::tls::error::TlsError;

pub(super) struct Context {
    config: Arc<TlsConfig>,
    pub(super) peer: Peer,
    verification: Mutex<Verification>,
    has_panicked: AtomicBool,
}

#[derive(Default)]
struct Verification {
    errors: Vec<TlsError>,
    refusal: Option<Error>,
    /// The channel to the task that asks the application.
    asks: Option<UnboundedSender<Told>>,
}

/// Puts errors to the application.
pub(super) struct Asking(Arc<Context>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.verification().asks = None;
    }
}

/// A message from the thread of a handshake.
pub(super) enum Told {
    /// These errors are to be judged, and this hears how.
    Errors(Vec<TlsError>, Sender<Result<(), Error>>),
    Done(Box<Connection>, Result<IoState, RustlsError>),
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Context>>> = const { RefCell::new(None) };
}

/// Calls rustls for this connection.
pub(super) fn within<T>(context: &Arc<Context>, call: impl FnOnce() -> T) -> T {
    struct Restore(Option<Arc<Context>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }

    let _restore = Restore(CURRENT.replace(Some(context.clone())));
    call()
}

/// The connection that rustls is called for.
pub(super) fn current() -> Option<Arc<Context>> {
    CURRENT.with_borrow(Clone::clone)
}

impl Context {
    pub(super) fn new(config: Arc<TlsConfig>, peer: &Peer) -> Context {
        Context {
            config,
            peer: peer.clone(),
            verification: Mutex::default(),
            has_panicked: AtomicBool::default(),
        }
    }

    /// A closure of the application has panicked.
    pub(super) fn set_panicked(&self) {
        self.has_panicked.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_panicked(&self) -> bool {
        self.has_panicked.load(Ordering::Relaxed)
    }

    pub(super) fn config(&self) -> &TlsConfig {
        &self.config
    }

    pub(super) fn sink(&self) -> &EventSink {
        &self.peer.sink
    }

    /// Reports an alert that came or went.
    pub(super) fn tell(&self, level: AlertLevel, number: u8, event: fn(Alert) -> Event) -> Alert {
        let kind = AlertKind::new(number);
        let alert = Alert { level, kind };
        self.sink().tell(event(alert));
        alert
    }

    /// The errors found so far.
    pub(super) fn errors(&self) -> Vec<TlsError> {
        self.verification().errors.clone()
    }

    /// Why the peer was refused.
    pub(super) fn take_refusal(&self) -> Option<Error> {
        self.verification().refusal.take()
    }

    /// Returns whether errors of certificates are put to the application.
    pub(super) fn asks(&self) -> bool {
        self.config.ask_errors || self.config.interrupt
    }

    /// Asks by this as long as the guard lives.
    pub(super) fn ask_by(self: &Arc<Context>, asks: UnboundedSender<Told>) -> Asking {
        self.verification().asks = Some(asks);
        Asking(self.clone())
    }

    /// Returns whether these errors are let pass; waits for the application if it is asked.
    pub(super) fn lets_pass(&self, errors: Vec<TlsError>) -> bool {
        let asks = {
            let mut verification = self.verification();
            verification.errors.clone_from(&errors);
            verification.asks.clone()
        };
        let judged = match asks {
            Some(asks) => {
                let (answer, answered) = mpsc::channel();
                let told = Told::Errors(errors, answer);
                // Without anybody who answers the connection is gone.
                if asks.unbounded_send(told).is_err() {
                    return false;
                }
                let Ok(judged) = answered.recv() else {
                    return false;
                };
                judged
            }
            // Nobody is asked, so nothing is waited for.
            None => verdict::judge(&self.config, &self.peer, errors)
                .now_or_never()
                .unwrap_or_else(|| Err(Error::invalid_input("nobody can be asked"))),
        };
        let is_accepted = judged.is_ok();
        self.verification().refusal = judged.err();
        is_accepted
    }

    fn verification(&self) -> MutexGuard<'_, Verification> {
        self.verification
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
