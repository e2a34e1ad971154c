use std::fmt;

use data_encoding::BASE64;
use sha1::{Digest, Sha1};

use crate::escape;
use crate::parse_error::ParseError;
use crate::payload::Payload;

const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols";
const AUTO: &str = "auto";

/// The server's answer to the opening handshake.
///
/// ```
/// use support::Accept;
///
/// let accept = Accept::new().protocol("chat2").header("Server: x").without_upgrade();
/// assert_eq!(accept.to_string(), "accept,no-upgrade,protocol=chat2,header=Server: x");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    status: String,
    upgrade: Option<String>,
    connection: Option<String>,
    key: Option<String>,
    protocol: Option<String>,
    headers: Vec<String>,
    tail: Payload,
}

impl Default for Accept {
    fn default() -> Self {
        Self {
            status: SWITCHING.to_owned(),
            upgrade: Some("websocket".to_owned()),
            connection: Some("Upgrade".to_owned()),
            key: Some(AUTO.to_owned()),
            protocol: None,
            headers: Vec::new(),
            tail: Payload::default(),
        }
    }
}

impl Accept {
    /// The correct answer, without a subprotocol and without extensions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the status line.
    pub fn status_line(mut self, line: impl Into<String>) -> Self {
        self.status = line.into();
        self
    }

    /// The value of `Upgrade`.
    pub fn upgrade(mut self, value: impl Into<String>) -> Self {
        self.upgrade = Some(value.into());
        self
    }

    /// Leaves out `Upgrade`.
    pub fn without_upgrade(mut self) -> Self {
        self.upgrade = None;
        self
    }

    /// The value of `Connection`.
    pub fn connection(mut self, value: impl Into<String>) -> Self {
        self.connection = Some(value.into());
        self
    }

    /// Leaves out `Connection`.
    pub fn without_connection(mut self) -> Self {
        self.connection = None;
        self
    }

    /// The value of `Sec-WebSocket-Accept`, in which `auto` stands for the correct one.
    pub fn key(mut self, value: impl Into<String>) -> Self {
        self.key = Some(value.into());
        self
    }

    /// Leaves out `Sec-WebSocket-Accept`.
    pub fn without_key(mut self) -> Self {
        self.key = None;
        self
    }

    /// The value of `Sec-WebSocket-Protocol`.
    pub fn protocol(mut self, value: impl Into<String>) -> Self {
        self.protocol = Some(value.into());
        self
    }

    /// Adds a header line, well-formed or not.
    pub fn header(mut self, line: impl Into<String>) -> Self {
        self.headers.push(line.into());
        self
    }

    /// Bytes that follow the answer in the same write, such as frames.
    pub fn tail(mut self, bytes: impl Into<Payload>) -> Self {
        self.tail = bytes.into();
        self
    }

    /// The answer to a request with this `Sec-WebSocket-Key`.
    pub fn response(&self, request_key: &str) -> Vec<u8> {
        let key = self.key.as_ref().map(|key| match key.contains(AUTO) {
            true => key.replace(AUTO, &accept_value(request_key)),
            false => key.clone(),
        });
        let mut response = format!("{}\r\n", self.status);
        for (name, value) in [
            ("Upgrade", &self.upgrade),
            ("Connection", &self.connection),
            ("Sec-WebSocket-Accept", &key),
            ("Sec-WebSocket-Protocol", &self.protocol),
        ] {
            if let Some(value) = value {
                response += &format!("{name}: {value}\r\n");
            }
        }
        for line in &self.headers {
            response += &format!("{line}\r\n");
        }
        response += "\r\n";

        let mut bytes = response.into_bytes();
        bytes.extend(self.tail.to_bytes());
        bytes
    }

    /// Reads the arguments of a script's `accept` step.
    pub(crate) fn parse<'a>(
        arguments: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ParseError> {
        arguments
            .into_iter()
            .try_fold(Self::new(), |accept, (name, value)| {
                let text = escape::decode_text(value);
                Ok(match name {
                    "status" => accept.status_line(text),
                    "upgrade" => accept.upgrade(text),
                    "no-upgrade" => accept.without_upgrade(),
                    "connection" => accept.connection(text),
                    "no-connection" => accept.without_connection(),
                    "accept" => accept.key(text),
                    "no-accept" => accept.without_key(),
                    "protocol" => accept.protocol(text),
                    "header" => accept.header(text),
                    "tail" => accept.tail(value.parse::<Payload>()?),
                    _ => return Err(ParseError::new("unknown argument of accept", name)),
                })
            })
    }
}

/// The step of a script.
impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = Self::default();
        f.write_str("accept")?;
        if self.status != default.status {
            write!(f, ",status={}", escape::value(&self.status))?;
        }
        for (name, value, default) in [
            ("upgrade", &self.upgrade, default.upgrade),
            ("connection", &self.connection, default.connection),
            ("accept", &self.key, default.key),
            ("protocol", &self.protocol, default.protocol),
        ] {
            match value {
                value if *value == default => {}
                Some(value) => write!(f, ",{name}={}", escape::value(value))?,
                None => write!(f, ",no-{name}")?,
            }
        }
        for line in &self.headers {
            write!(f, ",header={}", escape::value(line))?;
        }
        if !self.tail.is_empty() {
            write!(f, ",tail={}", self.tail)?;
        }
        Ok(())
    }
}

fn accept_value(request_key: &str) -> String {
    let digest = Sha1::new()
        .chain_update(request_key)
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    BASE64.encode(&digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_the_example_of_rfc_6455() {
        let response = Accept::new().response("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(
            String::from_utf8(response).unwrap(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        );
    }

    #[test]
    fn everything_can_be_overridden() {
        let accept = Accept::new()
            .status_line("Server: slow")
            .without_upgrade()
            .without_connection()
            .key("  auto ")
            .protocol("a, b")
            .header("no header")
            .tail(b"\x81\x01x");
        assert_eq!(
            accept.response("dGhlIHNhbXBsZSBub25jZQ=="),
            b"Server: slow\r\nSec-WebSocket-Accept:   s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n\
              Sec-WebSocket-Protocol: a, b\r\nno header\r\n\r\n\x81\x01x"
        );
    }
}
