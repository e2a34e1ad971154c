//! Handshakes in the types of the `http` crate.

use super::{ClientHandshake, ServerHandshake};
use crate::error::Error;

/// With the crate feature `http`; as [`ServerHandshake::new`].
impl<B> TryFrom<&http::Request<B>> for ServerHandshake {
    type Error = Error;

    fn try_from(request: &http::Request<B>) -> Result<ServerHandshake, Error> {
        let target = request.uri().to_string();
        ServerHandshake::new(request.method().as_str(), &target, request.headers())
    }
}

/// With the crate feature `http`. The URI is the [path](ClientHandshake::resource_name) alone, as a
/// connection to the server itself has it.
impl<B: Default> From<&ClientHandshake> for http::Request<B> {
    fn from(handshake: &ClientHandshake) -> http::Request<B> {
        let mut request = http::Request::new(B::default());
        // It was checked, and is in ASCII.
        *request.uri_mut() = handshake.resource_name().parse().unwrap_or_default();
        *request.headers_mut() = http::HeaderMap::from(handshake.headers());
        request
    }
}
