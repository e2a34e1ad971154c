use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use openssl::error::ErrorStack;
use openssl::ssl::{SslRef, SslSession, SslVersion};

use super::ffi;

/// Sessions for each server; servers of TLS 1.3 give two at a time.
const SESSIONS: usize = 4;

/// More servers than this: one is forgotten.
const SERVERS: usize = 256;

/// The sessions of one context that can be resumed, by server.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, VecDeque<SslSession>>>);

impl Sessions {
    pub(crate) fn keep(&self, server: &str, session: SslSession) {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if servers.len() >= SERVERS && !servers.contains_key(server) {
            let any = servers.keys().next().cloned();
            any.and_then(|any| servers.remove(&any));
        }
        let sessions = servers.entry(server.to_owned()).or_default();
        if sessions.len() == SESSIONS {
            sessions.pop_front();
        }
        sessions.push_back(session);
    }

    /// Offers the newest session to the server.
    pub(crate) fn offer(&self, server: &str, ssl: &mut SslRef) -> Result<(), ErrorStack> {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(session) = servers.get_mut(server).and_then(VecDeque::pop_back) else {
            return Ok(());
        };
        ffi::resume(ssl, &session)?;
        // Only a session of TLS 1.3 tells by being used again that it is the same client
        // (RFC 8446 §C.4).
        if session.protocol_version() != SslVersion::TLS1_3 {
            servers
                .entry(server.to_owned())
                .or_default()
                .push_back(session);
        }
        Ok(())
    }
}
