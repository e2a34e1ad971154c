use std::cell::{Ref, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use wasm_bindgen::JsValue;

use super::connection::{Browser, Connection, Signal};
use super::incoming;
use super::timer::Timer;
use crate::session::{self, Session};
use crate::{Close, CloseCode, Error, ErrorKind, Event, Info, Options, State};

/// How often `bufferedAmount` is looked at while somebody waits for it. Browsers tell no sooner.
const DRAIN: Duration = Duration::from_millis(4);

/// How long `AboutToClose` waits for the application before the close frame goes out anyway: time
/// for the next turn of a frame loop.
const GRACE: Duration = Duration::from_millis(100);

/// The code for what is too large: a browser does not send 1009.
const TOO_LARGE: CloseCode = CloseCode::from_private(4009);

/// The state of a socket, shared with the browser's callbacks.
#[derive(Debug)]
pub(super) struct Shared(RefCell<Core>);

impl Shared {
    pub(super) fn new(options: Options) -> Rc<Shared> {
        Rc::new_cyclic(|shared| {
            Shared(RefCell::new(Core {
                session: Session::default(),
                options: Arc::new(options),
                info: Info::default(),
                shared: shared.clone(),
                connection: None,
                unwritten: 0,
                deadline: None,
                grace: None,
                drain: None,
                event_waiter: None,
                flush_waiter: None,
            }))
        })
    }

    pub(super) fn get(&self) -> Ref<'_, Core> {
        self.0.borrow()
    }

    /// Changes the state; then, with nothing borrowed any more, tells the browser and wakes who
    /// waits for what came of it.
    pub(super) fn update<R>(&self, change: impl FnOnce(&mut Core) -> R) -> R {
        let result = change(&mut self.0.borrow_mut());
        self.settle();
        result
    }

    fn settle(&self) {
        let mut core = self.0.borrow_mut();
        let farewell = core.take_farewell();
        let wakers = core.take_ready();
        drop(core);
        if let Some((browser, close)) = farewell {
            browser.close(Some(&close));
        }
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) session: Session,
    pub(super) options: Arc<Options>,
    pub(super) info: Info,
    shared: Weak<Shared>,
    /// There is one unless the state is `Unconnected`.
    connection: Option<Connection>,
    /// What was in the browser's buffer when it was last looked at, and what was sent since.
    unwritten: usize,
    /// Of the opening or the closing handshake.
    deadline: Option<Timer>,
    grace: Option<Timer>,
    drain: Option<Timer>,
    event_waiter: Option<Waker>,
    flush_waiter: Option<Waker>,
}
