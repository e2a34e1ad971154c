use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use super::event_listener::{EventListener, document};
use crate::platform::hint::Hint;

/// Hints of the browser about the network and its page. A worker has the former only, Node neither.
#[derive(Debug)]
pub(crate) struct Hints {
    heard: Rc<RefCell<Heard>>,
    _listeners: Vec<EventListener>,
}

#[derive(Debug, Default)]
struct Heard {
    hints: VecDeque<Hint>,
    waker: Option<Waker>,
}

impl Hints {
    pub(crate) fn new() -> Hints {
        let heard = Rc::<RefCell<Heard>>::default();
        let mut listeners = Vec::new();
        let mut listen = |target: &EventTarget, kind, hint: fn() -> Option<Hint>| {
            let heard = heard.clone();
            let callback = move |_| {
                if let Some(hint) = hint() {
                    tell(&heard, hint);
                }
            };
            listeners.push(EventListener::new(target, kind, callback));
        };
        if let Ok(global) = js_sys::global().dyn_into::<EventTarget>() {
            listen(&global, "online", || Some(Hint::Online));
            listen(&global, "offline", || Some(Hint::Offline));
            listen(&global, "pageshow", || Some(Hint::Resumed));
        }
        if let Ok(document) = document().dyn_into::<EventTarget>() {
            listen(&document, "visibilitychange", || {
                is_visible().then_some(Hint::Resumed)
            });
            listen(&document, "resume", || Some(Hint::Resumed));
        }
        Hints {
            heard,
            _listeners: listeners,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Hint> {
        let next = self.heard.borrow_mut().hints.pop_front();
        if let Some(hint) = next {
            return Poll::Ready(hint);
        }
        // Wakers are the application's, so nothing is borrowed while they are cloned and dropped.
        let waker = cx.waker().clone();
        let stale = self.heard.borrow_mut().waker.replace(waker);
        drop(stale);
        Poll::Pending
    }
}

fn tell(heard: &RefCell<Heard>, hint: Hint) {
    let mut heard = heard.borrow_mut();
    // Nobody may ever take them.
    heard.hints.retain(|other| *other != hint);
    heard.hints.push_back(hint);
    let waker = heard.waker.take();
    drop(heard);
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn is_visible() -> bool {
    let state = Reflect::get(&document(), &JsValue::from_str("visibilityState"));
    state.is_ok_and(|state| state == "visible")
}
