//! The browser's own WebSocket, also in workers and in other places that have it.

mod browser;
mod client_handshake;
mod core;
mod given_options;
mod keep_alive;
mod message_data;
#[cfg(feature = "__npm")]
mod npm;
pub(crate) mod pair;
mod raw_socket;
mod shared;
mod wakers;

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};
use wasm_bindgen::JsValue;

use self::browser::{BrowserSocket, Signal};
pub(crate) use self::client_handshake::ClientHandshake;
use self::core::Core;
use self::given_options::{Defaults, GivenOptions};
use self::raw_socket::RawSocket;
use self::shared::Shared;
pub(super) use crate::backend::no_server as server;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::{Facts, Info};
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::negotiated::Negotiated;
use crate::options::Options;
use crate::options::check_read_buffer_size;
use crate::options::limits::Limits;
use crate::platform::MaybeSend;
use crate::prepared_message::PreparedMessage;
use crate::request::Request;
use crate::session::check_ping;
use crate::url::{Authority, Target};

/// A browser makes nothing of options beforehand.
pub(crate) fn prepare(_: &Options) -> Result<Option<Arc<dyn Any + Send + Sync>>, Error> {
    Ok(None)
}

/// The contents of a [`Socket`](crate::Socket) in a browser: a core that the browser's callbacks
/// share.
pub(crate) struct Handle {
    shared: Rc<Shared<BrowserSocket>>,
}

impl Handle {
    /// A browser does all of it by itself, or not at all.
    pub(crate) const FEATURES: Features = Features::NONE;

    /// Without a connection; `options` are built.
    pub(crate) fn new(options: Options) -> Handle {
        Handle::with(Box::new(options))
    }

    fn with(options: Box<dyn GivenOptions<Shared<BrowserSocket>>>) -> Handle {
        Handle {
            shared: Shared::new(options),
        }
    }

    pub(crate) fn open_over<S>(&self, _: S, _: Request) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        Err(Error::unsupported(Features::OWN_STREAM))
    }

    pub(crate) fn upgraded<S>(_: S, _: Negotiated, _: Options) -> Result<Handle, Error>
    where
        S: AsyncRead + AsyncWrite + MaybeSend + Unpin + 'static,
    {
        Err(Error::unsupported(Features::OWN_STREAM))
    }

    pub(crate) fn open(&self, request: Request) -> Result<(), Error> {
        let target = request.check()?;
        if target.has_zone() {
            let why = "invalid URL: a browser takes no zone of an IPv6 address";
            return Err(Error::invalid_input(why));
        }
        self.shared
            .get()
            .options
            .check_missing(request.required(&target))?;

        // A browser refuses or ignores credentials in a URL.
        let url = target.without_userinfo();
        let shared = Rc::downgrade(&self.shared);
        let connection = browser::open(&url, request.subprotocols(), move |signal| {
            if let Some(shared) = shared.upgrade() {
                shared.hear(signal);
            }
        })?;
        self.shared.update(|core| core.open(connection));
        Ok(())
    }

    pub(crate) fn close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        if !browser::can_send(close.code()) {
            self.shared
                .get()
                .options
                .check_missing(Features::CLOSE_CODES)?;
        }
        self.shared.update(|core| core.close(close));
        Ok(())
    }

    pub(crate) fn abort(&self) {
        self.shared.update(|core| core.abort());
    }

    pub(crate) fn send(&self, message: Message) -> Result<usize, Error> {
        let browser = self.shared.get().sendable(message.len())?;
        let length = browser.send(&message)?;
        self.shared.update(|core| core.sent(length, true));
        Ok(length)
    }

    pub(crate) fn send_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.send(prepared.message().clone())
    }

    /// The browser writes by itself.
    pub(crate) fn write_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
        self.send_prepared(prepared)
    }

    pub(crate) fn send_part(&self, _part: Message, _is_last: bool) -> Result<usize, Error> {
        // Not even with best effort: the part would be lost.
        Err(Error::unsupported(Features::PARTS))
    }

    pub(crate) fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        self.shared.get().options.check_missing(Features::PING)?;
        self.shared.get().session.check_sendable()
    }

    pub(crate) fn try_flush(&self) -> Result<bool, Error> {
        self.shared.update(|core| core.session.make_close_due());
        Ok(false)
    }

    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.update(|core| core.poll_flush(cx))
    }

    pub(crate) fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.shared.update(|core| core.poll_event(cx))
    }

    pub(crate) fn try_next_event(&self) -> Option<Event> {
        match self.poll_event(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.shared.get().session.is_over()
    }

    pub(crate) fn bytes_to_write(&self) -> usize {
        self.shared.get().buffered()
    }

    pub(crate) fn messages_written(&self) -> u64 {
        self.shared.update(|core| core.messages_written())
    }

    pub(crate) fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        match bytes {
            Some(_) => self
                .shared
                .get()
                .options
                .check_missing(Features::READ_BUFFER),
            None => Ok(()),
        }
    }

    pub(crate) fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        self.shared.get().options.check_missing(limits.required())?;
        let options = Box::new(self.options().limits(limits));
        self.shared.update(|core| core.options = options);
        Ok(())
    }

    pub(crate) fn set_mask_generator(
        &self,
        generator: Option<Arc<dyn MaskGenerator>>,
    ) -> Result<(), Error> {
        match generator {
            Some(_) => self.shared.get().options.check_missing(Features::MASKS),
            None => Ok(()),
        }
    }

    pub(crate) fn state(&self) -> State {
        self.shared.get().session.state()
    }

    pub(crate) fn info(&self) -> Info {
        self.shared.get().info()
    }

    pub(crate) fn last_error(&self) -> Option<Error> {
        self.shared.get().session.error().cloned()
    }

    pub(crate) fn closed(&self) -> Option<Close> {
        self.shared.get().session.closed().cloned()
    }

    pub(crate) fn peer_close(&self) -> Option<Close> {
        self.shared.get().session.peer_close().cloned()
    }

    pub(crate) fn options(&self) -> Options {
        let core = self.shared.get();
        let options: &dyn Any = &*core.options;
        options.downcast_ref().cloned().unwrap_or_default()
    }
}

