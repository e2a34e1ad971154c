use bytes::Bytes;

use crate::headers::Headers;

/// An HTTP answer that is not the expected "101 Switching Protocols", or a 101 that breaks a rule of
/// RFC 6455 §4.1; found in [`Error::response`](crate::Error::response).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

impl Response {
    /// The status code, such as 404.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase; often empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The header lines.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The first part of the body: at most 16 KiB of what arrived with the headers or shortly
    /// after.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}
