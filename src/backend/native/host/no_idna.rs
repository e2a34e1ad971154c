//! Names in ASCII alone.

use std::borrow::Cow;

use super::NOT_IN_HOSTS;

pub(super) const NO_HOST: &str =
    "is not a host, or is one that only the crate feature `idna` can read";

/// A name in lower case, if it can be one.
pub(super) fn lower(name: &str) -> Option<Cow<'_, str>> {
    let is_in_hosts = |c: char| c.is_ascii_graphic() && !NOT_IN_HOSTS.contains(c);
    if !name.chars().all(is_in_hosts) {
        return None;
    }
    Some(match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name.to_ascii_lowercase().into(),
        false => name.into(),
    })
}
