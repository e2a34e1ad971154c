use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use super::clock::now;

/// Calls back once, unless it is dropped before; also from inside its own callback.
#[derive(Debug)]
pub(crate) struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// After a delay in milliseconds. `None` for one that no timer can wait for: 25 days and more.
    pub(crate) fn after(ms: f64, callback: impl FnMut() + 'static) -> Option<Timer> {
        let ms = ms.ceil();
        // The delay is a `long`, so a longer one would end at once (HTML §8.6).
        if ms > f64::from(i32::MAX) {
            return None;
        }
        // A panic that is caught leaves what is behind it usable: a `RefCell` is released.
        let callback = Closure::<dyn FnMut()>::own_assert_unwind_safe(callback);
        Some(Timer {
            id: set_timeout(&callback, ms),
            _callback: callback,
        })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// A timer as a future, made by [`sleep_until`].
#[derive(Debug)]
pub(crate) struct Sleep {
    state: Rc<SleepState>,
    _timer: Option<Timer>,
}

#[derive(Debug, Default)]
struct SleepState {
    is_over: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Ready when the clock shows `deadline`; never, where no timer can wait for so long.
pub(crate) fn sleep_until(deadline: Duration) -> Sleep {
    let state = Rc::<SleepState>::default();
    let delay = deadline.saturating_sub(now());
    let timer = Timer::after(delay.as_secs_f64() * 1000.0, {
        let state = state.clone();
        move || {
            state.is_over.set(true);
            let waker = state.waker.take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    });
    Sleep {
        state,
        _timer: timer,
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.state.is_over.get() {
            return Poll::Ready(());
        }
        let stale = self.state.waker.replace(Some(cx.waker().clone()));
        drop(stale);
        Poll::Pending
    }
}

// Of `globalThis`, so that windows, workers and Node have them. What identifies a timer is a
// number in browsers and an object in Node.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, ms: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}
