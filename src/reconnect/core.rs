//! When to connect, when to wait, what to tell: without a clock, on any socket.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::ending::{Ending, Verdict};
use super::event::Notice;
use super::event::ReconnectEvent;
use super::link::{Link, Payload};
use super::policy::{Asking, Policy};
use crate::close::Close;
use crate::error::Error;
use crate::event::{Event, State};
use crate::platform::Hint;

pub(crate) struct Core<M> {
    policy: Policy<M>,
    stage: Stage,
    /// The application does not want attempts now.
    is_offline: bool,
    /// The platform thinks that there is no network.
    seems_offline: bool,
    /// What the application has not taken.
    events: VecDeque<Notice<M>>,
    waker: Option<Waker>,
}

enum Stage {
    /// For the next attempt; until it is due.
    Waiting(Duration),
    /// For the next attempt, however long.
    Offline,
    /// For the request of an attempt.
    Asking(Asking),
    /// The socket has events.
    Attached {
        connected_at: Option<Duration>,
        is_last: bool,
    },
    Over,
}

impl<M: Payload> Core<M> {
    pub(crate) fn new(policy: Policy<M>) -> Core<M> {
        Core {
            policy,
            stage: Stage::Waiting(Duration::ZERO),
            is_offline: false,
            seems_offline: false,
            events: VecDeque::new(),
            waker: None,
        }
    }

