use std::fmt;

use data_encoding::HEXLOWER;

use crate::escape;
use crate::parse_error::{ParseError, value};
use crate::record::{Body, Entry, FrameRecord};

/// What the server saw of one run, connection by connection.
///
/// ```
/// use support::Log;
///
/// assert_eq!(Log::url("ws://127.0.0.1:8080", "case-1"), "ws://127.0.0.1:8080/log/case-1");
///
/// let log = Log::parse("1\trequest\tGET /run/case-1 HTTP/1.1\tHost: x\n1\teof\n").unwrap();
/// assert_eq!(log.request(1)[1], "Host: x");
/// assert_eq!(log.header(1, "host"), Some("x"));
/// assert!(log.hung_up(1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The entries of each connection.
    pub connections: Vec<Vec<Entry>>,
}

impl Log {
    /// Where the server at `base` (`ws://127.0.0.1:8080`) tells the log of a run, once there has
    /// been a connection and all of them have ended, or after 5 s.
    pub fn url(base: &str, id: &str) -> String {
        format!("{base}/log/{id}")
    }

    /// The same for so many connections, of which 0 does not wait for the first.
    pub fn url_of(base: &str, id: &str, connections: usize) -> String {
        format!("{base}/log/{id}?connections={connections}")
    }

    /// Where it tells the log at once, whatever has happened.
    pub fn url_now(base: &str, id: &str) -> String {
        format!("{base}/log/{id}?now")
    }

    /// The entries of one connection, counted from 1; none if there was no such connection.
    pub fn connection(&self, number: usize) -> &[Entry] {
        let connection = number.checked_sub(1).and_then(|i| self.connections.get(i));
        connection.map_or(&[], Vec::as_slice)
    }

    /// The frames that one connection brought.
    pub fn frames(&self, number: usize) -> Vec<&FrameRecord> {
        let entries = self.connection(number).iter();
        entries.filter_map(Entry::frame).collect()
    }

    /// The lines of one connection's first request head.
    pub fn request(&self, number: usize) -> &[String] {
        self.requests(number).next().unwrap_or_default()
    }

    /// The lines of each of one connection's request heads.
    pub fn requests(&self, number: usize) -> impl Iterator<Item = &[String]> {
        let entries = self.connection(number).iter();
        entries.filter_map(|entry| match entry {
            Entry::Request { lines } => Some(lines.as_slice()),
            _ => None,
        })
    }

    /// The value of the first header with this name in one connection's first request.
    pub fn header(&self, number: usize, name: &str) -> Option<&str> {
        self.headers(number, name).first().copied()
    }

    /// The values of all headers with this name in one connection's first request.
    pub fn headers(&self, number: usize, name: &str) -> Vec<&str> {
        header_values(self.request(number), name).collect()
    }

    /// The bytes that came on one connection, except request heads; 0 while it lasts.
    pub fn bytes(&self, number: usize) -> u64 {
        let mut entries = self.connection(number).iter();
        let total = entries.find_map(|entry| match entry {
            Entry::Bytes { total } => Some(*total),
            _ => None,
        });
        total.unwrap_or(0)
    }

    /// Whether the client ended a connection, one way or the other.
    pub fn hung_up(&self, number: usize) -> bool {
        let mut entries = self.connection(number).iter();
        entries.any(|entry| matches!(entry, Entry::Eof | Entry::Reset))
    }

    /// Whether all connections have ended.
    pub fn ended(&self) -> bool {
        let mut connections = self.connections.iter();
        connections.all(|entries| entries.contains(&Entry::Ended))
    }

    /// Reads what the server told.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut log = Self::default();
        for line in text.lines() {
            let mut fields = line.split('\t');
            let number: usize = value("no connection", fields.next().unwrap_or_default())?;
            let entry = parse_entry(line, fields)?;
            match number.checked_sub(log.connections.len()) {
                Some(1) => log.connections.push(vec![entry]),
                _ => number
                    .checked_sub(1)
                    .and_then(|index| log.connections.get_mut(index))
                    .ok_or_else(|| ParseError::new("connection out of order", line))?
                    .push(entry),
            }
        }
        Ok(log)
    }
}

/// The values of all headers with this name in a request head.
pub fn header_values<'a>(lines: &'a [String], name: &str) -> impl Iterator<Item = &'a str> {
    lines.iter().skip(1).filter_map(move |line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entries) in self.connections.iter().enumerate() {
            for entry in entries {
                write!(f, "{}\t", index + 1)?;
                write_entry(f, entry)?;
                f.write_str("\n")?;
            }
        }
        Ok(())
    }
}

fn write_entry(f: &mut fmt::Formatter<'_>, entry: &Entry) -> fmt::Result {
    match entry {
        Entry::Request { lines } => {
            f.write_str("request")?;
            lines
                .iter()
                .try_for_each(|line| write!(f, "\t{}", escape::field(line)))
        }
        Entry::Frame(frame) => {
            let mask = match frame.mask {
                Some(key) => HEXLOWER.encode(&key),
                None => "-".to_owned(),
            };
            write!(
                f,
                "frame\t{}\t{}\t{}\t{mask}\t{}\t",
                u8::from(frame.fin),
                frame.rsv,
                frame.opcode,
                frame.len
            )?;
            match &frame.body {
                Body::Bytes(bytes) => write!(f, "hex:{}", HEXLOWER.encode(bytes)),
                Body::Sha1(digest) => write!(f, "sha1:{digest}"),
            }
        }
        Entry::Socks5(message) => write!(f, "socks5\t{}", escape::field(message)),
        Entry::Eof => f.write_str("eof"),
        Entry::Reset => f.write_str("reset"),
        Entry::Timeout => f.write_str("timeout"),
        Entry::Error(message) => write!(f, "error\t{}", escape::field(message)),
        Entry::Rest { len, head } => write!(f, "rest\t{len}\t{}", HEXLOWER.encode(head)),
        Entry::Bytes { total } => write!(f, "bytes\t{total}"),
        Entry::Ended => f.write_str("ended"),
    }
}

fn parse_entry<'a>(
    line: &str,
    mut fields: impl Iterator<Item = &'a str>,
) -> Result<Entry, ParseError> {
    let fail = || ParseError::new("no log entry", line);
    let mut next = || fields.next().ok_or_else(fail);
    let bytes = |hex: &str| HEXLOWER.decode(hex.as_bytes()).map_err(|_| fail());
    Ok(match next()? {
        "request" => Entry::Request {
            lines: fields.map(escape::decode_text).collect(),
        },
        "frame" => Entry::Frame(FrameRecord {
            fin: next()? == "1",
            rsv: value("no bits", next()?)?,
            opcode: value("no opcode", next()?)?,
            mask: match next()? {
                "-" => None,
                key => Some(bytes(key)?.try_into().map_err(|_| fail())?),
            },
            len: value("no length", next()?)?,
            body: match next()?.split_once(':') {
                Some(("hex", content)) => Body::Bytes(bytes(content)?),
                Some(("sha1", content)) => Body::Sha1(content.to_owned()),
                _ => return Err(fail()),
            },
        }),
        "socks5" => Entry::Socks5(escape::decode_text(next()?)),
        "eof" => Entry::Eof,
        "reset" => Entry::Reset,
        "timeout" => Entry::Timeout,
        "error" => Entry::Error(escape::decode_text(next()?)),
        "rest" => Entry::Rest {
            len: value("no length", next()?)?,
            head: bytes(next()?)?,
        },
        "bytes" => Entry::Bytes {
            total: value("no length", next()?)?,
        },
        "ended" => Entry::Ended,
        _ => return Err(fail()),
    })
}
