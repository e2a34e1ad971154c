use std::fmt;

use super::callback::Callback;
use crate::platform::{MaybeSend, MaybeSync};

/// A server's request for a pre-shared key, for
/// [`TlsConfig::pre_shared_key`](crate::TlsConfig::pre_shared_key): Qt's
/// `QSslPreSharedKeyAuthenticator`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    pub(crate) hint: Option<Vec<u8>>,
    pub(crate) max_identity: usize,
    pub(crate) max_key: usize,
}

impl KeyRequest {
    /// The server's hint which key it means; only up to TLS 1.2, and not every server gives one.
    pub fn hint(&self) -> Option<&[u8]> {
        self.hint.as_deref()
    }

    /// The maximum length of an identity, in bytes.
    pub fn max_identity(&self) -> usize {
        self.max_identity
    }

    /// The maximum length of a key, in bytes.
    pub fn max_key(&self) -> usize {
        self.max_key
    }
}

/// A key that both sides have, and the name by which the server knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PreSharedKey {
    pub(crate) identity: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl PreSharedKey {
    /// An identity without NUL, and a key. Either being longer than the [request](KeyRequest)
    /// allows refuses.
    pub fn new(identity: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> PreSharedKey {
        PreSharedKey {
            identity: identity.into(),
            key: key.into(),
        }
    }
}

/// Shows neither.
impl fmt::Debug for PreSharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreSharedKey(…)")
    }
}

pub(crate) type KeySource = Callback<dyn AnswerKey>;

/// A closure that knows keys.
pub(crate) trait AnswerKey:
    Fn(&KeyRequest) -> Option<PreSharedKey> + MaybeSend + MaybeSync
{
}

impl<F: Fn(&KeyRequest) -> Option<PreSharedKey> + MaybeSend + MaybeSync> AnswerKey for F {}
