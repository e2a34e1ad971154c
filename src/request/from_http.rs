//! Requests from the types of the `http` crate.

use http::header;

use super::Request;
use crate::error::Error;

/// With the crate feature `http`.
impl From<http::Uri> for Request {
    fn from(uri: http::Uri) -> Request {
        Request::new(uri.to_string())
    }
}

/// With the crate feature `http`. What belongs to the handshake itself, such as
/// `Sec-WebSocket-Key`, is left out; the items of `Sec-WebSocket-Protocol` are the subprotocols. So
/// what was made for another library can be taken. `Host` and `Origin` stay as they are.
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a method other than `GET` and for a value
/// that is not text.
impl TryFrom<http::Request<()>> for Request {
    type Error = Error;

    fn try_from(from: http::Request<()>) -> Result<Request, Error> {
        if from.method() != http::Method::GET {
            return Err(Error::invalid_input(
                "the method of an opening handshake is GET (RFC 6455 §4.1)",
            ));
        }
        let mut request = Request::from(from.uri().clone());
        for (name, value) in from.headers() {
            let value = value.to_str().map_err(|error| {
                let why = " has a value that is not text";
                Error::invalid_name("the header ", name.as_str(), why).with_source(error)
            })?;
            if *name == header::SEC_WEBSOCKET_PROTOCOL {
                let items = value.split(',').map(str::trim);
                request = items.fold(request, Request::subprotocol);
            } else if !is_of_the_handshake(name) {
                request = request.header(name.as_str(), value);
            }
        }
        Ok(request)
    }
}

fn is_of_the_handshake(name: &header::HeaderName) -> bool {
    *name == header::UPGRADE
        || *name == header::CONNECTION
        || name.as_str().starts_with("sec-websocket-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_request_of_another_library_is_taken() {
        let from = http::Request::get("wss://h/a?b")
            .header("Host", "h")
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Sec-WebSocket-Protocol", "chat.v2, chat.v1")
            .header("Authorization", "Bearer token");
        let expected = Request::new("wss://h/a?b")
            .header("host", "h")
            .subprotocol("chat.v2")
            .subprotocol("chat.v1")
            .header("authorization", "Bearer token");
        let request = Request::try_from(from.body(()).unwrap()).unwrap();
        assert_eq!(request, expected);
        assert!(request.check().is_ok());
        let uri: http::Uri = "wss://h/a?b".parse().unwrap();
        assert_eq!(Request::from(uri), Request::new("wss://h/a?b"));
    }

    #[test]
    fn what_is_no_opening_handshake_is_refused() {
        let post = http::Request::post("ws://h/").body(()).unwrap();
        let binary = http::Request::get("ws://h/").header("X", &b"\xff"[..]);
        for from in [post, binary.body(()).unwrap()] {
            let error = Request::try_from(from).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }
}
