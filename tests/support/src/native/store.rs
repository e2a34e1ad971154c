use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::log::Log;
use crate::record::Entry;

/// The logs of all runs.
#[derive(Default)]
pub(crate) struct Store {
    logs: Mutex<HashMap<String, Log>>,
    ended: Condvar,
}

impl Store {
    /// The log of a run; waits so long for so many connections to begin, and all to end.
    pub(crate) fn log(&self, id: &str, connections: usize, patience: Duration) -> Log {
        let lasts = |logs: &mut HashMap<String, Log>| match logs.get(id) {
            Some(log) => log.connections.len() < connections || !log.ended(),
            None => connections > 0,
        };
        let waited = self
            .ended
            .wait_timeout_while(self.lock(), patience, lasts)
            .unwrap_or_else(PoisonError::into_inner);
        waited.0.get(id).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Log>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the log of one connection, which ends with it.
pub(crate) struct Recorder {
    store: Arc<Store>,
    id: String,
    number: usize,
}

impl Recorder {
    /// Begins the log of the run's next connection.
    pub(crate) fn start(store: &Arc<Store>, id: &str) -> Self {
        let mut logs = store.lock();
        let log = logs.entry(id.to_owned()).or_default();
        log.connections.push(Vec::new());
        Self {
            store: Arc::clone(store),
            id: id.to_owned(),
            number: log.connections.len(),
        }
    }

    /// The connection's number in its run, counted from 1.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn record(&self, entry: Entry) {
        if let Some(log) = self.store.lock().get_mut(&self.id) {
            log.connections[self.number - 1].push(entry);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.record(Entry::Ended);
        self.store.ended.notify_all();
    }
}