    /// The next event at the time `now`. Pending until the task is woken, and at the latest until
    /// it is [due](Self::due).
    pub(crate) fn poll(
        &mut self,
        socket: &impl Link<Message = M>,
        now: Duration,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Notice<M>>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(Some(event));
            }
            match &mut self.stage {
                Stage::Waiting(until) if now >= *until => self.begin(),
                Stage::Asking(asking) => match asking.as_mut().poll(cx) {
                    Poll::Ready(request) => {
                        match request.and_then(|request| socket.open(request)) {
                            Ok(()) => self.stage = Stage::attached(),
                            Err(error) => self.failed(Some(error), now),
                        }
                    }
                    Poll::Pending => return self.wait(cx),
                },
                Stage::Attached { .. } => {
                    self.hand_over(socket);
                    match socket.poll_event(cx) {
                        Poll::Ready(Some(event)) => {
                            self.heard(&event, socket, now);
                            return Poll::Ready(Some(ReconnectEvent::Socket(event).into()));
                        }
                        Poll::Ready(None) => self.detached(socket, now),
                        Poll::Pending => return self.wait(cx),
                    }
                }
                Stage::Waiting(_) | Stage::Offline => return self.wait(cx),
                Stage::Over => return Poll::Ready(None),
            }
        }
    }

    /// When to poll again in any case.
    pub(crate) fn due(&self) -> Option<Duration> {
        match self.stage {
            Stage::Waiting(until) => Some(until),
            _ => None,
        }
    }

    /// Whether no event will come by itself any more.
    #[allow(dead_code)] // The npm package has no streams.
    pub(crate) fn is_over(&self) -> bool {
        self.events.is_empty() && matches!(self.stage, Stage::Over)
    }

    pub(crate) fn send(
        &mut self,
        message: M,
        socket: &impl Link<Message = M>,
    ) -> Result<u64, Error> {
        if matches!(
            self.stage,
            Stage::Over | Stage::Attached { is_last: true, .. }
        ) {
            return Err(Error::wrong_state("there will be no further connection"));
        }
        let events = &mut self.events;
        let before = events.len();
        let number = self.policy.outbox.push(message, |number, message| {
            events.push_back(Notice::Dropped(number, message));
        })?;
        if self.events.len() > before {
            self.wake();
        }
        self.hand_over(socket);
        Ok(number)
    }

    pub(crate) fn acknowledge(&mut self, number: u64) {
        self.policy.outbox.acknowledge(number);
    }

    pub(crate) fn unwritten(&self) -> usize {
        self.policy.outbox.len()
    }

    pub(crate) fn take_unsent(&mut self) -> VecDeque<(u64, M)> {
        self.policy.outbox.take_all()
    }

    pub(crate) fn close(
        &mut self,
        close: Close,
        socket: &impl Link<Message = M>,
    ) -> Result<(), Error> {
        close.check_sendable()?;
        self.hand_over(socket);
        if let Stage::Attached { is_last, .. } = &mut self.stage {
            socket.close(close)?;
            *is_last = true;
        } else {
            self.stage = Stage::Over;
        }
        self.wake();
        Ok(())
    }

    pub(crate) fn abort(&mut self, socket: &impl Link<Message = M>) {
        if let Stage::Attached { is_last, .. } = &mut self.stage {
            *is_last = true;
            socket.abort();
        } else {
            self.stage = Stage::Over;
        }
        self.wake();
    }

    pub(crate) fn reconnect_now(&mut self) {
        match &mut self.stage {
            Stage::Waiting(until) => *until = Duration::ZERO,
            Stage::Over => {
                self.policy.backoff.reset();
                self.wait_until(Duration::ZERO);
            }
            Stage::Offline | Stage::Asking(_) | Stage::Attached { .. } => return,
        }
        self.wake();
    }

    pub(crate) fn set_online(&mut self, online: bool) {
        self.is_offline = !online;
        match self.stage {
            Stage::Offline if online => self.stage = Stage::Waiting(Duration::ZERO),
            Stage::Waiting(_) if !online => self.wait_until(Duration::ZERO),
            _ => return,
        }
        self.wake();
    }

    /// The platform may be wrong, so a hint only moves the next attempt.
    pub(crate) fn take_hint(&mut self, hint: Hint, now: Duration) {
        self.seems_offline = match hint {
            Hint::Online => false,
            Hint::Offline => true,
            Hint::Resumed => self.seems_offline,
        };
        if let Stage::Waiting(until) = &mut self.stage {
            *until = match hint {
                Hint::Online | Hint::Resumed => Duration::ZERO,
                Hint::Offline => now.saturating_add(self.policy.backoff.maximum),
            };
        }
    }

    fn begin(&mut self) {
        let attempt = self.policy.backoff.attempt();
        self.tell(ReconnectEvent::Connecting { attempt });
        self.stage = Stage::Asking(self.policy.request.ask(attempt));
    }

    fn heard(&mut self, event: &Event, socket: &impl Link<Message = M>, now: Duration) {
        let Stage::Attached { connected_at, .. } = &mut self.stage else {
            return;
        };
        if matches!(event, Event::Connected) {
            *connected_at = Some(now);
            self.seems_offline = false;
            let greeting = self.policy.greeting.as_mut();
            let greetings = greeting.map(|greet| greet(&socket.info()));
            self.policy.outbox.connected(greetings.unwrap_or_default());
            self.hand_over(socket);
        }
    }

    /// Gives the socket all that it takes, once the greetings are made.
    fn hand_over(&mut self, socket: &impl Link<Message = M>) {
        let Stage::Attached {
            connected_at: Some(_),
            ..
        } = self.stage
        else {
            return;
        };
        let outbox = &mut self.policy.outbox;
        if outbox.awaits_writing() {
            outbox.count_written(socket.messages_written());
        }
        while let Some(message) = outbox.next()
            && socket.state() == State::Connected
            && socket.send(message).is_ok()
        {
            outbox.hand_over();
        }
    }

    /// The socket has no more events.
    fn detached(&mut self, socket: &impl Link<Message = M>, now: Duration) {
        let Stage::Attached {
            connected_at,
            is_last,
        } = self.stage
        else {
            return;
        };
        let error = socket.last_error();
        let Some(connected_at) = connected_at else {
            if is_last {
                self.stage = Stage::Over;
            } else {
                self.failed(error, now);
            }
            return;
        };
        let ending = Ending {
            was_connected: true,
            error,
            close: socket.closed(),
        };
        let unknown = self.policy.outbox.disconnected();
        self.tell(ReconnectEvent::Ended {
            error: ending.error.clone(),
            close: ending.close.clone(),
            unknown,
        });
        if is_last {
            self.stage = Stage::Over;
        } else {
            let uptime = now.saturating_sub(connected_at);
            self.policy.backoff.lost(uptime);
            self.decide(&ending, now);
        }
    }

    fn failed(&mut self, error: Option<Error>, now: Duration) {
        let ending = Ending {
            was_connected: false,
            error: error.clone(),
            close: None,
        };
        self.tell(ReconnectEvent::Failed { error });
        self.policy.backoff.failed();
        self.decide(&ending, now);
    }

    fn decide(&mut self, ending: &Ending, now: Duration) {
        let verdict = (self.policy.decide)(ending);
        let backoff = &mut self.policy.backoff;
        if verdict == Verdict::GiveUp || backoff.is_exhausted() {
            let attempts = backoff.attempt() - 1;
            self.tell(ReconnectEvent::GivenUp { attempts });
            self.stage = Stage::Over;
            return;
        }
        let mut delay = match self.seems_offline {
            true => backoff.maximum,
            false => backoff.delay(),
        };
        if let Verdict::RetryAfter(time) = verdict {
            delay = delay.saturating_add(time);
        }
        if !self.is_offline {
            let attempt = backoff.attempt();
            self.tell(ReconnectEvent::Waiting { attempt, delay });
        }
        self.wait_until(now.saturating_add(delay));
    }

    fn wait_until(&mut self, until: Duration) {
        if self.is_offline {
            self.tell(ReconnectEvent::Offline);
            self.stage = Stage::Offline;
        } else {
            self.stage = Stage::Waiting(until);
        }
    }

    fn tell(&mut self, event: ReconnectEvent) {
        self.events.push_back(event.into());
    }

    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Stage {
    fn attached() -> Stage {
        Stage::Attached {
            connected_at: None,
            is_last: false,
        }
    }
}
