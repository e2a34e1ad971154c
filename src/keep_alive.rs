use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::features::Features;
use crate::message::Message;
use crate::platform::{MaybeSend, MaybeSync};

/// Finds out whether a peer that is silent is still there; see
/// [`Options::keep_alive`](crate::Options::keep_alive).
///
/// After an interval of silence the peer is asked: with a [ping](Self::ping), or with a
/// [message](Self::probe) of the application's protocol. When it stays silent until the
/// [limit](Self::limit), the connection is lost: [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut), then the events of a
/// lost connection; [`closed`](crate::WebSocket::closed) is 1006.
///
/// Anything that arrives ends the silence, so a peer that sends by itself is not probed, and an
/// answer may follow a long message. Probes are queued behind messages: give a slow connection a
/// limit in which it can write its queue.
///
/// Time only counts while a task waits for [events](crate::WebSocket::poll_event): natively no
/// probe is sent in between, and everything that has arrived is read before the connection is
/// ended.
///
/// ```
/// use std::time::Duration;
/// use qwebsocket::{Features, KeepAlive, Message, Options, Socket};
///
/// let interval = Duration::from_secs(30);
/// let keep_alive = match Socket::FEATURES.contains(Features::PING) {
///     true => KeepAlive::ping(interval),
///     false => KeepAlive::probe(interval, "ping", |answer| answer.as_text() == Some("pong")),
/// };
/// let options = Options::new()
///     .keep_alive(keep_alive.limit(Duration::from_secs(10)))
///     .build()?;
/// # Ok::<(), qwebsocket::Error>(())
/// ```
///
/// # Platform-specific
///
/// A browser runs the timers of a page in the background less often, down to once a minute. Where
/// one comes late, the limit is longer once, by as much and at most by itself; it begins anew when
/// the page comes back from being frozen or from the back/forward cache.
#[derive(Clone)]
#[must_use = "a keep-alive does nothing until options have it"]
pub struct KeepAlive {
    pub(crate) interval: Duration,
    pub(crate) limit: Duration,
    pub(crate) form: Form,
}

/// Recognizes the answers to a probe.
pub(crate) type IsAnswer = Arc<dyn Recognize>;

#[derive(Clone)]
pub(crate) enum Form {
    Ping,
    Probe {
        message: Message,
        is_answer: IsAnswer,
    },
}

pub(crate) trait Recognize: Fn(&Message) -> bool + MaybeSend + MaybeSync {}

impl<F: Fn(&Message) -> bool + MaybeSend + MaybeSync> Recognize for F {}

impl KeepAlive {
    const LIMIT: Duration = Duration::from_secs(20);

    /// Pings the peer after it has been silent for `interval`, more than 0. These pings and their
    /// pongs emit no events and do not affect the round-trip times of the application's own.
    ///
    /// # Platform-specific
    ///
    /// Browsers have no ping: [`Features::PING`]. A [probe](Self::probe) works everywhere.
    pub fn ping(interval: Duration) -> KeepAlive {
        KeepAlive::new(interval, Form::Ping)
    }

    /// Sends `message` after the peer has been silent for `interval`, more than 0. The peer must
    /// answer it.
    ///
    /// Of the messages that `is_answer` recognizes, one for each probe is not emitted as
    /// [`Event::Message`](crate::Event::Message). It may call the socket. While a message is being
    /// [sent in parts](crate::WebSocket::send_part), no probe is sent.
    pub fn probe(
        interval: Duration,
        message: impl Into<Message>,
        is_answer: impl Fn(&Message) -> bool + MaybeSend + MaybeSync + 'static,
    ) -> KeepAlive {
        let form = Form::Probe {
            message: message.into(),
            is_answer: Arc::new(is_answer),
        };
        KeepAlive::new(interval, form)
    }

    fn new(interval: Duration, form: Form) -> KeepAlive {
        KeepAlive {
            interval,
            limit: KeepAlive::LIMIT,
            form,
        }
    }

    /// The time within which the peer must answer, more than 0. Default: 20 s.
    pub fn limit(mut self, limit: Duration) -> KeepAlive {
        self.limit = limit;
        self
    }

    /// The silence after which the peer is probed.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// See [`limit`](Self::limit).
    pub fn get_limit(&self) -> Duration {
        self.limit
    }

    pub(crate) fn required(&self) -> Features {
        match self.form {
            Form::Ping => Features::PING,
            Form::Probe { .. } => Features::NONE,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.interval.is_zero() || self.limit.is_zero() {
            return Err(Error::invalid_input(
                "the interval and the limit of a keep-alive are more than 0",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for KeepAlive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("KeepAlive");
        out.field("interval", &self.interval)
            .field("limit", &self.limit);
        if let Form::Probe { message, .. } = &self.form {
            out.field("probe", message);
        }
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Socket;
    use crate::error::ErrorKind;
    use crate::options::Options;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn options_check_it() {
        let build = |keep_alive| Options::new().keep_alive(keep_alive).build();
        let probe = KeepAlive::probe(s(1), "?", |_| true);
        assert!(build(probe.clone()).is_ok());
        for bad in [probe.limit(s(0)), KeepAlive::probe(s(0), "?", |_| true)] {
            assert_eq!(build(bad).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        let ping = build(KeepAlive::ping(s(1)));
        assert_eq!(ping.is_ok(), Socket::FEATURES.contains(Features::PING));
    }
}
