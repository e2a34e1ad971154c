use std::fmt;

use bytestring::ByteString;

use crate::error::Error;
use crate::grammar::floor_char_boundary;
use crate::platform;

/// A status code of the closing handshake (RFC 6455 §7.4 and the IANA registry).
///
/// ```
/// use qwebsocket::CloseCode;
///
/// assert_eq!(CloseCode::from(1001), CloseCode::GOING_AWAY);
/// assert!(!CloseCode::NO_STATUS.is_sendable());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: CloseCode = CloseCode(1000);
    /// 1001: the server goes down or the page is left.
    pub const GOING_AWAY: CloseCode = CloseCode(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL: CloseCode = CloseCode(1002);
    /// 1003: this type of data is not accepted.
    pub const UNSUPPORTED_DATA: CloseCode = CloseCode(1003);
    /// 1005: the close frame carried no code. Never sent.
    pub const NO_STATUS: CloseCode = CloseCode(1005);
    /// 1006: the connection ended without a closing handshake. Never sent.
    pub const ABNORMAL: CloseCode = CloseCode(1006);
    /// 1007: text that is not UTF-8.
    pub const INVALID_PAYLOAD: CloseCode = CloseCode(1007);
    /// 1008: a policy was broken.
    pub const POLICY: CloseCode = CloseCode(1008);
    /// 1009: too large to be processed.
    pub const TOO_LARGE: CloseCode = CloseCode(1009);
    /// 1010: the client wanted an extension that the server did not grant.
    pub const MANDATORY_EXTENSION: CloseCode = CloseCode(1010);
    /// 1011: the server met an unexpected condition.
    pub const INTERNAL: CloseCode = CloseCode(1011);
    /// 1012: the server restarts.
    pub const SERVICE_RESTART: CloseCode = CloseCode(1012);
    /// 1013: try again later.
    pub const TRY_AGAIN_LATER: CloseCode = CloseCode(1013);
    /// 1014: the gateway got a bad answer.
    pub const BAD_GATEWAY: CloseCode = CloseCode(1014);
    /// 1015: the TLS handshake failed. Never sent.
    pub const TLS: CloseCode = CloseCode(1015);

    /// The code as a number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Returns `true` if a close frame may carry the code: 1000 to 1003, 1007 to 1014, 3000 to
    /// 4999.
    pub const fn is_sendable(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> CloseCode {
        CloseCode(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> u16 {
        code.0
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A close code with its reason.
///
/// The default is 1000 without a reason, as in Qt.
#[derive(Clone, PartialEq, Eq)]
pub struct Close {
    code: CloseCode,
    reason: ByteString,
}

impl Close {
    /// The longest reason that fits into a close frame, in bytes (RFC 6455 §5.5).
    pub const MAX_REASON: usize = 123;

    /// A code with a reason. A reason over [`MAX_REASON`](Self::MAX_REASON) bytes is cut at a
    /// character boundary.
    ///
    /// ```
    /// use qwebsocket::{Close, CloseCode};
    ///
    /// let close = Close::new(CloseCode::NORMAL, "é".repeat(100));
    /// assert_eq!(close.reason().len(), 122);
    /// ```
    pub fn new(code: impl Into<CloseCode>, reason: impl Into<ByteString>) -> Close {
        let reason = reason.into();
        let length = floor_char_boundary(&reason, Close::MAX_REASON);
        Close {
            code: code.into(),
            reason: match reason.get(..length) {
                Some(head) if length < reason.len() => platform::share_text(head.to_owned()),
                _ => reason,
            },
        }
    }

    /// The code.
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason, at most [`MAX_REASON`](Self::MAX_REASON) bytes.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn check_sendable(&self) -> Result<(), Error> {
        if self.code.is_sendable() {
            return Ok(());
        }
        Err(Error::invalid_input(
            "a close code that must not be sent (RFC 6455 §7.4)",
        ))
    }
}

impl Default for Close {
    fn default() -> Close {
        Close::from(CloseCode::NORMAL)
    }
}

impl From<CloseCode> for Close {
    fn from(code: CloseCode) -> Close {
        Close::new(code, ByteString::new())
    }
}

/// A code without a reason.
impl From<u16> for Close {
    fn from(code: u16) -> Close {
        CloseCode::from(code).into()
    }
}

/// A code with a reason, as [`new`](Close::new) makes it.
impl<C: Into<CloseCode>, R: Into<ByteString>> From<(C, R)> for Close {
    fn from((code, reason): (C, R)) -> Close {
        Close::new(code, reason)
    }
}

impl fmt::Debug for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Close({}, {:?})", self.code, self.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sendable_codes_are_those_of_the_rfc() {
        for code in [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999] {
            assert!(CloseCode(code).is_sendable(), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
            assert!(!CloseCode(code).is_sendable(), "{code}");
        }
    }

    #[test]
    fn a_code_makes_a_close() {
        assert_eq!(Close::from(1001), Close::new(1001, ""));
        assert_eq!(
            Close::from((CloseCode::POLICY, "no")),
            Close::new(1008, "no")
        );
        assert_eq!(
            Close::from((4000, String::from("x"))),
            Close::new(4000, "x")
        );
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        let close = Close::new(1000, format!("{}😀", "a".repeat(121)));
        assert_eq!(close.reason(), "a".repeat(121));
        let close = Close::new(1000, "a".repeat(123));
        assert_eq!(close.reason().len(), 123);
    }
}
