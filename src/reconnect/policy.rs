use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::time::Duration;

use super::backoff::{Backoff, SplitMix64};
use super::ending::{Ending, Verdict};
use super::link::Payload;
use super::outbox::{Outbox, WhenFull};
use crate::error::Error;
use crate::info::Info;
use crate::message::Message;
use crate::platform::MaybeSend;
use crate::request::Request;

/// The policy of a [`Reconnecting`](super::Reconnecting): where it connects to, and when it tries
/// again.
///
/// The closures are called while the socket is polled. They may call it: what they send, and their
/// [`close`](super::Reconnecting::close), take effect when they have returned, and there are no
/// events for them. One that panics is called again by the next poll.
///
/// ```
/// use std::time::Duration;
/// use qwebsocket::{CloseCode, Reconnect, Verdict};
///
/// let reconnect = Reconnect::to("wss://example.com/chat")
///     .delays(Duration::from_millis(200), Duration::from_secs(10))
///     .attempts(20)
///     .greeting(|_| vec!["subscribe news".into()])
///     .decide(|ending| match ending.close() {
///         Some(close) if close.code() == CloseCode::from(4000) => Verdict::Retry,
///         _ => ending.verdict(),
///     });
/// ```
#[must_use = "it does nothing until a `Reconnecting` has it"]
pub struct Reconnect(pub(super) Policy<Message>);

/// The same for messages of any kind.
pub(crate) struct Policy<M> {
    pub(crate) request: Box<dyn Ask>,
    pub(crate) greeting: Option<Box<dyn Greet<M>>>,
    pub(crate) decide: Box<dyn Decide>,
    pub(crate) backoff: Backoff,
    pub(crate) outbox: Outbox<M>,
}

impl Reconnect {
    /// Connects to this each time.
    pub fn to(request: impl Into<Request>) -> Reconnect {
        let request = request.into();
        Reconnect::asking(move |_| ready(Ok(request.clone())))
    }

    /// Asks for the request before each attempt, whose number it gets, so that URL, subprotocols
    /// and credentials may be fresh ones. An error is an attempt that failed.
    ///
    /// ```
    /// use qwebsocket::{Error, Reconnect, Request};
    ///
    /// # async fn fresh_token() -> Result<String, Error> { Ok("token".into()) }
    /// let reconnect = Reconnect::asking(|_attempt| async {
    ///     let token = fresh_token().await?;
    ///     Ok(Request::new(format!("wss://example.com/?token={token}")))
    /// });
    /// ```
    pub fn asking<F, R>(request: F) -> Reconnect
    where
        F: FnMut(u32) -> R + MaybeSend + 'static,
        R: Future<Output = Result<Request, Error>> + MaybeSend + 'static,
    {
        Reconnect(Policy::new(Box::new(request)))
    }

    /// The delay before an attempt is anything between 0 and a bound, which is `first` after the
    /// first failure, doubles with each further one, and is never more than `maximum`. Behind a
    /// connection that was lost the bound begins with ten times `first`, and at least that is added
    /// to a `Retry-After`, since a server that restarts meets all its clients at once. Default:
    /// 500 ms and 30 s.
    pub fn delays(mut self, first: Duration, maximum: Duration) -> Reconnect {
        self.0.backoff.first = first;
        self.0.backoff.maximum = maximum;
        self
    }

    /// The number of attempts in a row without a [lasting](Self::uptime) connection, at least 1,
    /// after which it gives up. Default: `None`, unlimited.
    pub fn attempts(mut self, limit: impl Into<Option<u32>>) -> Reconnect {
        self.0.backoff.attempts = limit.into();
        self
    }

    /// The lifetime from which a connection counts as a success and ends a row of failures; a
    /// shorter one is a failure itself. Default: 10 s.
    pub fn uptime(mut self, minimum: Duration) -> Reconnect {
        self.0.backoff.uptime = minimum;
        self
    }

    /// The longest `Retry-After` of a server that [`Ending::verdict`] obeys, be it in seconds or a
    /// date; a longer one counts as this. Default: one hour.
    ///
    /// # Platform-specific
    ///
    /// A browser hides the answer to the opening handshake.
    pub fn longest_retry_after(mut self, limit: Duration) -> Reconnect {
        self.0.backoff.retry_after = limit;
        self
    }

