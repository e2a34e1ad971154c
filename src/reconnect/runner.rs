//! A core with a clock and with what the platform tells.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;

use super::core::Core;
use super::event::Notice;
use super::link::Link;
use super::policy::Policy;
use crate::message::Message;
use crate::platform;
use crate::platform::{Hints, Sleep};

pub(super) struct Runner {
    pub(super) core: Core<Message>,
    hints: Hints,
    /// The timer of the time at which the core is due.
    timer: Option<(Duration, Sleep)>,
}

impl Runner {
    pub(super) fn new(policy: Policy<Message>) -> Runner {
        Runner {
            core: Core::new(policy),
            hints: Hints::new(),
            timer: None,
        }
    }

    pub(super) fn poll_event(
        &mut self,
        line: &impl Link<Message = Message>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Notice<Message>>> {
        loop {
            let now = platform::now();
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
                self.timer = Some((due, platform::sleep(due.saturating_sub(now))));
            }
            if let Some((_, sleep)) = &mut self.timer {
                ready!(sleep.poll_unpin(cx));
            }
            self.timer = None;
        }
    }
}
