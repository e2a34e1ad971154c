use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;

use crate::platform::{self, Sleep};

/// The time limit of the closing handshake. It begins anew with every byte that the peer takes up to
/// our close frame's last, so a long queue drains for as long as the peer takes any of it; from
/// then on it is the time for the peer's answer.
#[derive(Default)]
pub(crate) struct CloseLimit {
    /// `None` before the closing handshake has begun, or without a limit.
    running: Option<Running>,
}

struct Running {
    limit: Duration,
    deadline: Duration,
    /// Ends at the deadline, or before.
    timer: Option<Sleep>,
    /// Bytes that were read since the deadline passed.
    overtime: usize,
}

impl CloseLimit {
    /// More bytes than this cannot have waited to be read when the deadline passed: a peer that goes
    /// on sending gets no more time.
    const OVERTIME: usize = 16 << 20;

    pub(crate) fn has_begun(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn begin(&mut self, limit: Option<Duration>) {
        self.running = limit.map(|limit| Running {
            limit,
            deadline: platform::now().saturating_add(limit),
            timer: None,
            overtime: 0,
        });
    }

    /// The peer took bytes in front of our close frame's end.
    pub(crate) fn begin_anew(&mut self) {
        if let Some(running) = &mut self.running {
            running.deadline = platform::now().saturating_add(running.limit);
            running.overtime = 0;
        }
    }

    /// Bytes were read. True when they are more than can have waited for it.
    pub(crate) fn read(&mut self, bytes: usize) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        if platform::now() < running.deadline {
            return false;
        }
        running.overtime += bytes;
        running.overtime > Self::OVERTIME
    }

    /// Ready when it has passed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(running) = &mut self.running else {
            return Poll::Pending;
        };
        loop {
            let left = running.deadline.saturating_sub(platform::now());
            if left.is_zero() {
                return Poll::Ready(());
            }
            let sleep = || platform::sleep_until(running.deadline);
            let timer = running.timer.get_or_insert_with(sleep);
            ready!(timer.poll_unpin(cx));
            running.timer = None;
        }
    }
}
