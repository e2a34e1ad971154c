use std::borrow::Cow;

use crate::{CloseCode, ErrorKind};

/// What the peer did wrong, and the code that tells it so (RFC 6455 §7.4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Violation {
    pub(in super::super) code: CloseCode,
    pub(in super::super) reason: Cow<'static, str>,
}

impl Violation {
    pub(super) fn protocol(reason: impl Into<Cow<'static, str>>) -> Violation {
        Violation {
            code: CloseCode::PROTOCOL,
            reason: reason.into(),
        }
    }

    pub(super) fn invalid_payload(reason: &'static str) -> Violation {
        Violation {
            code: CloseCode::INVALID_PAYLOAD,
            reason: reason.into(),
        }
    }

    pub(super) fn too_large(reason: &'static str) -> Violation {
        Violation {
            code: CloseCode::TOO_LARGE,
            reason: reason.into(),
        }
    }

    pub(in super::super) fn kind(&self) -> ErrorKind {
        if self.code == CloseCode::TOO_LARGE {
            ErrorKind::TooLarge
        } else {
            ErrorKind::Protocol
        }
    }
}
