//! How a connection ended, and whether to reconnect.

use std::time::Duration;

use super::http_date;
use crate::close::Close;
use crate::error::{Error, ErrorKind};
use crate::platform;
use crate::response::Response;

/// The end of a connection, or of an attempt at one, as the basis for deciding on another.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub(super) was_connected: bool,
    pub(super) error: Option<Error>,
    pub(super) close: Option<Close>,
    pub(super) peer_close: Option<Close>,
    /// Attempts in a row, this one included, that were [refused](Self::is_refusal).
    pub(super) refusals: u32,
    /// The longest `Retry-After` that is obeyed.
    pub(super) retry_after: Duration,
}

/// So many refusals in a row are believed: with the default delays about a minute.
const REFUSALS: u32 = 10;

/// The decision on another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Retries after the usual delay.
    Retry,
    /// Retries after this time plus the usual delay, which spreads clients that were given the same
    /// time.
    RetryAfter(Duration),
    /// Makes no further attempt.
    GiveUp,
}

impl Ending {
    /// Returns `true` if there was a connection, and not only an attempt.
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

    /// The peer's own close frame, `None` when it never came.
    pub fn peer_close(&self) -> Option<&Close> {
        self.peer_close.as_ref()
    }

    /// The verdict without a [`decide`](super::Reconnect::decide).
    ///
    /// After an error it is to try again, unless nothing would change: [`InvalidInput`],
    /// [`Unsupported`], [`WrongState`], [`Authentication`], [`ProxyAuthentication`], and answers to
    /// the opening handshake with a status of 400 to 499, apart from 408, 425 and 429. A
    /// `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date, is obeyed up to a
    /// [bound](super::Reconnect::longest_retry_after).
    ///
    /// What hardly changes by itself is tried ten times in a row, about a minute with the default
    /// delays: an answer with another status below 500, or 501 or 505, one that is no valid answer
    /// at all, of the server or of the proxy ([`Handshake`], [`ProxyProtocol`], [`ProxyDenied`]),
    /// and a certificate that is not trusted.
    ///
    /// After a close frame it is to try again, unless the peer said that it is done (1000), that
    /// we are at fault and would be again (1002, 1003, 1007 to 1010), or something of the
    /// application's own (3000 to 4999), whose meaning only the application knows.
    ///
    /// [`InvalidInput`]: ErrorKind::InvalidInput
    /// [`Unsupported`]: ErrorKind::Unsupported
    /// [`WrongState`]: ErrorKind::WrongState
    /// [`Authentication`]: ErrorKind::Authentication
    /// [`ProxyAuthentication`]: ErrorKind::ProxyAuthentication
    /// [`Handshake`]: ErrorKind::Handshake
    /// [`ProxyProtocol`]: ErrorKind::ProxyProtocol
    /// [`ProxyDenied`]: ErrorKind::ProxyDenied
    ///
    /// # Platform-specific
    ///
    /// A browser hides the answer to the opening handshake, so all of them are tried again.
    pub fn verdict(&self) -> Verdict {
        if self.refusals >= REFUSALS {
            return Verdict::GiveUp;
        }
        if let Some(error) = &self.error {
            return self.after_error(error);
        }
        match self.close.as_ref().map(|close| close.code().get()) {
            Some(1000 | 1002 | 1003 | 1007..=1010 | 3000..=4999) => Verdict::GiveUp,
            _ => Verdict::Retry,
        }
    }

    /// Returns whether the attempt met something that hardly changes by itself.
    pub(super) fn is_refusal(&self) -> bool {
        let Some(error) = self.error.as_ref().filter(|_| platform::SHOWS_ANSWERS) else {
            return false;
        };
        match (error.kind(), error.response()) {
            (ErrorKind::Handshake, Some(response)) => {
                !matches!(response.status(), 408 | 425 | 429 | 500 | 502..=504 | 506..)
            }
            (ErrorKind::Handshake | ErrorKind::ProxyProtocol | ErrorKind::ProxyDenied, _) => true,
            (ErrorKind::Tls, _) => !error.tls_errors().is_empty(),
            _ => false,
        }
    }

