//! The client's opening handshake (RFC 6455 §4.1) as plain data, and what is checked of a request
//! before anything is sent.

use async_tungstenite::tungstenite::handshake::client::generate_key;

use super::endpoint::Endpoint;
use super::handshake::{Handshake, refused};
use super::own_headers;
use crate::backend::native::permessage_deflate;
use crate::compression::Compression;
use crate::error::Error;
use crate::headers::Headers;
use crate::info::{Facts, Info};
use crate::negotiated::Negotiated;
use crate::options::Options;
use crate::request::Request;
use crate::response::Response;
use crate::role::Role;

/// A client's opening handshake as plain data; the application sends it.
pub(crate) struct ClientHandshake {
    url: Endpoint,
    request: Request,
    compression: Option<Compression>,
    key: String,
    lines: Headers,
}

impl ClientHandshake {
    pub(crate) fn new(mut request: Request, options: &Options) -> Result<ClientHandshake, Error> {
        let url = check(&mut request, options)?;
        let mut handshake = ClientHandshake {
            url,
            request,
            compression: permessage_deflate::wanted(options).copied(),
            key: generate_key(),
            lines: Headers::default(),
        };
        handshake.lines = handshake.as_sent().lines(&handshake.key, None);
        Ok(handshake)
    }

    pub(crate) fn url(&self) -> String {
        self.url.to_string()
    }

    pub(crate) fn target(&self) -> &str {
        &self.url.target
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.lines
    }

    pub(crate) fn finish(self, answer: Response) -> Result<Negotiated, Error> {
        if answer.status != 101 {
            return Err(refused(answer));
        }
        let opened = self.as_sent().opened(answer, &self.key, Vec::new())?;
        let info = Info::from(Facts {
            subprotocol: opened.subprotocol,
            extensions: opened.extensions,
            headers: opened.headers,
            ..facts(&self.url, &self.request)
        });
        Ok(Negotiated::with_info(Role::Client, info, opened.deflate))
    }

    fn as_sent(&self) -> Handshake<'_> {
        Handshake {
            url: &self.url,
            request: &self.request,
            compression: self.compression.as_ref(),
        }
    }
}

/// Checks a request, and writes it as it is sent.
pub(crate) fn check(request: &mut Request, options: &Options) -> Result<Endpoint, Error> {
    let target = request.check()?;
    request.check_subprotocols()?;
    options.check_features(request.required(&target))?;
    let url = Endpoint::new(&target)?;
    own_headers::to_ascii(request)?;
    Ok(url)
}

/// The facts of an [`Info`](crate::Info) that a request determines.
pub(crate) fn facts(url: &Endpoint, request: &Request) -> Facts {
    Facts {
        request_url: url.to_string(),
        resource_name: url.target.clone(),
        origin: request
            .headers()
            .get("Origin")
            .or(request.get_origin())
            .map(str::to_owned),
        peer_name: url.host.to_lookup().into_owned(),
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    use async_tungstenite::tungstenite::handshake::derive_accept_key;

    use super::*;
    use crate::error::ErrorKind;

    fn handshake(options: &Options) -> ClientHandshake {
        let request = Request::new("wss://user:secret@B\u{fc}cher.example:8443/room?a")
            .subprotocol("chat")
            .header("Cookie", "a=b");
        ClientHandshake::new(request, options).unwrap()
    }

    /// An answer to its key.
    fn answer(handshake: &ClientHandshake, status: u16, more: &[(&str, &str)]) -> Response {
        let key = handshake.headers().get("Sec-WebSocket-Key").unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let lines = [
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", &*accept),
        ];
        let lines = lines.into_iter().chain(more.iter().copied());
        Response::new(status, Headers::from_iter(lines))
    }

    #[test]
    fn what_is_sent_and_answered_is_what_was_negotiated() {
        let options = Options::new().compression(Compression::new());
        let asked = handshake(&options);
        assert_eq!(asked.url(), "wss://xn--bcher-kva.example:8443/room?a");
        assert_eq!(asked.target(), "/room?a");
        for (name, value) in [
            ("Host", "xn--bcher-kva.example:8443"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Protocol", "chat"),
            ("Cookie", "a=b"),
        ] {
            assert_eq!(asked.headers().get(name), Some(value));
        }
        // Credentials are sent to who asks for them, never unasked.
        assert_eq!(asked.headers().get("Authorization"), None);
        let extension = "permessage-deflate; client_no_context_takeover";
        let agreed = [
            ("Sec-WebSocket-Protocol", "chat"),
            ("Sec-WebSocket-Extensions", extension),
        ];
        let answer = answer(&asked, 101, &agreed);
        let negotiated = asked.finish(answer).unwrap();
        assert_eq!(negotiated.role(), Role::Client);
        let deflate = negotiated.deflate.expect("it was agreed on");
        assert!(!deflate.outgoing.context_takeover && deflate.incoming.context_takeover);
        let info = negotiated.info();
        assert_eq!(
            info.request_url(),
            "wss://xn--bcher-kva.example:8443/room?a"
        );
        assert_eq!(info.peer_name(), "xn--bcher-kva.example");
        assert_eq!(info.subprotocol(), Some("chat"));
        assert_eq!(info.extensions(), extension);
    }

    #[test]
    fn an_answer_that_breaks_a_rule_is_in_the_error() {
        let options = Options::new();
        for (status, more) in [
            (200, &[][..]),
            (101, &[("Sec-WebSocket-Protocol", "other")]),
            (101, &[("Sec-WebSocket-Extensions", "permessage-deflate")]),
            (
                101,
                &[("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")],
            ),
        ] {
            let asked = handshake(&options);
            let answer = answer(&asked, status, more);
            let error = asked.finish(answer).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Handshake);
            assert_eq!(error.response().unwrap().status(), status);
        }
    }

    #[test]
    fn a_request_that_may_not_be_sent_is_refused() {
        for request in [
            Request::new("http://a/"),
            Request::new("ws://a/").header("Upgrade", "h2c"),
            Request::new("ws://a/").subprotocol("a b"),
        ] {
            let error = ClientHandshake::new(request, &Options::new())
                .err()
                .unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }
}
