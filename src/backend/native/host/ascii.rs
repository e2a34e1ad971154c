//! Names in any script (RFC 5891, UTS #46).

use std::borrow::Cow;

use idna::AsciiDenyList;

use super::NOT_IN_HOSTS;

pub(super) const NO_HOST: &str = "is not a host";

/// A name in lower case and in ASCII, if it can be one.
pub(super) fn lower(name: &str) -> Option<Cow<'_, str>> {
    const DENIED: AsciiDenyList = AsciiDenyList::new(true, NOT_IN_HOSTS);

    idna::domain_to_ascii_cow(name.as_bytes(), DENIED).ok()
}
