//! The trait's methods, for the application under test.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::ScriptedSocket;
use super::call::Call;
use super::script::Script;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::limits::Limits;
use crate::options::{Options, check_read_buffer_size};
use crate::request::Request;
use crate::session::check_ping;
use crate::socket::WebSocket;

impl WebSocket for ScriptedSocket {
    fn open(&self, request: Request) -> Result<(), Error> {
        self.call(|script| script.open(request))
    }

    fn close(&self, close: Close) -> Result<(), Error> {
        self.call(|script| script.close(close))
    }

    fn abort(&self) {
        self.change(|script| {
            script.abort();
            script.calls.push_back(Call::Abort);
        });
    }

    fn send(&self, message: Message) -> Result<usize, Error> {
        self.call(|script| {
            let length = script.queue(message.clone(), true)?;
            script.calls.push_back(Call::Send(message));
            Ok(length)
        })
    }

    fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
        self.call(|script| {
            script.check(Features::PARTS)?;
            let length = script.queue(part.clone(), is_last)?;
            script.calls.push_back(Call::SendPart { part, is_last });
            Ok(length)
        })
    }

    fn ping(&self, payload: Bytes) -> Result<(), Error> {
        check_ping(&payload)?;
        self.call(|script| {
            script.check(Features::PING)?;
            script.session.check_sendable()?;
            script.calls.push_back(Call::Ping(payload));
            Ok(())
        })
    }

    fn try_flush(&self) -> Result<bool, Error> {
        self.change(Script::flush)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.change(|script| {
            let flushed = script.flush();
            if flushed.is_ok() && !script.is_flushed() {
                script.flushes.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(flushed.map(drop))
        })
    }

    fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.next(Some(cx.waker()))
    }

    fn try_next_event(&self) -> Option<Event> {
        match self.next(None) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    fn bytes_to_write(&self) -> usize {
        self.lock().queued()
    }

    fn messages_written(&self) -> u64 {
        self.lock().session.messages_written()
    }

    fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
        check_read_buffer_size(bytes)?;
        self.call(|script| {
            if bytes.is_some() {
                script.check(Features::READ_BUFFER)?;
            }
            script.options = script.options.clone().read_buffer_size(bytes);
            Ok(())
        })
    }

    fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        limits.check()?;
        self.call(|script| {
            script.check(limits.required())?;
            script.options = script.options.clone().limits(limits);
            Ok(())
        })
    }

    fn set_mask_generator(&self, generator: Option<Arc<dyn MaskGenerator>>) -> Result<(), Error> {
        self.call(|script| match generator {
            Some(_) => script.check(Features::MASKS),
            None => Ok(()),
        })
    }

    fn state(&self) -> State {
        self.lock().session.state()
    }

    fn info(&self) -> Info {
        self.lock().info.clone()
    }

    fn last_error(&self) -> Option<Error> {
        self.lock().session.error().cloned()
    }

    fn closed(&self) -> Option<Close> {
        self.lock().session.closed().cloned()
    }

    fn peer_close(&self) -> Option<Close> {
        self.lock().session.peer_close().cloned()
    }

    fn options(&self) -> Options {
        self.lock().options.clone()
    }

    fn features(&self) -> Features {
        self.lock().features
    }
}
