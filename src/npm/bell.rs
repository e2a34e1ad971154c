//! Wakers that call the shell.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};

use super::host::Host;

thread_local! {
    static HOSTS: RefCell<Vec<Option<Rc<Host>>>> = const { RefCell::new(Vec::new()) };
}

/// A waker may go to another thread, and what is JavaScript's may not: so it has a number only.
struct Bell(usize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let host = HOSTS.with_borrow(|hosts| hosts.get(self.0).cloned().flatten());
        if let Some(host) = host {
            host.pump();
        }
    }
}

/// A host with its waker, which does nothing any more when this is dropped.
pub(super) struct Ringing {
    index: usize,
    pub(super) waker: Waker,
}

impl Ringing {
    pub(super) fn new(host: Rc<Host>) -> Ringing {
        let index = HOSTS.with_borrow_mut(|hosts| {
            let free = hosts.iter().position(Option::is_none);
            let index = free.unwrap_or(hosts.len());
            match hosts.get_mut(index) {
                Some(place) => *place = Some(host),
                None => hosts.push(Some(host)),
            }
            index
        });
        Ringing {
            index,
            waker: Arc::new(Bell(index)).into(),
        }
    }
}

impl Drop for Ringing {
    fn drop(&mut self) {
        let host = HOSTS.with_borrow_mut(|hosts| hosts.get_mut(self.index).and_then(Option::take));
        drop(host);
    }
}
