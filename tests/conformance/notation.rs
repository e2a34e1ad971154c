//! How cases write down events and what the server saw.

use qwebsocket::{Challenge, Event, Message};
use support::{Body, Entry, FrameRecord, opcode};

/// An event. States have no parentheses, signals do.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::StateChanged(state) => format!("{state:?}"),
        Event::Connected => "Connected()".to_owned(),
        Event::AboutToClose => "AboutToClose()".to_owned(),
        Event::Disconnected => "Disconnected()".to_owned(),
        Event::ReadFinished => "ReadFinished()".to_owned(),
        Event::Message(Message::Text(message)) => text(message),
        Event::Message(Message::Binary(message)) => binary(message),
        Event::Frame(frame) => {
            let kind = if frame.is_text() { "Text" } else { "Binary" };
            let payload = payload(frame.is_text(), frame.payload());
            let rest = if frame.is_last() { "last" } else { "more" };
            format!("{kind}Frame({payload}, {rest})")
        }
        Event::Pong {
            elapsed, payload, ..
        } => {
            let payload = String::from_utf8_lossy(payload);
            let elapsed = elapsed.map_or("None", |_| "Some");
            format!("Pong({payload}, {elapsed})")
        }
        Event::Authenticate(decision) => {
            format!("Authenticate({})", challenge(decision.question()))
        }
        Event::ProxyAuthenticate(decision) => {
            format!("ProxyAuthenticate({})", challenge(decision.question()))
        }
        Event::PeerVerifyError(error) => format!("PeerVerifyError({:?})", error.kind()),
        Event::TlsErrors(decision) => {
            let errors = decision.question().errors().iter();
            let kinds: Vec<_> = errors.map(|error| format!("{:?}", error.kind())).collect();
            format!("TlsErrors({})", kinds.join(", "))
        }
        Event::HandshakeInterrupted(decision) => {
            format!("HandshakeInterrupted({:?})", decision.question().kind())
        }
        Event::AlertSent(alert) => format!("AlertSent({:?}, {:?})", alert.level(), alert.kind()),
        Event::AlertReceived(alert) => {
            format!("AlertReceived({:?}, {:?})", alert.level(), alert.kind())
        }
        Event::Error(error) => format!("Error({:?})", error.kind()),
        other => format!("{other:?}"),
    }
}

/// A challenge: its scheme, its realm, and what was tried.
fn challenge(challenge: &Challenge) -> String {
    let mut text = format!("{:?}, {}", challenge.scheme(), challenge.realm());
    if let Some(tried) = challenge.tried() {
        text += &format!(", not {}:{}", tried.user(), tried.password());
    }
    text
}

/// A text message or frame.
pub(crate) fn text(text: &str) -> String {
    format!("Text({})", payload(true, text.as_bytes()))
}

/// A binary message or frame.
pub(crate) fn binary(data: &[u8]) -> String {
    format!("Binary({})", payload(false, data))
}

/// A payload of a text or of something else.
pub(crate) fn payload(is_text: bool, bytes: &[u8]) -> String {
    body(is_text, bytes.len() as u64, &Body::of(bytes))
}

/// What the server saw besides requests and its own bookkeeping.
pub(crate) fn entry(entry: &Entry) -> Option<String> {
    Some(match entry {
        Entry::Frame(record) => frame(record),
        Entry::Socks5(message) => format!("Socks5({message})"),
        Entry::Eof => "eof".to_owned(),
        Entry::Reset => "reset".to_owned(),
        Entry::Timeout => "timeout".to_owned(),
        Entry::Error(message) => format!("error({message})"),
        Entry::Rest { len, .. } => format!("rest({len})"),
        Entry::Request { .. } | Entry::Bytes { .. } | Entry::Ended => return None,
    })
}

/// A client's frame: always masked, without reserved bits and final, or it says so.
fn frame(frame: &FrameRecord) -> String {
    let kind = match frame.opcode {
        opcode::CONTINUATION => "Continuation",
        opcode::TEXT => "Text",
        opcode::BINARY => "Binary",
        opcode::CLOSE => "Close",
        opcode::PING => "Ping",
        opcode::PONG => "Pong",
        other => return format!("opcode {other}"),
    };
    let payload = match (frame.close_code(), frame.close_reason()) {
        (Some(code), Some("")) => code.to_string(),
        (Some(code), Some(reason)) => format!("{code}, {reason}"),
        _ => body(frame.opcode != opcode::BINARY, frame.len, &frame.body),
    };
    let more = if frame.fin { "" } else { ", more" };
    let mut text = format!("{kind}({payload}{more})");
    if frame.mask.is_none() {
        text.insert_str(0, "unmasked ");
    }
    if frame.rsv != 0 {
        text.insert_str(0, "reserved ");
    }
    text
}

fn body(is_text: bool, len: u64, body: &Body) -> String {
    match (body, body.text()) {
        (_, Some(text)) if is_text => text.to_owned(),
        (Body::Bytes(bytes), _) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        (Body::Sha1(digest), _) => format!("{len} bytes, {digest}"),
    }
}
