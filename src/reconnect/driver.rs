//! A core with a clock and with what the platform tells.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;

use super::core::Core;
use super::event::Told;
use super::line::{Line, Payload};
use super::policy::Policy;
use crate::backend::{self, Hints, Sleep};

pub(crate) struct Driver<M> {
    pub(crate) core: Core<M>,
    hints: Hints,
    /// The timer of the time at which the core is due.
    timer: Option<(Duration, Sleep)>,
}

impl<M: Payload> Driver<M> {
    pub(crate) fn new(policy: Policy<M>) -> Driver<M> {
        Driver {
            core: Core::new(policy),
            hints: Hints::new(),
            timer: None,
        }
    }

    pub(crate) fn poll_event(
        &mut self,
        line: &impl Line<Message = M>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Told<M>>> {
        loop {
            let now = backend::now();
            while let Poll::Ready(hint) = self.hints.poll(cx) {
                self.core.take_hint(hint, now);
            }
            if let Poll::Ready(told) = self.core.poll(line, now, cx) {
                return Poll::Ready(told);
            }
            let Some(due) = self.core.due() else {
                self.timer = None;
                return Poll::Pending;
            };
            if self.timer.as_ref().is_none_or(|(at, _)| *at != due) {
                self.timer = Some((due, backend::sleep(due.saturating_sub(now))));
            }
            if let Some((_, sleep)) = &mut self.timer {
                ready!(sleep.poll_unpin(cx));
            }
            self.timer = None;
        }
    }
}
