use std::fmt;

/// Why a script or a log could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl ParseError {
    pub(crate) fn new(what: &str, text: &str) -> Self {
        let shown: String = text.chars().take(80).collect();
        Self(format!("{what}: {shown:?}"))
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

/// Parses a number or another value with a fitting message.
pub(crate) fn value<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, ParseError> {
    text.parse().map_err(|_| ParseError::new(what, text))
}
