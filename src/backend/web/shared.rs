use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::core::Core;
use crate::Options;

/// A [`Core`] that the browser's callbacks share.
#[derive(Debug)]
pub(in crate::backend) struct Shared(RefCell<Core>);

impl Shared {
    pub(in crate::backend) fn new(options: Options) -> Rc<Shared> {
        Rc::new_cyclic(|shared| Shared(RefCell::new(Core::new(options, shared.clone()))))
    }

    pub(in crate::backend) fn get(&self) -> Ref<'_, Core> {
        self.0.borrow()
    }

    /// Changes the core. What follows from it may call us back, so it comes when nothing is
    /// borrowed any more.
    pub(in crate::backend) fn update<R>(&self, change: impl FnOnce(&mut Core) -> R) -> R {
        let result = change(&mut self.0.borrow_mut());
        self.settle();
        result
    }

    fn settle(&self) {
        let mut core = self.0.borrow_mut();
        let probe = core.take_probe();
        let farewell = core.take_farewell();
        let wakers = core.take_wakers();
        drop(core);
        if let Some((browser, probe)) = probe
            && browser.send(&probe).is_ok()
        {
            self.0.borrow_mut().sent(probe.len(), false);
        }
        if let Some((browser, close)) = farewell {
            browser.close(Some(&close));
        }
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}
