//! Percent-escapes, as URLs, scripts and logs use them.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

const VALUE: &AsciiSet = &CONTROLS.add(b'%').add(b';').add(b',').add(b'|').add(b'+');

const FIELD: &AsciiSet = &CONTROLS.add(b'%');

const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b';')
    .remove(b',')
    .remove(b':')
    .remove(b'=')
    .remove(b'*');

/// A value inside a script: free of the script's separators.
pub(crate) fn value(bytes: impl AsRef<[u8]>) -> String {
    percent_encode(bytes.as_ref(), VALUE).to_string()
}

/// A field of a log line: free of tabs and line ends.
pub(crate) fn field(text: &str) -> String {
    percent_encode(text.as_bytes(), FIELD).to_string()
}

/// The value of a URL's query parameter.
pub(crate) fn query(text: &str) -> String {
    percent_encode(text.as_bytes(), QUERY).to_string()
}

/// Undoes any of the others.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// Undoes any of the others, for what is text.
pub(crate) fn decode_text(text: &str) -> String {
    String::from_utf8_lossy(&decode(text)).into_owned()
}