    /// Makes the delays the same in each run. Default: they are random.
    pub fn seed(mut self, seed: u64) -> Reconnect {
        self.0.backoff.random = SplitMix64(seed);
        self
    }

    /// The number of bytes of messages that may be accepted and not written, plus 32 for each:
    /// those that wait for a connection, and those that the peer of a connection does not read.
    /// Beyond it [`when_full`](Self::when_full) decides, unless the queue is empty: one message
    /// always fits. Messages that a lost connection left unwritten always fit. The connection is
    /// handed at most 128 KiB at once, or one larger message. Default: 1 MiB.
    pub fn queue(mut self, bytes: usize) -> Reconnect {
        self.0.outbox.bound = bytes;
        self
    }

    /// The treatment of a message that does not fit. Default: [`WhenFull::Refuse`].
    pub fn when_full(mut self, when_full: WhenFull) -> Reconnect {
        self.0.outbox.when_full = when_full;
        self
    }

    /// Makes what goes out first on each connection, in front of all that waits: to log in, to
    /// subscribe again. These messages have no number, and none of them is sent on another
    /// connection. Default: nothing.
    pub fn greeting(
        mut self,
        greeting: impl FnMut(&Info) -> Vec<Message> + MaybeSend + 'static,
    ) -> Reconnect {
        self.0.greeting = Some(Box::new(greeting));
        self
    }

    /// Decides whether to try again. Default: [`Ending::verdict`].
    pub fn decide(
        mut self,
        decide: impl FnMut(&Ending) -> Verdict + MaybeSend + 'static,
    ) -> Reconnect {
        self.0.decide = Box::new(decide);
        self
    }

    /// See [`delays`](Self::delays): the first bound, and the highest.
    pub fn get_delays(&self) -> (Duration, Duration) {
        (self.0.backoff.first, self.0.backoff.maximum)
    }

    /// See [`attempts`](Self::attempts).
    pub fn get_attempts(&self) -> Option<u32> {
        self.0.backoff.attempts
    }

    /// See [`uptime`](Self::uptime).
    pub fn get_uptime(&self) -> Duration {
        self.0.backoff.uptime
    }

    /// See [`queue`](Self::queue).
    pub fn get_queue(&self) -> usize {
        self.0.outbox.bound
    }

    /// See [`when_full`](Self::when_full).
    pub fn get_when_full(&self) -> WhenFull {
        self.0.outbox.when_full
    }
}

impl fmt::Debug for Reconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnect")
            .field("backoff", &self.0.backoff)
            .finish_non_exhaustive()
    }
}

impl<M: Payload> Policy<M> {
    pub(crate) fn new(request: Box<dyn Ask>) -> Policy<M> {
        Policy {
            request,
            greeting: None,
            decide: Box::new(|ending: &Ending| ending.verdict()),
            backoff: Backoff::new(),
            outbox: Outbox::new(),
        }
    }
}

/// A closure that makes requests.
pub(crate) trait Ask: MaybeSend {
    fn ask(&mut self, attempt: u32) -> Asking;
}

/// A request that is being made.
pub(crate) type Asking = Pin<Box<dyn RequestFuture>>;

pub(crate) trait RequestFuture: Future<Output = Result<Request, Error>> + MaybeSend {}

impl<R: Future<Output = Result<Request, Error>> + MaybeSend> RequestFuture for R {}

impl<F, R> Ask for F
where
    F: FnMut(u32) -> R + MaybeSend,
    R: Future<Output = Result<Request, Error>> + MaybeSend + 'static,
{
    fn ask(&mut self, attempt: u32) -> Asking {
        Box::pin(self(attempt))
    }
}

pub(crate) trait Greet<M>: FnMut(&Info) -> Vec<M> + MaybeSend {}

impl<M, F: FnMut(&Info) -> Vec<M> + MaybeSend> Greet<M> for F {}

pub(crate) trait Decide: FnMut(&Ending) -> Verdict + MaybeSend {}

impl<F: FnMut(&Ending) -> Verdict + MaybeSend> Decide for F {}
