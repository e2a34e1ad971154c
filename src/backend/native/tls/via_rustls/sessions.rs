//! Sessions that can be resumed, by the server that they are for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use super::connection::current;

/// How many are kept of the ports of one host, each of which may be another server.
const PER_PORT: usize = 32;

/// rustls knows them by name only.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<(u16, bool), Arc<ClientSessionMemoryCache>>>);

impl Sessions {
    fn of_peer(&self) -> Option<Arc<ClientSessionMemoryCache>> {
        let context = current()?;
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = caches.entry((context.peer.port, context.peer.is_proxy));
        Some(
            cache
                .or_insert_with(|| ClientSessionMemoryCache::new(PER_PORT).into())
                .clone(),
        )
    }

    /// A session that was let pass by a decision is not resumed: the decision is asked for again.
    fn of_good_peer(&self) -> Option<Arc<ClientSessionMemoryCache>> {
        self.of_peer()
            .filter(|_| current().is_some_and(|context| context.errors().is_empty()))
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        if let Some(cache) = self.of_peer() {
            cache.set_kx_hint(server_name, group);
        }
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.of_peer()?.kx_hint(server_name)
    }

    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        if let Some(cache) = self.of_good_peer() {
            cache.set_tls12_session(server_name, value);
        }
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.of_peer()?.tls12_session(server_name)
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        if let Some(cache) = self.of_peer() {
            cache.remove_tls12_session(server_name);
        }
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        if let Some(cache) = self.of_good_peer() {
            cache.insert_tls13_ticket(server_name, value);
        }
    }

    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        self.of_peer()?.take_tls13_ticket(server_name)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
