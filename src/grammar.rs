//! Pieces of the grammars of URLs and HTTP, as plain text.

use std::borrow::Cow;
use std::mem;

/// Returns whether one of the characters is a control character, C1 ones included.
pub(crate) fn holds_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Returns whether `text` is a token of RFC 9110 §5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~'))
}

/// Returns whether a label of a name is empty; the root's, behind the last dot, may be (RFC 1034
/// §3.1).
pub(crate) fn has_empty_label(name: &str) -> bool {
    let mut last = b'.';
    name.bytes()
        .any(|b| mem::replace(&mut last, b) == b'.' && b == b'.')
}

/// A URL, well-formed or not, without what stands in front of its host.
pub(crate) fn without_userinfo(url: &str) -> Cow<'_, str> {
    let rest = match split_before(url, |b| b == b':').1.strip_prefix("://") {
        Some(rest) => rest,
        None => url,
    };
    let scheme_and_slashes = url.strip_suffix(rest).unwrap_or_default();
    let (authority, path) = split_before(rest, |b| matches!(b, b'/' | b'?' | b'#' | b'\\'));
    match split_userinfo(authority) {
        (Some(_), host) => (scheme_and_slashes.to_owned() + host + path).into(),
        (None, _) => url.into(),
    }
}

/// The same without its query, too, where tokens live: what a log may hold.
pub(crate) fn without_secrets(url: &str) -> Cow<'_, str> {
    let url = without_userinfo(url);
    let (front, secret) = split_before(&url, |b| matches!(b, b'?' | b'#'));
    match secret.is_empty() {
        true => url,
        false => (front.to_owned() + "?…").into(),
    }
}

/// Splits an authority at its last `@`.
pub(crate) fn split_userinfo(authority: &str) -> (Option<&str>, &str) {
    let at = authority.bytes().rposition(|b| b == b'@');
    match at.and_then(|at| authority.split_at_checked(at)) {
        Some((userinfo, host)) => (Some(userinfo), host.trim_start_matches('@')),
        None => (None, authority),
    }
}

/// Splits a text in front of the first such ASCII character.
pub(crate) fn split_before(text: &str, is_stop: fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(is_stop);
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or((text, ""))
}

/// The last boundary of a character that is not behind `index`.
pub(crate) fn floor_char_boundary(text: &str, index: usize) -> usize {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let mut back = (0..=index.min(text.len())).rev();
    back.find(is_boundary).unwrap_or_default()
}
