use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use crate::backend::native::event_sink::EventSink;
use crate::tls::alert::Alert;

/// Extra data of an `Ssl`, for the callbacks of its connection.
pub(crate) struct ExtraData {
    pub(crate) sink: Arc<EventSink>,
    /// The server, as far as its sessions are resumed.
    pub(crate) session_key: Option<String>,
    /// Whether the peer's certificates have no error, as far as is known.
    pub(crate) is_flawless: AtomicBool,
    /// Whether a pre-shared key was offered.
    pub(crate) offered_key: AtomicBool,
    /// Whether a closure of the application has panicked.
    pub(crate) has_panicked: AtomicBool,
    /// The fatal alerts, after which nothing comes.
    pub(crate) alert_sent: OnceLock<Alert>,
    pub(crate) alert_received: OnceLock<Alert>,
}
