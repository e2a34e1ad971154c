use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::clock::now;
use super::runtime::{Timer, is_unbudgeted};
use super::virtual_time;

/// A timer, made by [`sleep_until`]. It belongs to the runtime that it is first polled in.
///
/// Where there is no runtime, or that has ended, nobody is woken; whoever polls sees the time.
#[derive(Debug)]
pub(crate) struct Sleep {
    deadline: Duration,
    timer: Option<Timer>,
}

/// Ready when the [clock](now) shows `deadline`.
pub(crate) fn sleep_until(deadline: Duration) -> Sleep {
    Sleep {
        deadline,
        timer: None,
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.timer.is_none() {
            let rest = self.deadline.saturating_sub(now());
            if rest.is_zero() {
                return Poll::Ready(());
            }
            if virtual_time::wake_at(self.deadline, cx) {
                return Poll::Pending;
            }
            self.timer = Timer::after(rest).ok();
        }
        let Some(timer) = &mut self.timer else {
            return Poll::Pending;
        };
        match Pin::new(timer).poll(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(()),
            Poll::Ready(Err(_)) => self.timer = None,
            // The runtime of one thread looks at its timers only when it gets its turn.
            Poll::Pending if is_unbudgeted() => {}
            Poll::Pending => return Poll::Pending,
        }
        if now() < self.deadline {
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}
