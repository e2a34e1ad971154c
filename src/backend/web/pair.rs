//! Both ends of a connection in memory. Each is an object with those members of a `WebSocket` that
//! [`browser`] uses, and behaves as that (WebSockets §3.1, §4).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::{JsString, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventTarget, WebSocket};

use super::Handle;
use super::browser::{self, Signal, can_send};
use super::shared::Shared;
use crate::close::CloseCode;
use crate::error::Error;
use crate::options::Options;
use crate::platform::web::next_task::NextTask;

/// RFC 6761 §6.3.
const URL: &str = "ws://localhost/";

/// A client and its server; both options are built.
pub(crate) fn pair(client: Options, server: Options) -> Result<(Handle, Handle), Error> {
    let link = Link::new();
    Ok((link.handle(0, client), link.handle(1, server)))
}

/// The link between the ends.
struct Link {
    ends: [End; 2],
    /// In which the next of what is on its way arrives.
    task: RefCell<Option<NextTask>>,
    this: Weak<Link>,
}

struct End {
    object: Object,
    state: Cell<u16>,
    buffered: Cell<usize>,
    outgoing: RefCell<VecDeque<Parcel>>,
    /// The other end's close frame.
    heard: RefCell<Option<CloseFrame>>,
}

enum Parcel {
    Message { data: JsValue, length: usize },
    Close(CloseFrame),
}

/// Code and reason.
type CloseFrame = (u16, String);

impl Link {
    fn new() -> Rc<Link> {
        Rc::new_cyclic(|this| Link {
            ends: [End::new(), End::new()],
            task: RefCell::default(),
            this: this.clone(),
        })
    }

    fn handle(self: &Rc<Link>, end: usize, options: Options) -> Handle {
        let handle = Handle::new(options);
        let (send, close) = (self.clone(), self.clone());
        let object = &self.ends[end].object;
        let ear = Ear {
            send: Closure::own_assert_unwind_safe(move |data| send.send(end, data)),
            close: Closure::own_assert_unwind_safe(move |code, reason| {
                close.close(end, code, reason)
            }),
            shared: Rc::downgrade(&handle.shared),
        };
        object.set_send(&ear.send);
        object.set_close(&ear.close);
        let object = object.unchecked_ref::<WebSocket>().clone();
        let connection = browser::attach(object, move |signal| ear.hear(signal));
        handle.shared.accepted(connection);
        handle
    }

    fn send(&self, end: usize, data: JsValue) {
        let end = &self.ends[end];
        let length = match data.dyn_ref::<JsString>() {
            Some(text) => String::from(text).len(),
            None => data.unchecked_ref::<Uint8Array>().length() as usize,
        };
        // Where it is not open, it counts as waiting for ever.
        end.set_buffered(end.buffered.get() + length);
        if end.state.get() == WebSocket::OPEN {
            self.put(end, Parcel::Message { data, length });
        }
    }

    fn close(&self, end: usize, code: Option<u16>, reason: Option<String>) {
        let end = &self.ends[end];
        if end.state.get() == WebSocket::OPEN {
            end.set_state(WebSocket::CLOSING);
            let code = code.filter(|code| can_send((*code).into()));
            let frame = match code {
                Some(code) => (code, reason.unwrap_or_default()),
                None => (CloseCode::NO_STATUS.get(), String::new()),
            };
            self.put(end, Parcel::Close(frame));
        }
    }

    fn put(&self, end: &End, parcel: Parcel) {
        end.outgoing.borrow_mut().push_back(parcel);
        self.go_on();
    }

    /// Sees to it that what is on its way arrives.
    fn go_on(&self) {
        let mut task = self.task.borrow_mut();
        let waits = |end: &End| !end.outgoing.borrow().is_empty();
        if task.is_some() || !self.ends.iter().any(waits) {
            return;
        }
        let this = self.this.clone();
        *task = Some(NextTask::new(move || {
            if let Some(link) = this.upgrade() {
                link.turn();
            }
        }));
    }

    /// One event for each end, as a browser has one in a task.
    fn turn(&self) {
        // This is its callback, which may drop it.
        drop(self.task.take());
        let [client, server] = &self.ends;
        self.deliver(client, server);
        self.deliver(server, client);
        self.go_on();
    }

