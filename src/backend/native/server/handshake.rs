//! The rules of a client's opening handshake (RFC 6455 §4.2), and its answer, as plain data.

use std::mem;

use async_tungstenite::tungstenite::handshake::derive_accept_key;

use super::origins::Origins;
use super::refusal::{Refused, answer, check_answer, refusal};
use crate::backend::native::host::Host;
use crate::backend::native::permessage_deflate;
use crate::compression::Compression;
use crate::error::Error;
use crate::grammar::is_token;
use crate::headers::Headers;
use crate::info::{Facts, Info};
use crate::negotiated::Negotiated;
use crate::response::Response;
use crate::role::Role;
use crate::url::Authority;

/// The head of a request.
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Headers,
}

/// An opening handshake that keeps the rules.
pub(crate) struct ServerHandshake {
    key: String,
    info: Info,
    /// The application's lines of the answer.
    own_lines: Headers,
}

impl ServerHandshake {
    /// An error has the answer that refuses the client.
    pub(crate) fn new(method: &str, target: &str, headers: Headers) -> Result<Self, Error> {
        let head = Head {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
        };
        ServerHandshake::read(head, "ws").map_err(Refused::into_error)
    }

    /// A handshake that came for a URL of this scheme.
    pub(crate) fn read(head: Head, scheme: &str) -> Result<ServerHandshake, Refused> {
        let Asked {
            key,
            host,
            resource_name,
        } = check(&head).map_err(|(status, why)| Refused { status, why })?;
        Ok(ServerHandshake {
            key,
            info: Info::from(Facts {
                request_url: format!("{scheme}://{host}{resource_name}"),
                resource_name,
                origin: head.headers.get("Origin").map(str::to_owned),
                headers: head.headers,
                ..Facts::default()
            }),
            own_lines: Headers::default(),
        })
    }

    pub(crate) fn info(&self) -> &Info {
        &self.info
    }

    /// Its facts, as far as the transport knows them.
    pub(crate) fn facts_mut(&mut self) -> &mut Facts {
        self.info.facts_mut()
    }

    /// The subprotocols that the client offers.
    pub(crate) fn subprotocols(&self) -> impl Iterator<Item = &str> {
        self.info.headers().tokens("Sec-WebSocket-Protocol")
    }

    /// Adds a line to the answer, whichever it will be.
    pub(crate) fn header(&mut self, name: String, value: String) {
        self.own_lines.push(name, value);
    }

    /// Checks that a page of its origin may connect; an error has the answer that refuses it.
    pub(crate) fn check_origin(&self, allowed: &[String]) -> Result<(), Error> {
        match Origins::new(Some(allowed))?.allow(self.info.headers()) {
            true => Ok(()),
            false => Err(Origins::REFUSED.into_error()),
        }
    }

    /// Checks that [`accept`](Self::accept) can answer so.
    pub(crate) fn check_accept(&self, subprotocol: Option<&str>) -> Result<(), Error> {
        if let Some(name) = subprotocol
            && !self.subprotocols().any(|offered| offered == name)
        {
            return Err(Error::invalid_input(format!(
                "the client did not offer the subprotocol {name:?}"
            )));
        }
        check_answer(&self.own_lines)
    }

    /// The 101 and what it agrees on. Consumes the facts of the handshake.
    pub(crate) fn accept(
        &mut self,
        subprotocol: Option<&str>,
        compression: Option<&Compression>,
    ) -> Result<(Response, Negotiated), Error> {
        self.check_accept(subprotocol)?;
        let mut info = mem::take(&mut self.info);
        let mut headers = Headers::default();
        headers.push("Upgrade", "websocket");
        headers.push("Connection", "Upgrade");
        headers.push(
            "Sec-WebSocket-Accept",
            derive_accept_key(self.key.as_bytes()),
        );
        if let Some(name) = subprotocol {
            headers.push("Sec-WebSocket-Protocol", name);
            info.facts_mut().subprotocol = Some(name.to_owned());
        }
        let chosen = compression.and_then(|c| permessage_deflate::choose(info.headers(), c));
        let deflate = chosen.map(|(deflate, extension)| {
            headers.push("Sec-WebSocket-Extensions", &*extension);
            info.facts_mut().extensions = extension;
            deflate
        });
        headers.append(mem::take(&mut self.own_lines));
        let negotiated = Negotiated::with_info(Role::Server, info, deflate);
        Ok((answer(101, headers), negotiated))
    }

