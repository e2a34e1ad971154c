use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::core::Core;
use super::raw_socket::RawSocket;

/// A [`Core`] that the platform's callbacks share.
///
/// It is borrowed for its own bookkeeping and for calls of the platform that return a number or
/// set a timer. What may fail for want of memory, or is the application's (wakers, what
/// recognizes an answer), runs when nothing is borrowed.
#[derive(Debug)]
pub(crate) struct Shared<W: RawSocket>(RefCell<Core<W>>);

impl<W: RawSocket> Shared<W> {
    pub(crate) fn new(options: W::Options) -> Rc<Shared<W>> {
        Rc::new(Shared(RefCell::new(Core::new(options))))
    }

    pub(crate) fn get(&self) -> Ref<'_, Core<W>> {
        self.0.borrow()
    }

    /// Changes the core. What follows from it may call us back, so it comes when nothing is
    /// borrowed any more.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut Core<W>) -> R) -> R {
        let result = change(&mut self.0.borrow_mut());
        self.settle();
        result
    }

    fn settle(&self) {
        let mut core = self.0.borrow_mut();
        let probe = core.take_probe();
        let farewell = core.take_due_close();
        let wakers = core.take_wakers();
        drop(core);
        if let Some((wire, probe)) = probe
            && let Ok(length) = wire.send(&probe)
        {
            self.0.borrow_mut().sent(length, false);
        }
        if let Some((wire, close)) = farewell {
            wire.close(Some(&close));
        }
        wakers.into_iter().for_each(Waker::wake);
    }
}