    fn after_error(&self, error: &Error) -> Verdict {
        match (error.kind(), error.response()) {
            (ErrorKind::InvalidInput | ErrorKind::Unsupported(_) | ErrorKind::WrongState, _) => {
                Verdict::GiveUp
            }
            // Again and again with the same credentials, an account may be locked.
            (ErrorKind::Authentication | ErrorKind::ProxyAuthentication, _) => Verdict::GiveUp,
            (_, Some(response)) if platform::SHOWS_ANSWERS => self.after_response(response),
            _ => Verdict::Retry,
        }
    }

    fn after_response(&self, response: &Response) -> Verdict {
        match response.status() {
            408 | 425 | 429 => {}
            400..=499 => return Verdict::GiveUp,
            _ => {}
        }
        // A proxy that was configured wrongly may ask for centuries.
        match retry_after(response) {
            Some(time) => Verdict::RetryAfter(time.min(self.retry_after)),
            None => Verdict::Retry,
        }
    }
}

/// RFC 9110 §10.2.3: seconds, or a date, which is compared to the server's own clock.
fn retry_after(response: &Response) -> Option<Duration> {
    let headers = response.headers();
    let value = headers.get("Retry-After")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has are many seconds.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
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
    use crate::tls::error::{TlsError, TlsErrorKind};

    const HOUR: Duration = Duration::from_secs(3600);

    fn closed(code: u16) -> Verdict {
        let ending = Ending {
            was_connected: true,
            close: Some(CloseCode::from(code).into()),
            ..Ending::default()
        };
        ending.verdict()
    }

    fn failed(error: Error) -> Verdict {
        failed_again(error, 1)
    }

    /// The verdict on the last of so many failures in a row.
    fn failed_again(error: Error, times: u32) -> Verdict {
        let mut ending = Ending {
            error: Some(error),
            retry_after: HOUR,
            ..Ending::default()
        };
        ending.refusals = if ending.is_refusal() { times } else { 0 };
        ending.verdict()
    }

    fn answered(status: u16, lines: &[(&str, &str)]) -> Verdict {
        failed(answer(status, lines))
    }

    fn answer(status: u16, lines: &[(&str, &str)]) -> Error {
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
        Error::new(ErrorKind::Handshake, "refused").with_response(response)
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
            ..Ending::default()
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

    /// A faulty proxy asked for 584 billion years.
    #[test]
    fn retry_after_is_bounded() {
        let date = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for value in [
            "3601",
            "18446744073709551615",
            "99999999999999999999999",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            let verdict = answered(503, &[("Retry-After", value), date]);
            assert_eq!(verdict, Verdict::RetryAfter(HOUR), "{value}");
        }
        for value in ["-1", "", "1.5", "+5"] {
            assert_eq!(
                answered(503, &[("Retry-After", value), date]),
                Verdict::Retry
            );
        }
    }

    #[test]
    fn what_does_not_change_is_given_up_after_some_attempts() {
        let untrusted = TlsError::new(TlsErrorKind::SelfSignedCertificate, None);
        let lasting = [
            answer(200, &[]),
            answer(200, &[("Retry-After", "1")]),
            answer(301, &[]),
            answer(501, &[]),
            ErrorKind::Handshake.into(),
            ErrorKind::ProxyProtocol.into(),
            ErrorKind::ProxyDenied.into(),
            Error::from(ErrorKind::Tls).with_tls_errors(vec![untrusted]),
        ];
        for error in lasting {
            assert_ne!(failed_again(error.clone(), 9), Verdict::GiveUp, "{error:?}");
            assert_eq!(
                failed_again(error.clone(), 10),
                Verdict::GiveUp,
                "{error:?}"
            );
        }
        let passing = [
            answer(429, &[]),
            answer(500, &[]),
            answer(503, &[]),
            answer(504, &[]),
            ErrorKind::ConnectionRefused.into(),
            ErrorKind::TimedOut.into(),
            ErrorKind::Tls.into(),
        ];
        for error in passing {
            assert_eq!(
                failed_again(error.clone(), 1000),
                Verdict::Retry,
                "{error:?}"
            );
        }
    }
}
