//! Sockets behind pointers.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::WebSocket;
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::features::Features;
use crate::info::Info;
use crate::mask::MaskGenerator;
use crate::message::Message;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::prepared_message::PreparedMessage;
use crate::request::Request;

/// Hands on what is not made of other methods; a method with a default of its own is one of those,
/// too, as soon as a socket may have a better one.
macro_rules! hand_on {
    ($($pointer:ty),+) => {$(
        impl<S: WebSocket + ?Sized> WebSocket for $pointer {
            fn open(&self, request: Request) -> Result<(), Error> {
                (**self).open(request)
            }

            fn close(&self, close: Close) -> Result<(), Error> {
                (**self).close(close)
            }

            fn abort(&self) {
                (**self).abort();
            }

            fn send(&self, message: Message) -> Result<usize, Error> {
                (**self).send(message)
            }

            fn send_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
                (**self).send_prepared(prepared)
            }

            fn write_prepared(&self, prepared: &PreparedMessage) -> Result<usize, Error> {
                (**self).write_prepared(prepared)
            }

            fn send_part(&self, part: Message, is_last: bool) -> Result<usize, Error> {
                (**self).send_part(part, is_last)
            }

            fn ping(&self, payload: Bytes) -> Result<(), Error> {
                (**self).ping(payload)
            }

            fn try_flush(&self) -> Result<bool, Error> {
                (**self).try_flush()
            }

            fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
                (**self).poll_flush(cx)
            }

            fn poll_event(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
                (**self).poll_event(cx)
            }

            fn try_next_event(&self) -> Option<Event> {
                (**self).try_next_event()
            }

            fn bytes_to_write(&self) -> usize {
                (**self).bytes_to_write()
            }

            fn messages_written(&self) -> u64 {
                (**self).messages_written()
            }

            fn set_read_buffer_size(&self, bytes: Option<usize>) -> Result<(), Error> {
                (**self).set_read_buffer_size(bytes)
            }

            fn set_limits(&self, limits: Limits) -> Result<(), Error> {
                (**self).set_limits(limits)
            }

            fn set_mask_generator(
                &self,
                generator: Option<Arc<dyn MaskGenerator>>,
            ) -> Result<(), Error> {
                (**self).set_mask_generator(generator)
            }

            fn state(&self) -> State {
                (**self).state()
            }

            fn info(&self) -> Info {
                (**self).info()
            }

            fn last_error(&self) -> Option<Error> {
                (**self).last_error()
            }

            fn closed(&self) -> Option<Close> {
                (**self).closed()
            }

            fn peer_close(&self) -> Option<Close> {
                (**self).peer_close()
            }

            fn options(&self) -> Options {
                (**self).options()
            }

            fn features(&self) -> Features {
                (**self).features()
            }
        }
    )+};
}

hand_on!(&S, Box<S>, Arc<S>);
