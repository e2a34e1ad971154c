//! Whether to come back.

use std::time::Duration;

use super::http_date;
use crate::close::Close;
use crate::error::{Error, ErrorKind};
use crate::platform;
use crate::response::Response;

/// How a connection, or an attempt at one, ended; to decide whether to try again.
#[derive(Clone, Debug)]
pub struct Ending {
    pub(super) was_connected: bool,
    pub(super) error: Option<Error>,
    pub(super) close: Option<Close>,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// After the usual delay.
    Retry,
    /// After this time and the usual delay, which spreads those who were told the same time.
    RetryAfter(Duration),
    /// No more.
    GiveUp,
}

impl Ending {
    /// Whether there was a connection, and not only an attempt.
    pub fn was_connected(&self) -> bool {
        self.was_connected
    }

    /// The error that it ended with, if it did.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Code and reason that the connection was closed with.
    pub fn close(&self) -> Option<&Close> {
        self.close.as_ref()
    }

    /// The verdict without a [`decide`](super::Reconnect::decide).
    ///
    /// After an error it is to try again, unless nothing would change: [`InvalidInput`],
    /// [`Unsupported`], [`Authentication`], [`ProxyAuthentication`], and answers to the opening
    /// handshake with a status of 400 to 499, apart from 408, 425 and 429. A `Retry-After` is
    /// obeyed.
    ///
    /// After a close frame it is to try again, unless the peer said that it is done (1000), that
    /// we are at fault and would be again (1002, 1003, 1007 to 1010), or something of the
    /// application's own (3000 to 4999), whose meaning only the application knows.
    ///
    /// [`InvalidInput`]: ErrorKind::InvalidInput
    /// [`Unsupported`]: ErrorKind::Unsupported
    /// [`Authentication`]: ErrorKind::Authentication
    /// [`ProxyAuthentication`]: ErrorKind::ProxyAuthentication
    ///
    /// # Platform-specific
    ///
    /// A browser hides the answer to the opening handshake, so all of them are tried again.
    pub fn verdict(&self) -> Verdict {
        if let Some(error) = &self.error {
            return after_error(error);
        }
        match self.close.as_ref().map(|close| close.code().get()) {
            Some(1000 | 1002 | 1003 | 1007..=1010 | 3000..=4999) => Verdict::GiveUp,
            _ => Verdict::Retry,
        }
    }
}

fn after_error(error: &Error) -> Verdict {
    match (error.kind(), error.response()) {
        (ErrorKind::InvalidInput | ErrorKind::Unsupported(_), _) => Verdict::GiveUp,
        // Again and again with the same credentials, an account may be locked.
        (ErrorKind::Authentication | ErrorKind::ProxyAuthentication, _) => Verdict::GiveUp,
        (_, Some(response)) if platform::SHOWS_ANSWERS => after_response(response),
        _ => Verdict::Retry,
    }
}

fn after_response(response: &Response) -> Verdict {
    match response.status() {
        408 | 425 | 429 => {}
        400..=499 => return Verdict::GiveUp,
        _ => {}
    }
    retry_after(response).map_or(Verdict::Retry, Verdict::RetryAfter)
}

/// RFC 9110 §10.2.3: seconds, or a date, which is compared to the server's own clock.
fn retry_after(response: &Response) -> Option<Duration> {
    let headers = response.headers();
    let value = headers.get("Retry-After")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = http_date::parse(headers.get("Date")?.trim())?;
    let seconds = http_date::parse(value)?.saturating_sub(now);
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;
    use crate::close::CloseCode;
    use crate::features::Features;
    use crate::headers::Headers;

    fn closed(code: u16) -> Verdict {
        let ending = Ending {
            was_connected: true,
            error: None,
            close: Some(CloseCode::from(code).into()),
        };
        ending.verdict()
    }

    fn failed(error: Error) -> Verdict {
        let ending = Ending {
            was_connected: false,
            error: Some(error),
            close: None,
        };
        ending.verdict()
    }

    fn answered(status: u16, lines: &[(&str, &str)]) -> Verdict {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(*name, *value);
        }
        let response = Response {
            status,
            reason: String::new(),
            headers,
            body: Bytes::new(),
        };
        failed(Error::new(ErrorKind::Handshake, "refused").with_response(response))
    }

    #[test]
    fn close_codes_decide() {
        for code in [1001, 1005, 1006, 1011, 1012, 1013, 1014] {
            assert_eq!(closed(code), Verdict::Retry, "{code}");
        }
        for code in [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4999] {
            assert_eq!(closed(code), Verdict::GiveUp, "{code}");
        }
    }

    #[test]
    fn errors_decide_before_codes() {
        let ending = Ending {
            was_connected: true,
            error: Some(ErrorKind::Protocol.into()),
            close: Some(CloseCode::PROTOCOL.into()),
        };
        assert_eq!(ending.verdict(), Verdict::Retry);
        for kind in [ErrorKind::TimedOut, ErrorKind::HostNotFound, ErrorKind::Tls] {
            assert_eq!(failed(kind.into()), Verdict::Retry);
        }
        for kind in [
            ErrorKind::InvalidInput,
            ErrorKind::Unsupported(Features::PING),
            ErrorKind::Authentication,
            ErrorKind::ProxyAuthentication,
        ] {
            assert_eq!(failed(kind.into()), Verdict::GiveUp);
        }
    }

    #[test]
    fn the_servers_answer_decides() {
        for status in [302, 408, 425, 429, 500, 503] {
            assert_eq!(answered(status, &[]), Verdict::Retry, "{status}");
        }
        for status in [400, 401, 403, 404, 410, 426] {
            assert_eq!(answered(status, &[("Retry-After", "1")]), Verdict::GiveUp);
        }
    }

    #[test]
    fn retry_after_is_obeyed() {
        let date = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let after = |value, date| answered(503, &[("retry-after", value), date]);
        let seconds = |seconds| Verdict::RetryAfter(Duration::from_secs(seconds));
        assert_eq!(after("120", date), seconds(120));
        assert_eq!(after("Sun, 06 Nov 1994 08:51:37 GMT", date), seconds(120));
        assert_eq!(after("Sat, 05 Nov 1994 08:51:37 GMT", date), seconds(0));
        assert_eq!(after("soon", date), Verdict::Retry);
        assert_eq!(
            after("Sun, 06 Nov 1994 08:51:37 GMT", ("a", "b")),
            Verdict::Retry
        );
    }
}
