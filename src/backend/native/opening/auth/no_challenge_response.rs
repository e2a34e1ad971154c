//! Without the crate feature `authentication` no challenge can be answered.

use crate::auth::{AuthScheme, Credentials};
use crate::error::Error;

pub(crate) enum ChallengeResponse {}

impl ChallengeResponse {
    pub(crate) fn choose<'a, L>(_: impl Fn() -> L) -> Result<ChallengeResponse, String>
    where
        L: Iterator<Item = &'a str>,
    {
        Err("it can be answered with the crate feature `authentication` only".into())
    }

    pub(crate) fn scheme(&self) -> AuthScheme {
        match *self {}
    }

    pub(crate) fn realm(&self) -> &str {
        match *self {}
    }

    pub(crate) fn is_stale(&self) -> bool {
        match *self {}
    }

    pub(crate) fn answer(&mut self, _: &Credentials, _: &str, _: &str) -> Result<String, Error> {
        match *self {}
    }
}
