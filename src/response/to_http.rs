//! Answers of the `http` crate.

use super::Response;
use crate::error::Error;
use crate::headers::Headers;

/// With the crate feature `http`. Without the body.
impl<B> From<&http::Response<B>> for Response {
    fn from(from: &http::Response<B>) -> Response {
        Response::new(from.status().as_u16(), Headers::from(from.headers()))
    }
}

/// With the crate feature `http`. Without the body, of which a handshake's answer has none.
impl<B: Default> From<Response> for http::Response<B> {
    fn from(from: Response) -> http::Response<B> {
        let mut to = http::Response::new(B::default());
        *to.status_mut() = http::StatusCode::from_u16(from.status)
            .unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        *to.headers_mut() = http::HeaderMap::from(&from.headers);
        to
    }
}

/// With the crate feature `http`: the answer that [refuses](crate::ServerHandshake) the client, so
/// that `?` in a handler does it. Any other error is the server's own, with status 500.
impl<B: Default> From<Error> for http::Response<B> {
    fn from(error: Error) -> http::Response<B> {
        let refusal = error.response().cloned();
        refusal
            .unwrap_or_else(|| Response::new(500, Headers::default()))
            .into()
    }
}
