use std::borrow::Cow;

use crate::close::CloseCode;
use crate::error::ErrorKind;

/// A violation by the peer, and the close code for it (RFC 6455 §7.4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: CloseCode,
    pub(crate) reason: Cow<'static, str>,
}

impl Violation {
    pub(crate) fn protocol(reason: impl Into<Cow<'static, str>>) -> Violation {
        Violation {
            code: CloseCode::PROTOCOL,
            reason: reason.into(),
        }
    }

    pub(crate) fn invalid_payload(reason: &'static str) -> Violation {
        Violation {
            code: CloseCode::INVALID_PAYLOAD,
            reason: reason.into(),
        }
    }

    pub(crate) fn too_large(reason: &'static str) -> Violation {
        Violation {
            code: CloseCode::TOO_LARGE,
            reason: reason.into(),
        }
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        if self.code == CloseCode::TOO_LARGE {
            ErrorKind::TooLarge
        } else {
            ErrorKind::Protocol
        }
    }
}