    /// The answer with a status of 400 to 599.
    pub(crate) fn refuse(&mut self, status: u16) -> Result<Response, Error> {
        if !(400..=599).contains(&status) {
            return Err(Error::invalid_input("a refusal has a status of 400 to 599"));
        }
        check_answer(&self.own_lines)?;
        Ok(refusal(status, mem::take(&mut self.own_lines)))
    }
}

/// The parts of a client's request that the answer depends on.
#[derive(Debug)]
struct Asked {
    key: String,
    host: String,
    resource_name: String,
}

/// The rules of RFC 6455 §4.2.1; a refusal is a status with what is wrong.
fn check(head: &Head) -> Result<Asked, (u16, &'static str)> {
    let headers = &head.headers;
    if head.method != "GET" {
        return Err((405, "the method is not GET"));
    }
    let mut hosts = headers.get_all("Host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err((400, "the request has not one Host (RFC 9112 §3.2)"));
    };
    let Some((authority, resource_name)) = split_target(&head.target) else {
        return Err((400, "the target of the request is not a resource"));
    };
    if !is_host(host) || !authority.is_none_or(is_host) {
        return Err((400, "the host of the request is none (RFC 9112 §3.2)"));
    }
    if has_content(headers) {
        return Err((400, "the request has content"));
    }
    if !headers.has_token("Upgrade", "websocket") || !headers.has_token("Connection", "Upgrade") {
        return Err((426, "the request does not ask for a WebSocket"));
    }
    if headers.get("Sec-WebSocket-Version") != Some("13") {
        return Err((426, "the version of the protocol is not 13"));
    }
    if !headers.tokens("Sec-WebSocket-Protocol").all(is_token) {
        return Err((400, "a subprotocol is not a token"));
    }
    let mut keys = headers.get_all("Sec-WebSocket-Key");
    match (keys.next(), keys.next()) {
        (Some(key), None) if is_key(key) => Ok(Asked {
            key: key.to_owned(),
            host: authority.unwrap_or(host).to_owned(),
            resource_name,
        }),
        _ => Err((400, "Sec-WebSocket-Key is not a key")),
    }
}

/// Returns whether this is a host, with or without a port: ASCII, without a user (RFC 9110 §4.2.4)
/// and without a zone (RFC 6874 §4). It may not be empty, since it becomes part of a URL (RFC 9110
/// §4.2.1).
fn is_host(authority: &str) -> bool {
    let is_plain = authority.is_ascii() && !authority.contains(['@', '%']);
    is_plain && Authority::parse(authority).is_ok_and(|parts| Host::parse(parts.host).is_ok())
}

/// Returns whether something other than frames may follow the head, which would be read as such
/// (RFC 9112 §6.3). Some clients say that there is none.
fn has_content(headers: &Headers) -> bool {
    let is_nothing = |length: &str| length.parse() == Ok(0_u8);
    headers.get("Transfer-Encoding").is_some() || !headers.get_all("Content-Length").all(is_nothing)
}

/// Path and query of a request's target, and the authority that an absolute one has in place of
/// `Host` (RFC 9112 §3.2).
fn split_target(target: &str) -> Option<(Option<&str>, String)> {
    // A fragment stays with the client (RFC 9112 §3.2.1).
    if target.contains('#') {
        return None;
    }
    if target.starts_with('/') {
        return Some((None, target.to_owned()));
    }
    let (scheme, rest) = target.split_once("://")?;
    if !["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, resource) = rest.split_at(end);
    let root = if resource.starts_with('/') { "" } else { "/" };
    (!authority.is_empty()).then(|| (Some(authority), format!("{root}{resource}")))
}

/// Returns whether this is the Base64 form of 16 bytes.
fn is_key(key: &str) -> bool {
    key.len() == 24
        && key.ends_with("==")
        && key[..22]
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

#[cfg(test)]
#[path = "handshake_tests.rs"]
mod tests;
