use std::borrow::Cow;
use std::path::PathBuf;
use std::{fmt, fs};

use crate::error::{Error, ErrorKind};

/// Where the bytes of a certificate or a key are.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Bytes(Vec<u8>),
    File(PathBuf),
}

impl Source {
    /// The bytes, which may be a key.
    #[allow(dead_code)] // Not every backend does TLS by itself.
    pub(crate) fn read(&self) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            Source::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Source::File(path) => fs::read(path).map(Cow::Owned).map_err(|error| {
                let text = format!("cannot read {}", path.display());
                Error::quoting(ErrorKind::InvalidInput, &text, error)
            }),
        }
    }
}

/// Shows no bytes.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Source::File(path) => path.fmt(f),
        }
    }
}