    /// Nothing is borrowed while an end is notified, since that calls back.
    fn deliver(&self, from: &End, to: &End) {
        let Some(parcel) = from.outgoing.borrow_mut().pop_front() else {
            return;
        };
        match parcel {
            Parcel::Message { data, length } => {
                from.set_buffered(from.buffered.get() - length);
                if to.state.get() == WebSocket::OPEN {
                    to.tell_message(data);
                }
            }
            Parcel::Close(frame) => {
                *to.heard.borrow_mut() = Some(frame.clone());
                if to.state.get() == WebSocket::OPEN {
                    to.set_state(WebSocket::CLOSING);
                    self.put(to, Parcel::Close(frame));
                }
                // Both have heard the other once both frames have arrived.
                if from.heard.borrow().is_some() {
                    from.tell_close();
                    to.tell_close();
                }
            }
        }
    }
}

impl End {
    fn new() -> End {
        let object = Object::new();
        object.set_url(URL);
        object.set_protocol("");
        object.set_extensions("");
        let end = End {
            object,
            state: Cell::default(),
            buffered: Cell::default(),
            outgoing: RefCell::default(),
            heard: RefCell::default(),
        };
        end.set_state(WebSocket::OPEN);
        end.set_buffered(0);
        end
    }

    fn set_state(&self, state: u16) {
        self.state.set(state);
        self.object.set_ready_state(state);
    }

    fn set_buffered(&self, bytes: usize) {
        self.buffered.set(bytes);
        self.object.set_buffered_amount(bytes as f64);
    }

    /// Binary data is of type `ArrayBuffer`, as [`browser`] asks for it.
    fn tell_message(&self, data: JsValue) {
        let event = Told::new("message");
        event.set_data(&match data.dyn_ref::<Uint8Array>() {
            Some(bytes) => bytes.buffer().into(),
            None => data,
        });
        self.tell(&event);
    }

    fn tell_close(&self) {
        self.set_state(WebSocket::CLOSED);
        let Some((code, reason)) = self.heard.take() else {
            return;
        };
        let event = Told::new("close");
        event.set_was_clean(true);
        event.set_code(code);
        event.set_reason(&reason);
        self.tell(&event);
    }

    fn tell(&self, event: &Told) {
        let target: &EventTarget = self.object.unchecked_ref();
        // It throws for an event that is being dispatched, and this one is new (DOM §2.7).
        let _ = target.dispatch_event(event.unchecked_ref::<Event>());
    }
}

/// Listens to an end's object for its connection, as long as the end's wire lives.
struct Ear {
    send: Closure<dyn Fn(JsValue)>,
    close: Closure<dyn Fn(Option<u16>, Option<String>)>,
    shared: Weak<Shared<browser::BrowserSocket>>,
}

impl Ear {
    fn hear(&self, signal: Signal) {
        if let Some(shared) = self.shared.upgrade() {
            shared.hear(signal);
        }
    }
}

// Of `globalThis`, so that windows, workers and Node have them.
#[wasm_bindgen]
extern "C" {
    /// An `EventTarget` with the members of a `WebSocket`.
    #[wasm_bindgen(js_name = EventTarget)]
    type Object;

    #[wasm_bindgen(constructor, js_class = "EventTarget")]
    fn new() -> Object;

    #[wasm_bindgen(method, setter)]
    fn set_url(this: &Object, url: &str);

    #[wasm_bindgen(method, setter)]
    fn set_protocol(this: &Object, name: &str);

    #[wasm_bindgen(method, setter)]
    fn set_extensions(this: &Object, extensions: &str);

    #[wasm_bindgen(method, setter, js_name = readyState)]
    fn set_ready_state(this: &Object, state: u16);

    #[wasm_bindgen(method, setter, js_name = bufferedAmount)]
    fn set_buffered_amount(this: &Object, bytes: f64);

    #[wasm_bindgen(method, setter)]
    fn set_send(this: &Object, send: &Closure<dyn Fn(JsValue)>);

    #[wasm_bindgen(method, setter)]
    fn set_close(this: &Object, close: &Closure<dyn Fn(Option<u16>, Option<String>)>);

    /// An `Event` with the members of a `MessageEvent` or a `CloseEvent`.
    #[wasm_bindgen(js_name = Event)]
    type Told;

    #[wasm_bindgen(constructor, js_class = "Event")]
    fn new(kind: &str) -> Told;

    #[wasm_bindgen(method, setter)]
    fn set_data(this: &Told, data: &JsValue);

    #[wasm_bindgen(method, setter, js_name = wasClean)]
    fn set_was_clean(this: &Told, was_clean: bool);

    #[wasm_bindgen(method, setter)]
    fn set_code(this: &Told, code: u16);

    #[wasm_bindgen(method, setter)]
    fn set_reason(this: &Told, reason: &str);
}
