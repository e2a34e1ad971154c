//! A socket without its payloads.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use super::host::{self, HostOptions, HostSocket};
use crate::backend::web::browser;
use crate::backend::web::raw_socket::Attached;
use crate::backend::web::shared::Shared;
use crate::close::Close;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::features::Features;
use crate::platform::{now, share_bytes};
use crate::request::Request;
use crate::session::check_ping;

/// The shell's socket, from the start of its connection to the end.
pub(crate) struct ShellSocket {
    pub(crate) id: i32,
    pub(crate) waker: Waker,
    pub(crate) shared: Rc<Shared<HostSocket>>,
    /// The request that was asked for, or why there is none, or no socket.
    pub(crate) answer: Cell<Option<Box<Result<Request, Error>>>>,
    /// The features of the runtime.
    features: Features,
}

impl ShellSocket {
    pub(crate) fn new(id: i32, options: HostOptions, features: Features) -> ShellSocket {
        ShellSocket {
            id,
            waker: Arc::new(ShellWaker(id)).into(),
            shared: Shared::new(Box::new(options)),
            answer: Cell::default(),
            features,
        }
    }

    pub(crate) fn connect(&self, request: &Request) -> Result<(), Error> {
        let target = request.check()?;
        self.require(request.required(&target))?;
        let wire = HostSocket::connect(self.id, &target.without_userinfo());
        let Some((wire, hearing)) = wire else {
            let why = self.answer.take().and_then(|answer| answer.err());
            return Err(why.unwrap_or_else(|| ErrorKind::Connection.into()));
        };
        let connection = Attached::new(wire, hearing);
        self.shared.update(|core| core.open(connection));
        Ok(())
    }

    /// `None` when the runtime throws.
    pub(crate) fn write(&self, parcel: f64, length: usize) -> Result<Option<usize>, Error> {
        let wire = self.shared.get().sendable(length)?;
        let written = wire.write(parcel);
        if let Some(written) = written {
            self.shared.update(|core| core.sent(written, true));
        }
        Ok(written)
    }

    pub(crate) fn ping(&self, payload: &[u8]) -> Result<(), Error> {
        check_ping(payload)?;
        self.require(Features::PING)?;
        let wire = self.shared.get().sendable(0)?;
        wire.ping(payload);
        let payload = share_bytes(payload.to_vec());
        self.shared.update(|core| core.session.ping(payload, now()));
        Ok(())
    }

    pub(crate) fn begin_close(&self, close: Close) -> Result<(), Error> {
        close.check_sendable()?;
        if !browser::can_send(close.code()) {
            self.require(Features::CLOSE_CODES)?;
        }
        self.shared.update(|core| core.close(close));
        Ok(())
    }

    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.shared.update(|core| core.poll_event(cx))
    }

    fn require(&self, features: Features) -> Result<(), Error> {
        let missing = features.difference(self.features);
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Unsupported(missing), "")),
        }
    }
}

impl Drop for ShellSocket {
    fn drop(&mut self) {
        self.shared.update(|core| core.leave());
    }
}

/// A waker that calls the shell.
struct ShellWaker(i32);

impl Wake for ShellWaker {
    fn wake(self: Arc<Self>) {
        host::pump(self.0);
    }
}