impl Default for Handle {
    fn default() -> Handle {
        Handle::with(Box::new(Defaults))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.update(|core| core.leave());
    }
}

impl Shared<BrowserSocket> {
    fn hear(&self, signal: Signal) {
        match signal {
            Signal::Timer(timer) => self.timer_fired(timer),
            Signal::Open => self.opened(),
            Signal::Message(data) => self.receive(&data),
            Signal::Error(why) => self.update(|core| core.failing(why)),
            Signal::Close { clean, close } => self.update(|core| core.ended(clean, close)),
            Signal::PageLeaves => self.update(Core::page_leaves),
            Signal::PageReturns => self.update(Core::page_returns),
        }
    }

    /// Nothing is borrowed while the message is copied, for which there may be no memory, and while
    /// the application looks at it.
    fn receive(&self, data: &JsValue) {
        let core = self.get();
        let admission = core.admission(core.session.waiting());
        drop(core);
        let Some(admission) = admission else {
            return;
        };
        let message = message_data::message(data, admission.limit());
        let is_answer = match &message {
            Ok(message) => self.heard(|is_answer| is_answer(message)),
            Err(_) => false,
        };
        self.update(|core| core.admit(admission, message, is_answer));
    }
}

impl Core<BrowserSocket> {
    /// The facts that the browser reveals of the connection; the URL is the one that it has parsed.
    pub(crate) fn info(&self) -> Info {
        let Some(browser) = self.wire() else {
            return Info::default();
        };
        let request_url = browser.url();
        let target = Target::parse(&request_url).ok();
        let authority = target.and_then(|target| Authority::parse(target.host_and_port).ok());
        let facts = Facts {
            resource_name: target.map_or("", |target| target.path_and_query).to_owned(),
            peer_name: authority.map_or("", |authority| authority.host).to_owned(),
            subprotocol: browser.subprotocol(),
            extensions: browser.extensions(),
            request_url,
            ..Facts::default()
        };
        facts.into()
    }
}
