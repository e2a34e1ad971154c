#[cfg(feature = "http")]
mod to_http;

use bytes::Bytes;

use crate::headers::Headers;

/// An answer to an opening handshake.
///
/// [`Error::response`](crate::Error::response) has the one that was not the expected "101 Switching
/// Protocols", or a 101 that breaks a rule of RFC 6455 §4.1; where we are the server, the one that
/// refuses the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

impl Response {
    /// An answer without a body, with the usual reason phrase left out.
    pub fn new(status: u16, headers: impl Into<Headers>) -> Response {
        Response {
            status,
            reason: String::new(),
            headers: headers.into(),
            body: Bytes::new(),
        }
    }

    /// With this reason phrase. Default: empty.
    pub fn with_reason(mut self, reason: impl Into<String>) -> Response {
        self.reason = reason.into();
        self
    }

    /// With this body. Default: empty.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Response {
        self.body = body.into();
        self
    }

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
